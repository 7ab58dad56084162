"""A primary and a standby of PostgreSQL on this machine, and the ways in which the primary dies."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.server.postgres import LOOPBACK, Programs, free_port, installed_postgres

STANDBY = "b"
STOPPED = "T"
"""What the kernel says of a process that a signal has stopped."""
WAIT_SECONDS = 30.0


@dataclass
class Pair:
    """Two servers; `url` names both and leads to the one that takes writes."""

    home: Path
    programs: Programs
    primary_port: int
    standby_port: int

    @property
    def url(self) -> str:
        """Both hosts, as a server of the store is given them."""
        hosts = f"host=127.0.0.1:{self.primary_port}&host=127.0.0.1:{self.standby_port}"
        return f"postgresql+psycopg://sesame@/postgres?{hosts}&target_session_attrs=read-write"

    def freeze_sender(self) -> None:
        """Stop what carries the log to the standby: from here on only a synchronous commit is safe.

        It has stopped when this returns: a signal that is on its way stops nothing yet.
        """
        senders = [pid for pid in self._processes() if b"walsender" in _words_of(pid)]
        assert len(senders) == 1, f"{len(senders)} processes carry the log"
        os.kill(senders[0], signal.SIGSTOP)
        until = time.monotonic() + WAIT_SECONDS
        while _fact_of(senders[0], 0) != STOPPED:
            assert time.monotonic() < until, "what carries the log does not stop"
            time.sleep(0.001)

    def kill_primary(self) -> None:
        """Kill every process of the primary, as when its machine is lost."""
        for pid in self._processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def promote(self) -> None:
        """Let the standby take over."""
        self.programs.run("pg_ctl", "-D", str(self.home / "standby"), "-w", "promote")

    def _processes(self) -> list[int]:
        """Return the postmaster of the primary and its children, the postmaster first: it starts no others then."""
        postmaster = int((self.home / "primary" / "postmaster.pid").read_text("ascii").split("\n", 1)[0])
        children = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [postmaster, *(pid for pid in children if _parent_of(pid) == postmaster)]


@contextmanager
def running_pair(*, is_synchronous: bool) -> Iterator[Pair]:
    """Start a primary, copy it, start the copy as its standby, and wait until it follows."""
    with installed_postgres() as (home, programs):
        pair = Pair(home, programs, free_port(), free_port())
        primary, standby = home / "primary", home / "standby"
        programs.init(primary)
        common = f"{LOOPBACK} -c wal_level=replica -c max_connections=40"
        names = f"-c synchronous_standby_names='ANY 1 ({STANDBY})'" if is_synchronous else ""
        _start(programs, primary, f"-p {pair.primary_port} {common}")
        try:
            to = f"host=127.0.0.1 port={pair.primary_port} user=sesame application_name={STANDBY}"
            programs.run("pg_basebackup", "-d", to, "-D", str(standby), "-R", "-C", "-S", STANDBY, "--checkpoint=fast")
            programs.run("pg_ctl", "-D", str(primary), "-w", "-m", "fast", "stop")
            _start(programs, primary, f"-p {pair.primary_port} {common} {names}")
            _start(programs, standby, f"-p {pair.standby_port} {common}")
            _wait_for(pair.primary_port, "quorum" if is_synchronous else "async")
            yield pair
        finally:
            for data in (standby, primary):
                with suppress(Exception):  # the one that was killed is stopped already
                    programs.run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")


def _start(programs: Programs, data: Path, settings: str) -> None:
    programs.run("pg_ctl", "-D", str(data), "-w", "-l", str(data / "log"), "-o", settings, "start")


def _wait_for(port: int, state: str) -> None:
    engine = create_engine(f"postgresql+psycopg://sesame@127.0.0.1:{port}/postgres")
    until = time.monotonic() + WAIT_SECONDS
    found: list[str] = []
    while time.monotonic() < until and found != [state]:
        with engine.connect() as connection:
            found = list(connection.execute(text("SELECT sync_state FROM pg_stat_replication")).scalars())
    engine.dispose()
    assert found == [state], found


def _words_of(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _parent_of(pid: int) -> int | None:
    found = _fact_of(pid, 1)
    return None if found is None else int(found)


def _fact_of(pid: int, place: int) -> str | None:
    """Return what the kernel says of a process, after its name: 0 is its state, 1 its parent."""
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rsplit(")", 1)[1].split()[place]
    return None
