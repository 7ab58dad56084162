"""``python -m kiosk run``: start this kiosk. Settings come from the environment (``SESAME_KIOSK_...``)."""

import argparse
import logging
import sys

import uvicorn
from pydantic import ValidationError

from kiosk.app import assemble
from kiosk.settings import Settings
from vision.errors import SourceUnknownError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m kiosk", description="One Sésame kiosk.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start the kiosk and its page")
    run.add_argument("--host", help="address to listen on (default: this machine only)")
    run.add_argument("--port", type=int, help="port of the page (default: 8810)")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request would drown the rest
    overrides = {name: value for name in ("host", "port") if (value := getattr(chosen, name)) is not None}
    try:
        settings = Settings(**overrides)
        kiosk = assemble(settings)
    except ValidationError as problem:
        for one in problem.errors():
            print(f"SESAME_KIOSK_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}", file=sys.stderr)
        return 2
    except FileNotFoundError as problem:
        hint = "Pair this kiosk first: python -m server pair-kiosk NAME --out FILE, then set SESAME_KIOSK_TOKEN_FILE."
        print(f"There is no token file {problem.filename}. {hint}", file=sys.stderr)
        return 2
    except SourceUnknownError as problem:
        print(str(problem), file=sys.stderr)
        return 2
    print(f"The kiosk's page: http://{settings.host}:{settings.port}", flush=True)
    uvicorn.run(
        kiosk.app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        ws="websockets-sansio",
        timeout_graceful_shutdown=2,  # streams of events would otherwise hold the end up
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
