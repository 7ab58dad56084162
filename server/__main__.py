"""The store server's commands: run, demo-data, pair-*, revoke, import-*, store-rules, export, verify."""

import argparse
import gc
import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import mkstemp

import uvicorn
from fastapi import FastAPI

from checkout.errors import MalformedRuleError
from server import backup_command, idle_command, promotions_command, rules_command
from server.api.detached import StoreProtocol
from server.app import create_app
from server.crew_command import add_arguments as add_people
from server.crew_command import add_staff
from server.db.database import Database
from server.db.schema import upgrade
from server.demo.people import SHOPPER_PHONE, people_the_demo
from server.demo.stock import STORE, stock
from server.flows.archive import EVERYTHING, archive, check_archive
from server.flows.close_day import faults_of
from server.flows.close_period import period_faults
from server.flows.devices import invite, revoke
from server.flows.errors import FlowError
from server.flows.face_keys import allow
from server.flows.people import People
from server.flows.phone import PhoneBook
from server.flows.ports import Report, Work
from server.flows.shop import open_shop
from server.idle_command import run_idle
from server.import_command import add_arguments, run_import
from server.keys import load_pepper
from server.log_by_turn import TurnHandler
from server.promotions_command import run_promotions
from server.rules_command import run_rules
from server.settings import Settings

COMMAND_LINE = "command line"
"""Who acts, in the audit log: whoever may read the key of the store."""
GC_THRESHOLD = (50_000, 20, 50)
"""A batch of sales makes tens of thousands of short-lived values: at Python's 700 a tenth of the time went into looking
for cycles among the thousands of products that stay."""
GRACE_SECONDS = 5
"""How long a stop waits for answers under way; streams of events end at once."""

SILENT_SECONDS = 60
"""How long one of several processes may say nothing before another takes its place: starting takes a while where much
else is done."""


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m server", description=__doc__)
    commands = parser.add_subparsers(required=True)
    _command(commands, "run", run, "serve the store until stopped", "--host", "--port", "--processes")
    _command(commands, "demo-data", demo_data, "fill the store of the demonstration")
    for kind in ("kiosk", "gate"):
        pair = _command(commands, f"pair-{kind}", pair_device, f"make a code that lets one {kind} in")
        pair.add_argument("name", help="what people call it, such as 'Kiosk 1'")
        pair.add_argument("--out", type=Path, help="a file for the code, readable by you alone, instead of the screen")
        pair.set_defaults(kind=kind)
    shut = _command(commands, "revoke", revoke_device, "shut a kiosk or gate out at once")
    shut.add_argument("device_id", help="its id, such as kiosk-1")
    shut.add_argument("--reason", default="at the command line", help="why, for the audit log")
    let = _command(commands, "allow-face-key", allow_face_key, "let one kiosk change the key of all faces, for an hour")
    let.add_argument("device_id", help="its id, such as kiosk-1; there: python -m kiosk new-face-key")
    let.add_argument("--reason", default="at the command line", help="why, for the audit log")
    add_arguments(_command(commands, "import-catalogue", run_import, "bring goods in from a file of another system"))
    offers = _command(commands, "import-promotions", run_promotions, "replace the offers of the shop by a file's")
    promotions_command.add_arguments(offers)
    idle_command.add_arguments(_command(commands, "idle-accounts", run_idle, "count or close what nobody uses"))
    rules_command.add_arguments(_command(commands, "store-rules", run_rules, "show or set code layouts, cap, purses"))
    add_people(_command(commands, "add-staff", add_staff, "let somebody work here; the first admin comes in so"))
    backup_command.add_commands(partial(_command, commands))
    check = _command(
        commands,
        "verify",
        verify,
        "check the books: sums, chain, numbers, closings, each ticket priced again",
    )
    check.add_argument("--file", type=Path, help="check an archive instead, without any database")
    export = _command(commands, "export", export_archive, "write all books into an archive that anybody can check")
    export.add_argument("--month", help="a closed month such as 2026-10, instead of everything")
    export.add_argument("--out", type=Path, required=True, help="the file to write, one JSON text a line")
    asked = parser.parse_args(arguments)
    changed = {
        name: value
        for name, value in (
            ("host", getattr(asked, "host", None)),
            ("port", getattr(asked, "port", None)),
            ("processes", getattr(asked, "processes", None)),
            ("database_url", asked.database),
        )
        if value is not None
    }
    settings = Settings(**changed)
    try:
        code: int = asked.act(settings, asked)
    except FlowError as error:  # of whichever command: the database is another's for too long
        print(error, file=sys.stderr)
        return 1
    return code


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    act: Callable[[Settings, argparse.Namespace], int],
    words: str,
    *options: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=words, description=words)
    for option in options:
        parser.add_argument(option, type=str if option == "--host" else int)
    parser.add_argument("--database", help="sqlite:///file or postgresql+psycopg://...")
    parser.set_defaults(act=act)
    return parser


