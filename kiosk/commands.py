"""``python -m kiosk run|setup|pair|gate|new-face-key``: start this kiosk; set it up; pair it; ...

Settings come from the file after ``--config`` and from ``SESAME_KIOSK_...``, which goes before it.
"""

import argparse
import logging
import sys
from pathlib import Path

import uvicorn
from pydantic import ValidationError

from kiosk import trace
from kiosk.adapters.devices.address import AddressUnknownError
from kiosk.adapters.face_keys import FaceKeys
from kiosk.adapters.http_shop import open_client
from kiosk.adapters.pairing import IdentityFileError, PairingError, read_identity
from kiosk.adapters.sign_in import SignIn
from kiosk.adapters.spent_passes import SpentPasses
from kiosk.app import assemble, now
from kiosk.gate import Gate, KeysMissingError, serve, store_keys
from kiosk.new_face_key import change_key
from kiosk.ports import ShopRefusedError, ShopUnreachableError
from kiosk.settings import ConfigFileError, Settings, read_settings
from kiosk.setup import command
from vision.errors import KeyFileError, SourceUnknownError

_TOLD = (
    AddressUnknownError,
    ConfigFileError,
    IdentityFileError,
    KeyFileError,
    KeysMissingError,
    PairingError,
    SourceUnknownError,
)
"""Errors whose words name the way out."""
_WAYS_OUT = {
    "face_key_not_allowed": "Nobody has allowed this. A manager or the privacy officer does, for an hour, at this "
    "kiosk's tile of the store's page /staff; or, at the store, python -m server allow-face-key KIOSK.",
    "face_key_unknown": "This kiosk has another key than the faces of the store. Run it on one that knows them.",
    "face_key_incomplete": "People went on joining meanwhile. Nothing has changed: ask again in a minute.",
    "face_key_changed": "Another change came in between. Ask again.",
}
"""Refusals of a change of key, by code."""
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
            case "new-face-key":
                return _new_face_key(settings)
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
    change = commands.add_parser("new-face-key", help="keep all faces of the store under a new key, in one step")
    for one in (run, join, setup, gate, change):
        one.add_argument("--config", type=Path, help="a file of settings, as setup --write makes it")
    return parser


def _run(settings: Settings) -> int:
    if settings.trace:
        trace.begin()
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


def _new_face_key(settings: Settings) -> int:
    """Change the key that all faces of the store are kept under; say what happened."""
    device = read_identity(settings.identity_file)
    if not settings.store_key_file.exists():
        print(f"There is no key in {settings.store_key_file}: run this on a kiosk that knows faces.", file=sys.stderr)
        return 2
    with open_client(settings.server_url, SignIn(device)) as client:
        try:
            done = change_key(
                client, FaceKeys(settings.store_key_file, device, client), lambda text: print(f"  {text}")
            )
        except ShopRefusedError as refusal:
            print(_WAYS_OUT.get(refusal.code, f"The store said no: {refusal.code}."), file=sys.stderr)
            return 1
        except ShopUnreachableError as problem:
            print(f"The store does not answer ({problem}). Ask again: all has changed, or nothing.", file=sys.stderr)
            return 1
    print(
        f"{done.references} faces are kept under the key {done.key_id[:8]} now, which {len(done.kiosks)} kiosks fetch."
    )
    if done.unopened:
        print(f"{done.unopened} did not open before either; their owners have to join again.")
    return 0
