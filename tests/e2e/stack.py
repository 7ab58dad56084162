"""A whole shop for a test: the real store server and the real kiosk as processes, with folders for cameras."""

import atexit
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.e2e.cut import Wire

ROOT = Path(__file__).resolve().parent.parent.parent
READY_WITHIN_SECONDS = 60.0
COMPILED = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(ROOT / "var" / "pycache")}
"""Compiled code is kept between starts, as an installed shop keeps it, whatever the tester's own setting."""


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get_json(url: str) -> Any:
    """Return what `url` answers."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own loopback address
        return json.load(answer)


@dataclass
class Service:
    """One of the project's processes, which a test may kill and start again."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    url: str
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        with self.log.open("ab") as opened:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=opened,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        since = time.monotonic()
        while time.monotonic() - since < READY_WITHIN_SECONDS:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                get_json(f"{self.url}/health")
                return
            time.sleep(0.05)
        end = "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])
        raise AssertionError(f"{self.name} did not come up:\n{end}")

    def kill(self) -> None:
        """End it without a word, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def ask_to_end(self) -> None:
        """Ask it to end, and do not wait for it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        self.ask_to_end()
        if self.process is None:
            return
        try:
            self.process.wait(8)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass
class Camera:
    """A folder that the kiosk takes for a camera."""

    folder: Path
    shown: int = field(default=0)

    def show(self, picture: Path) -> None:
        """Hold one picture before the camera, and nothing else."""
        self.clear()
        self.shown += 1
        # Written beside and moved in: the camera never sees half a picture.
        target = self.folder / f"{self.shown:04d}{picture.suffix}"
        waiting = self.folder.parent / f"waiting-{target.name}"
        shutil.copyfile(picture, waiting)
        waiting.rename(target)

    def clear(self) -> None:
        """Take everything away from the camera."""
        for old in self.folder.iterdir():
            old.unlink()


@dataclass
class Stack:
    """The running shop."""

    server: Service
    kiosk: Service
    scan: Camera
    face: Camera
    logins_file: Path
    wire: Wire | None = None
    photographs: list[Path] = field(default_factory=list)
    """Of one face, as many as joining takes; where there are any."""

    @property
    def logins(self) -> dict[str, str]:
        """The passwords of the staff, by name."""
        return dict(row.split()[-2:] for row in self.logins_file.read_text().splitlines())

    def command(self, *arguments: str) -> None:
        """Run one of the project's commands for this shop."""
        environment = self.server.environment
        subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, env=environment, check=True, capture_output=True)

    def stop(self) -> None:
        """Stop both processes."""
        self.kiosk.ask_to_end()
        self.server.ask_to_end()
        self.kiosk.stop()
        self.server.stop()
        if self.wire is not None:
            self.wire.close()

    def screen(self) -> Any:
        """Return what the kiosk shows, as its page gets it."""
        return get_json(f"{self.kiosk.url}/screen")

    def verify(self) -> str:
        """Run the ledger's own verification and return its words."""
        done = subprocess.run(
            [sys.executable, "-m", "server", "verify"],
            cwd=ROOT,
            env=self.server.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


def open_shop(folder: Path, *, wired: bool = False, **kiosk_settings: str) -> Stack:
    """Lay a stocked store and its paired kiosk into `folder`, start both, and return them; `wired`: a wire to cut."""
    shutil.copytree(stocked(), folder, dirs_exist_ok=True)
    stack = _stack(folder, wired=wired, **kiosk_settings)
    if wired:
        rules = folder / "rules.json"
        rules.write_text('{"offline": {"person_day_minor": 100000, "kiosk_day_minor": 1000000}}')
        stack.command("server", "store-rules", str(rules))  # one shopper pays for everything that a test cuts off
    stack.server.start()
    stack.kiosk.start()
    return stack


@cache
def stocked() -> Path:
    """Return a stocked store with a kiosk paired with it, by their own commands; every shop begins as a copy.

    It is made once for all processes of a run. Whoever uses it holds a lock on it, and the last to end removes it.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone-{os.getpid()}")
    folder = Path(tempfile.gettempdir()) / f"sesame-stocked-{run}"
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        used = (folder / "used").open("wb")
        try:
            fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(used, fcntl.LOCK_SH)  # waits for whoever stocks it, and not for whoever uses it
        if os.fstat(used.fileno()).st_nlink:
            break
        used.close()  # the last to use it removed it while we waited
    if not (folder / "done").exists():
        _stock(folder / "shop")
        (folder / "done").touch()
    fcntl.flock(used, fcntl.LOCK_SH)

    def leave() -> None:
        with used, contextlib.suppress(BlockingIOError):
            fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder.rename(f"{folder}-over"))  # moved first: nobody finds half of it

    atexit.register(leave)
    return folder / "shop"


def _stock(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    stack = _stack(folder)
    stack.command("server", "demo-data")
    code = folder / "pairing-code"
    stack.command("server", "pair-kiosk", "Kiosk 1", "--out", str(code))
    stack.server.start()
    stack.command("kiosk", "pair", code.read_text().strip())
    stack.server.stop()


def _stack(folder: Path, *, wired: bool = False, **kiosk_settings: str) -> Stack:
    server_port, kiosk_port = free_port(), free_port()
    scan, face = folder / "scan", folder / "face"
    for each in (scan, face, folder / "kiosk"):
        each.mkdir(exist_ok=True)
    wire = Wire(server_port) if wired else None
    environment = {
        **os.environ,
        **COMPILED,
        "SESAME_SERVER_DATABASE_URL": f"sqlite:///{folder / 'store.db'}",
        "SESAME_SERVER_VAR_DIR": str(folder / "server"),
        "SESAME_SERVER_PORT": str(server_port),
        "SESAME_SERVER_STAFF_SECOND_FACTOR": "offered",
        "SESAME_KIOSK_SERVER_URL": f"http://127.0.0.1:{wire.port if wire is not None else server_port}",
        "SESAME_KIOSK_IDENTITY_FILE": str(folder / "kiosk" / "identity.json"),
        "SESAME_KIOSK_VAR_DIR": str(folder / "kiosk"),
        "SESAME_KIOSK_PORT": str(kiosk_port),
        "SESAME_KIOSK_SCAN_CAMERA": f"folder:{scan}",
        "SESAME_KIOSK_FACE_CAMERA": f"folder:{face}",
        "SESAME_KIOSK_LOCALE": "en",
        "SESAME_KIOSK_LIVENESS": "none",  # a photograph cannot turn its head
        **{f"SESAME_KIOSK_{name.upper()}": value for name, value in kiosk_settings.items()},
    }
    server_url, kiosk_url = f"http://127.0.0.1:{server_port}", f"http://127.0.0.1:{kiosk_port}"
    server = Service("server", ["server", "run"], environment, server_url, folder / "server.log")
    kiosk = Service("kiosk", ["kiosk", "run"], environment, kiosk_url, folder / "kiosk.log")
    return Stack(server, kiosk, Camera(scan), Camera(face), folder / "server" / "demo-logins.txt", wire)