def run(settings: Settings, _asked: argparse.Namespace) -> int:
    """Serve until stopped."""
    database = _open(settings)
    try:
        database.read(lambda work: open_shop(work, settings.store_id))
    except FlowError as error:
        print(f"{error} Fill it first: python -m server demo-data", file=sys.stderr)
        return 1
    except MalformedRuleError as error:
        print(f"{error} Correct it: python -m server import-promotions, or store-rules", file=sys.stderr)
        return 1
    finally:
        database.close()
    served = partial(
        uvicorn.run,
        host=settings.host,
        port=settings.port,
        http=StoreProtocol,
        ws="none",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=SILENT_SECONDS,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )
    if settings.processes == 1:
        served(ready_app(settings))
    else:
        # Each process begins with the environment, which so has what the command line said.
        told = {"SESAME_SERVER_DATABASE_URL": settings.database_url, "SESAME_SERVER_PROCESSES": str(settings.processes)}
        os.environ.update(told)
        served("server.__main__:one_of_several", factory=True, workers=settings.processes)
    return 0


def one_of_several() -> FastAPI:
    """Return the application of one of several processes."""
    return ready_app(Settings())


def ready_app(settings: Settings) -> FastAPI:
    """Return the application in a process that is made ready to serve it."""
    log_requests()
    gc.set_threshold(*GC_THRESHOLD)
    return create_app(settings)


def log_requests() -> None:
    """Write one JSON text for each answer to the standard output, where whoever runs the server collects it."""
    told = logging.getLogger("server.requests")
    told.setLevel(logging.INFO)
    told.propagate = False
    told.addHandler(TurnHandler(sys.stdout))


def demo_data(settings: Settings, _asked: argparse.Namespace) -> int:
    """Fill the store of the demonstration; what is there already stays."""
    database = _open(settings)
    people = People(PhoneBook(STORE.country, load_pepper(settings.var_dir)))
    at = datetime.now(UTC)
    path = settings.var_dir / "demo-logins.txt"
    before = path.read_text().splitlines() if path.exists() else []
    try:
        count, listed = database.write(lambda work: stock(work, at=at))
        told = database.write(lambda work: people_the_demo(work, people, STORE.store_id, at=at))
        kept = database.read(lambda work: [line for line in before if _is_of_somebody(work, line)])
    finally:
        database.close()
    print(f"{count} products")
    if not listed:
        print("products.csv is missing: a few products to try instead", file=sys.stderr)
    logins = [f"{each.who:<40} {each.login:<14} {each.secret}" for each in told]
    if logins:
        # Their only place beside the file, as the database has hashes: said first, should the file not take them.
        print("\n".join(logins))
        anew = {each.login for each in told}
        stay = [line for line in kept if _login_of(line) not in anew]
        write_private(path, "".join(f"{line}\n" for line in (*stay, *logins)))
    return 0


def _is_of_somebody(work: Work, line: str) -> bool:
    login = _login_of(line)
    return login == SHOPPER_PHONE or (login is not None and work.staff.get(login) is not None)


def _login_of(line: str) -> str | None:
    words = line.split()  # who, then login and secret; somebody may have written something else between
    return words[-2] if len(words) > 1 else None


