"""A real server process on a loopback port."""

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

from tests.conftest import ROOT

START_SECONDS = 60
"""A start takes two seconds on a quiet machine; a busy one may need many more."""


class Server:
    """One real server process."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        self._log = (folder / "server.log").open("ab")
        environment = {**os.environ, "SESAME_SERVER_VAR_DIR": str(folder), "SESAME_SERVER_DATABASE_URL": url}
        command = [sys.executable, "-m", "server", "run", "--port", str(port)]
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self._log, stderr=self._log)
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                httpx.get(f"{self.base}/health", timeout=5)
            except httpx.TransportError:
                threading.Event().wait(0.05)
            else:
                return
        pytest.fail("the server did not start")

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._log.close()
