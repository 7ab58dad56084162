"""Start a stocked demo store and one kiosk, say where they are, and stop both cleanly on Ctrl-C.

Everything the demo keeps lies in `var/`; remove that folder to begin again. Settings of the server and the kiosk can be
given as for any other start (`SESAME_SERVER_...`, `SESAME_KIOSK_...`); without a camera on the machine the kiosk page
lends the browser's own.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
READY_WITHIN_SECONDS = 60.0
STOP_WITHIN_SECONDS = 8.0


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)


def free(port: int) -> int:
    """Return `port`, or the next one that nobody listens on."""
    for candidate in range(port, port + 50):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", candidate))
            return candidate
    raise SystemExit(f"no free port from {port} on")


def run(*arguments: str, environment: dict[str, str]) -> None:
    """Run one of the project's commands to its end; what it did is announced once all runs, its faults at once."""
    subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until `url` answers, or say why it never will."""
    since = time.monotonic()
    while time.monotonic() - since < READY_WITHIN_SECONDS:
        if process.poll() is not None:
            raise SystemExit(f"it stopped with code {process.returncode}; the end of {log}:\n{tail(log)}")
        with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback address
            return
        time.sleep(0.1)
    raise SystemExit(f"no answer from {url} in {READY_WITHIN_SECONDS:.0f} s; the end of {log}:\n{tail(log)}")


def tail(log: Path, lines: int = 25) -> str:
    """Return the last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def start(name: str, *arguments: str, environment: dict[str, str]) -> tuple[subprocess.Popen[bytes], Path]:
    """Start one of the project's services with its output in `var/<name>.log`."""
    log = VAR / f"{name}.log"
    with log.open("wb") as opened:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=opened,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return process, log


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask each to end, kiosk first, and insist after a while."""
    for process in reversed(processes):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def settings_for(server_port: int, kiosk_port: int) -> dict[str, str]:
    """Return the environment of both processes; what the caller has set wins."""
    return {
        "SESAME_SERVER_DATABASE_URL": f"sqlite:///{VAR / 'server' / 'store.db'}",
        "SESAME_SERVER_VAR_DIR": str(VAR / "server"),
        "SESAME_SERVER_PORT": str(server_port),
        "SESAME_SERVER_STAFF_SECOND_FACTOR": "offered",  # its passwords are on the screen anyway
        "SESAME_KIOSK_SERVER_URL": f"http://127.0.0.1:{server_port}",
        "SESAME_KIOSK_IDENTITY_FILE": str(VAR / "kiosk" / "identity.json"),
        "SESAME_KIOSK_VAR_DIR": str(VAR / "kiosk"),
        "SESAME_KIOSK_PORT": str(kiosk_port),
        "SESAME_KIOSK_SCAN_CAMERA": "device:0" if Path("/dev/video0").exists() else "browser",
        "SESAME_KIOSK_FACE_CAMERA": "same",
    } | os.environ


def prepare(environment: dict[str, str]) -> None:
    """Stock the store."""
    say("==> Stocking the demo store (products from Open Food Facts, ODbL; the prices are made up and say so)")
    run("server", "demo-data", environment=environment)


def pair(environment: dict[str, str]) -> None:
    """Let the running store take the kiosk's key, where that has not been done."""
    if Path(environment["SESAME_KIOSK_IDENTITY_FILE"]).exists():
        return
    code = VAR / "server" / "pairing-code.txt"
    say("==> Pairing the kiosk with the store")
    run("server", "pair-kiosk", "Kiosk 1", "--out", str(code), environment=environment)
    run("kiosk", "pair", code.read_text().strip(), environment=environment)
    code.unlink()


def announce(server_url: str, kiosk_url: str, camera: str, seconds: float) -> None:
    """Say what runs, where, and how to look at it."""
    with urllib.request.urlopen(f"{server_url}/health", timeout=5) as answer:  # noqa: S310 - our own loopback address
        products = json.load(answer).get("products", "?")
    say(f"""
Sésame is running: {products} products, started in {seconds:.1f} s.

  Kiosk       {kiosk_url}/            scan, enrol, pay by face, by code or at the desk
  Store       {server_url}/            all pages of the store on one sheet
  Aisle       {server_url}/go          scan with the phone, pay there or at the kiosk
  Shopper     {server_url}/me          wallet, top-up (sandbox money), coupons, pay code
  Staff       {server_url}/staff       live kiosks, age checks, desk payments
  Marketing   {server_url}/marketing   campaigns and their coupons (Marc; Léa for large budgets)
  Sponsor     {server_url}/sponsor     credit for many people from a list
  Merchant    {server_url}/merchant    sales as they happen, and what each day brought
""")
    say("""  Try this
    1. At the kiosk: hold a product before the camera, or type the code 3017620422003.
    2. Check and pay, with phone and PIN, as Lina Durand (below): she has 100.00 of sandbox money.
    3. Or "Pay with my face": join in a minute, then add sandbox money on the Shopper page.
    4. Press Help at the kiosk, and answer on the Staff page as Amal.
  The kiosk's QR codes lead to pages on this machine, which no phone finds by that name: click one to open its page.
""")
    logins = VAR / "server" / "demo-logins.txt"
    if logins.exists():
        say(f"  {'Who':<40} {'Name, number':<14} Password, PIN")
        say("\n".join(f"  {line}" for line in logins.read_text().splitlines()) + "\n")
    say(f"""  Camera: {camera}. Others: SESAME_KIOSK_SCAN_CAMERA and SESAME_KIOSK_FACE_CAMERA set to device:0,
  file:clip.mp4, stream:rtsp://..., folder:pictures, browser or none. No camera at all? Type a code, or search.

Ctrl-C stops both.""")


def serve(processes: list[subprocess.Popen[bytes]]) -> None:
    """Start both services and stay until one of them stops."""
    began = time.monotonic()
    server_port, kiosk_port = free(8800), free(8810)
    server_url, kiosk_url = f"http://127.0.0.1:{server_port}", f"http://127.0.0.1:{kiosk_port}"
    environment = settings_for(server_port, kiosk_port)
    prepare(environment)
    say("==> Starting the store server and the kiosk")
    server, server_log = start("server", "server", "run", environment=environment)
    processes.append(server)
    wait_for(f"{server_url}/health", server, server_log)
    pair(environment)
    kiosk, kiosk_log = start("kiosk", "kiosk", "run", environment=environment)
    processes.append(kiosk)
    wait_for(f"{kiosk_url}/health", kiosk, kiosk_log)
    announce(server_url, kiosk_url, environment["SESAME_KIOSK_SCAN_CAMERA"], time.monotonic() - began)
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(f"{kiosk_url}/")
    while all(process.poll() is None for process in processes):
        time.sleep(0.5)
    say(f"One of the two has stopped by itself:\n{tail(server_log if server.poll() is not None else kiosk_log)}")


def interrupted(_number: int, _frame: FrameType | None) -> None:
    """Treat any request to end like Ctrl-C."""
    raise KeyboardInterrupt


def main() -> int:
    """Run the demo until Ctrl-C; return 1 where a service stopped by itself."""
    VAR.mkdir(exist_ok=True)
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # SIGINT, too: a shell that starts us in the background has it ignored
        signal.signal(number, interrupted)
    processes: list[subprocess.Popen[bytes]] = []
    code = 1
    try:
        serve(processes)
    except KeyboardInterrupt:
        code = 0
    finally:
        say("\n==> Stopping")
        stop(processes)
    say("Stopped. What the demo stored is kept in var/ for the next start.")
    return code


if __name__ == "__main__":
    sys.exit(main())