def pair_device(settings: Settings, asked: argparse.Namespace) -> int:
    """Make a code that pairs one device; the device makes its key itself."""
    at, keyed = datetime.now(UTC), PhoneBook(STORE.country, load_pepper(settings.var_dir)).keyed
    database = _open(settings)
    try:
        made = database.write(
            lambda work: invite(work, keyed, asked.name, asked.kind, store_id=settings.store_id, by=COMMAND_LINE, at=at)
        )
    except FlowError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        database.close()
    if asked.out is None:
        print(f"{asked.kind} {made.device_id} is paired with this code, within fifteen minutes: {made.code}")
    else:
        write_private(asked.out, f"{made.code}\n")
        print(f"{asked.kind} {made.device_id} is paired with the code in {asked.out.name}, within fifteen minutes")
    return 0


def revoke_device(settings: Settings, asked: argparse.Namespace) -> int:
    """Shut a device out; a running server knows with the next request."""
    database, at = _open(settings), datetime.now(UTC)
    try:
        database.write(
            lambda work: revoke(
                work, asked.device_id, store_id=settings.store_id, by=COMMAND_LINE, reason=asked.reason, at=at
            )
        )
    except FlowError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        database.close()
    print(f"{asked.device_id} is shut out")
    return 0


def allow_face_key(settings: Settings, asked: argparse.Namespace) -> int:
    """Let one kiosk change the key that faces are kept under."""
    database = _open(settings)
    try:
        at, kiosk_id = datetime.now(UTC), asked.device_id
        until = database.write(
            lambda work: allow(work, kiosk_id, store_id=settings.store_id, by=COMMAND_LINE, reason=asked.reason, at=at)
        )
    except FlowError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        database.close()
    print(f"{kiosk_id} may change the key until {until:%H:%M} UTC. There: python -m kiosk new-face-key")
    return 0


def verify(settings: Settings, asked: argparse.Namespace) -> int:
    """Check the whole ledger and all closings, here or in an archive."""
    if asked.file is not None:
        with asked.file.open(encoding="utf-8") as lines:
            transfers, faults = check_archive(lines)
        return _tell_faults(f"{transfers} transfers in {asked.file.name}", faults)

    def look(work: Work) -> tuple[Report, list[str]]:
        tickets = work.closings.tickets(settings.store_id, after=0, upto=EVERYTHING)
        refunds = work.closings.refunds(settings.store_id, after=0, upto=EVERYTHING)
        days = work.closings.of(settings.store_id)
        months, years = (work.closings.periods(settings.store_id, kind) for kind in ("month", "year"))
        return work.ledger.verify(), faults_of(days, tickets, refunds) + period_faults(days, months, years)

    database = _open(settings)
    try:
        report, faults = database.read(look)
    finally:
        database.close()
    told = _tell_faults(str(report), faults)
    return told if report.holds else 1


def _tell_faults(counted: str, faults: list[str]) -> int:
    print(counted)
    print(
        "\n".join(faults)
        if faults
        else "tickets, refunds and closings: no gap, every total adds up, prices replay to the cent"
    )
    return 1 if faults else 0


def export_archive(settings: Settings, asked: argparse.Namespace) -> int:
    """Write the archive; a half-written one never lies under the name that was asked for."""
    database, at = _open(settings), datetime.now(UTC)
    fresh: Path = asked.out.with_name(f"{asked.out.name}.part")

    def write(work: Work) -> int:
        month = next(
            (each for each in work.closings.periods(settings.store_id, "month") if each.period == asked.month), None
        )
        if asked.month is not None and month is None:
            return 0
        with fresh.open("w", encoding="utf-8") as file:
            return sum(file.write(f"{line}\n") > 0 for line in archive(work, settings.store_id, at=at, period=month))

    try:
        count = database.read(write)
    finally:
        database.close()
    if not count:
        print(f"{asked.month} is not closed: POST /v1/closings/months closes it.", file=sys.stderr)
        return 1
    fresh.replace(asked.out)
    print(f"{count} lines are in {asked.out.name}; check them with: python -m server verify --file {asked.out.name}")
    return 0


def write_private(path: Path, words: str) -> None:
    """Write a file that its owner alone can read, whole or not at all: a power cut leaves the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    with os.fdopen(descriptor, "w") as file:
        file.write(words)
        file.flush()
        os.fsync(descriptor)
    Path(beside).replace(path)


def _open(settings: Settings) -> Database:
    upgrade(settings.database_url)
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    return Database(settings.database_url)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
