"""``python -m kiosk run|pair``: start this kiosk; pair it with a store. Settings come from ``SESAME_KIOSK_...``."""

import argparse
import logging
import sys

import uvicorn
from pydantic import ValidationError

from kiosk.adapters.pairing import IdentityFileError, PairingError, pair
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
    join = commands.add_parser("pair", help="make this kiosk's key and let a store take it")
    join.add_argument("code", help="the code that a manager was shown, such as 7KQ2-9DXM")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request would drown the rest
    overrides = {name: value for name in ("host", "port") if (value := getattr(chosen, name, None)) is not None}
    try:
        settings = Settings(**overrides)
        if chosen.command == "pair":
            name = pair(settings.server_url, chosen.code, settings.identity_file)
            print(f"This kiosk is paired with {settings.server_url} as {name}.")
            return 0
        kiosk = assemble(settings)
    except ValidationError as problem:
        for one in problem.errors():
            print(f"SESAME_KIOSK_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}", file=sys.stderr)
        return 2
    except (SourceUnknownError, IdentityFileError, PairingError) as problem:
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
