"""``python -m kiosk run|setup|pair|gate``: start this kiosk; set it up; pair it with a store; be a gate.

Settings come from the file after ``--config`` and from ``SESAME_KIOSK_...``, which goes before it.
"""

import argparse
import logging
import sys
from pathlib import Path

import uvicorn
from pydantic import ValidationError

from kiosk.adapters.devices.address import AddressUnknownError
from kiosk.adapters.http_shop import open_client
from kiosk.adapters.pairing import IdentityFileError, PairingError, read_identity
from kiosk.adapters.sign_in import SignIn
from kiosk.adapters.spent_passes import SpentPasses
from kiosk.app import assemble, now
from kiosk.gate import Gate, KeysMissingError, serve, store_keys
from kiosk.settings import ConfigFileError, Settings, read_settings
from kiosk.setup import command
from vision.errors import SourceUnknownError

_TOLD = (
    AddressUnknownError,
    ConfigFileError,
    IdentityFileError,
    KeysMissingError,
    PairingError,
    SourceUnknownError,
)
"""Errors whose words name the way out."""
_CHOSEN = ("host", "port", "server_url")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request would drown the rest
    overrides = {name: value for name in _CHOSEN if (value := getattr(chosen, name, None)) is not None}
    try:
        settings = read_settings(chosen.config, **overrides)
        match chosen.command:
            case "pair":
                kind = "gate" if chosen.gate else "kiosk"
                name = command.join(settings, chosen.code, kind=kind)
                print(f"This machine is paired with {settings.server_url} as {name}.")
                return 0
            case "setup":
                return command.setup(settings, chosen)
            case "gate":
                return _gate(settings)
            case _:
                return _run(settings)
    except ValidationError as problem:
        for one in problem.errors():
            where = "_".join(map(str, one["loc"]))
            print(f"{where} (SESAME_KIOSK_{where.upper()}): {one['msg']}", file=sys.stderr)
    except _TOLD as problem:
        print(str(problem), file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kiosk", description="One Sésame kiosk.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start the kiosk and its page")
    run.add_argument("--host", help="address to listen on (default: this machine only)")
    run.add_argument("--port", type=int, help="port of the page (default: 8810)")
    join = commands.add_parser("pair", help="make this kiosk's key and let a store take it")
    join.add_argument("--gate", action="store_true", help="this machine is a gate, not a kiosk")
    join.add_argument("code", help="the code that a manager was shown, such as 7KQ2-9DXM")
    setup = commands.add_parser("setup", help="pair, check every device, and write what starts the kiosk")
    command.add_arguments(setup)
    gate = commands.add_parser("gate", help="be a gate: open for each exit code that a scanner types, once")
    for one in (run, join, setup, gate):
        one.add_argument("--config", type=Path, help="a file of settings, as setup --write makes it")
    return parser


def _run(settings: Settings) -> int:
    kiosk = assemble(settings)
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


def _gate(settings: Settings) -> int:
    """Open for each code until the scanner is taken away."""
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    with open_client(settings.server_url, SignIn(read_identity(settings.identity_file))) as client:
        keys = store_keys(client, settings.var_dir / "exit-keys.json")
        spent = SpentPasses(settings.var_dir / "spent.sqlite")
        serve(Gate(client, keys, spent, now), sys.stdin, lambda text: print(text, flush=True))
        spent.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
