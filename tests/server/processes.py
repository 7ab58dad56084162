"""A real server process on a loopback port."""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from server.__main__ import main
from tests.conftest import ROOT

START_SECONDS = 180
"""A start takes two seconds on a quiet machine; a busy one may need many more."""


class Server:
    """One real server process, started from nothing."""

    def __init__(self, url: str, folder: Path, *, processes: int = 1) -> None:
        self.port = _free_port()
        self._processes = processes
        self.base = f"http://127.0.0.1:{self.port}"
        self._log = folder / "server.log"
        self._start(url, folder)
        self._wait()

    def _start(self, url: str, folder: Path) -> None:
        environment = {**os.environ, "SESAME_SERVER_VAR_DIR": str(folder), "SESAME_SERVER_DATABASE_URL": url}
        command = [sys.executable, "-m", "server", "run", "--port", str(self.port)]
        command += ["--processes", str(self._processes)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def _lives(self) -> bool:
        return self._process.poll() is None

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._lives():
            try:
                # Refused until the port is open; then it waits, as a busy machine may need long for an answer.
                httpx.get(f"{self.base}/health", timeout=START_SECONDS)
            except httpx.TransportError:
                threading.Event().wait(0.02)
            else:
                return
        why = f"it did not answer within {START_SECONDS} s" if self._lives() else "it ended by itself"
        self.kill()
        pytest.fail(f"the server did not start: {why}\n{self._log.read_text('utf-8', 'replace')[-2000:]}")

    @property
    def pid(self) -> int:
        """The process, or the one that keeps the others."""
        return self._process.pid

    @property
    def pids(self) -> list[int]:
        """The process and those that it has started."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return [self.pid, *(int(child) for task in tasks for child in (task / "children").read_text().split())]

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Let it finish what it has begun."""
        self._process.terminate()
        self._process.wait(START_SECONDS)


class ForkedServer(Server):
    """One real server process, forked from one that has read all modules: the same program, started sooner."""

    def _start(self, url: str, folder: Path) -> None:
        fork = multiprocessing.get_context("forkserver")
        fork.set_forkserver_preload([__name__])
        self._child = fork.Process(target=serve, args=(self.port, url, str(folder), str(self._log)), daemon=True)
        self._child.start()

    def _lives(self) -> bool:
        return self._child.is_alive()

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._child.kill()
        self._child.join()


def serve(port: int, url: str, folder: str, log: str) -> None:
    """Serve in a process of its own until it is killed; what it says goes to the log."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.environ["SESAME_SERVER_VAR_DIR"] = folder
    main(["run", "--port", str(port), "--database", url])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
