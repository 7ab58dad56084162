"""Look at each thing a kiosk stands on, with its real adapter, and say what to do about what is wrong."""

import shutil
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import cv2
import httpx
import numpy as np

from kiosk.adapters.devices.address import AddressUnknownError
from kiosk.adapters.devices.lamp import open_lamp
from kiosk.adapters.devices.printer import printer_opener
from kiosk.adapters.devices.scale import ScaleBusyError, scale_opener
from kiosk.adapters.devices.scanners import scanner_opener
from kiosk.ports import SlipRow
from kiosk.settings import Settings
from kiosk.setup.report import Finding, Verdict
from models import ModelError, Store
from models.install import Outcome, verify
from vision.capture import open_camera
from vision.errors import CameraLostError, SourceUnknownError
from vision.frame import Frame

CAMERA_SECONDS: Final = 5.0
FRAMES: Final = 10
LEAST_WIDTH_PX: Final = 1280  # a 30 cm wide scan window then has 4 px a millimetre: 3 px a bar of a shrunk EAN-13
DARK, BRIGHT = 50.0, 205.0  # mean grey level; outside it, faces and bars lose their edges
BLURRED: Final = 20.0  # variance of the second derivative over the whole picture; an empty wall has less, so: look
WHAT_STOPS_IT: Final = {
    "paper_out": ("no paper", "Put a roll in."),
    "cover_open": ("its cover is open", "Shut it until it clicks."),
    "stopped": ("it has stopped", "Press its feed button, look for a jam at the cutter, then switch it off and on."),
}
CLOCK_SECONDS: Final = 30
LEAST_FREE_BYTES: Final = 1 << 30
ANSWER_SECONDS: Final = 5.0

Check = Callable[[Settings], Finding]


def check_server(settings: Settings) -> Sequence[Finding]:
    """Ask the store whether it is there, and compare this machine's clock with its own: approvals live for seconds."""
    unknown = Finding("clock", Verdict.LOOK, "the store told no time", "Check it again once the store answers.")
    try:
        response = httpx.get(f"{settings.server_url}/health", timeout=ANSWER_SECONDS)
    except httpx.HTTPError as problem:
        fix = "See that the address is right, that the server runs, and that this machine has a network."
        return Finding("server", Verdict.MEND, f"{settings.server_url}: {type(problem).__name__}", fix), unknown
    date = response.headers.get("Date")
    clock = unknown if date is None else _clock(parsedate_to_datetime(date))
    if not response.is_success:
        fix = "Look at the server's own log."
        return Finding("server", Verdict.MEND, f"it answers {response.status_code}", fix), clock
    milliseconds = round(response.elapsed.total_seconds() * 1000)
    found = f"{settings.server_url} answers in {milliseconds} ms"
    return Finding("server", Verdict.RIGHT, found), clock


def _clock(theirs: datetime) -> Finding:
    seconds = round(abs(datetime.now(UTC) - theirs).total_seconds())
    found = f"{seconds} s apart from the store's"
    if seconds > CLOCK_SECONDS:
        return Finding("clock", Verdict.MEND, found, "Switch the time service on: timedatectl set-ntp true")
    return Finding("clock", Verdict.RIGHT, found)


def check_pairing(settings: Settings) -> Finding:
    """Look for this kiosk's own key, and at who may read it."""
    path = settings.identity_file
    if not path.is_file():
        fix = "Ask a manager for a code (staff page, Kiosks), then: python -m kiosk setup --code CODE"
        return Finding("pairing", Verdict.MEND, "this kiosk has no key yet", fix)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding("pairing", Verdict.MEND, f"others may read {path.name}", f"chmod 600 {path}")
    return Finding("pairing", Verdict.RIGHT, f"its key is in {path.name}, for this user alone")


def check_weights(settings: Settings) -> Finding:
    """Verify every file of weights against its checksum."""
    if settings.face_camera == "none":
        return Finding("weights", Verdict.NONE, "no face camera, none needed")
    try:
        reports = verify(Store(settings.models_dir))
    except ModelError as problem:
        return Finding("weights", Verdict.MEND, str(problem), "python -m models install")
    refused = [str(report.model_id) for report in reports if report.outcome is Outcome.REFUSED]
    if refused:
        return Finding("weights", Verdict.MEND, f"not right: {', '.join(refused)}", "python -m models install")
    return Finding("weights", Verdict.RIGHT, f"{len(reports)} files, each with its checksum")


def check_disk(settings: Settings) -> Finding:
    """Look at the room for what must survive a power cut."""
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.var_dir).free
    found = f"{free / (1 << 30):.1f} GiB free"
    if free < LEAST_FREE_BYTES:
        return Finding(
            "disk", Verdict.MEND, found, "Make room: below 1 GiB the kiosk may not keep what it must not lose."
        )
    return Finding("disk", Verdict.RIGHT, found)


def check_scan_camera(settings: Settings) -> Finding:
    """Look through the camera of the items."""
    return _camera("item camera", settings.scan_camera)


def check_face_camera(settings: Settings) -> Finding:
    """Look through the camera of the faces."""
    if settings.face_camera == "same":
        return Finding("face camera", Verdict.NONE, "the item camera serves both")
    return _camera("face camera", settings.face_camera)


def _camera(what: str, setting: str) -> Finding:
    if setting in {"browser", "none"}:
        return Finding(what, Verdict.NONE, {"browser": "the page lends its own", "none": "there is none"}[setting])
    frames = _frames(setting)
    if not frames:
        fix = "Is its plug in? Is this user in the group video? Is another program using it? v4l2-ctl --list-devices"
        return Finding(what, Verdict.MEND, f"{setting}: no picture within {CAMERA_SECONDS:.0f} s", fix)
    return judged(what, frames)


def _frames(setting: str) -> list[Frame]:
    camera = open_camera(setting)
    until = time.monotonic() + CAMERA_SECONDS
    frames: list[Frame] = []
    try:
        while len(frames) < FRAMES and time.monotonic() < until:
            try:
                frame = camera.read()
            except CameraLostError:
                continue
            if frame is not None:
                frames.append(frame)
    finally:
        camera.close()
    return frames


def judged(what: str, frames: list[Frame]) -> Finding:
    """Judge a camera by its pictures: size, light, sharpness.

    Args:
        what: The camera's name in the report.
        frames: At least one.
    """
    grey = [cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY) for frame in frames]
    light = float(np.mean([picture.mean() for picture in grey]))
    sharp = float(np.max([cv2.Laplacian(picture, cv2.CV_32F).var() for picture in grey]))
    newest = frames[-1]
    found = f"{newest.width_px} x {newest.height_px}, light {light:.0f} of 255, sharpness {sharp:.0f}"
    if light < DARK:
        return Finding(what, Verdict.MEND, found, "It is too dark: light the place, or take the cap off the lens.")
    if light > BRIGHT:
        return Finding(what, Verdict.MEND, found, "It is too bright: turn it away from the window or the lamp.")
    if newest.width_px < LEAST_WIDTH_PX:
        return Finding(what, Verdict.LOOK, found, f"Bars read better with {LEAST_WIDTH_PX} px across.")
    if sharp < BLURRED:
        return Finding(
            what, Verdict.LOOK, found, "Hold something with print before it, and set the focus or wipe the lens."
        )
    return Finding(what, Verdict.RIGHT, found)


def check_scanner(settings: Settings) -> Finding:
    """Open the hand scanner."""
    try:
        opener = scanner_opener(settings.scanner)
        if opener is None:
            return Finding("scanner", Verdict.NONE, "none is set; one that types into the page needs no setting")
        opener().close()
    except OSError as problem:
        fix = "Is its plug in? Is this user in the groups dialout and input? ls /dev/serial/by-id /dev/input/by-id"
        return Finding("scanner", Verdict.MEND, str(problem), fix)
    return Finding("scanner", Verdict.RIGHT, settings.scanner)


def check_scale(settings: Settings) -> Finding:
    """Ask the scale for a weight."""
    try:
        opener = scale_opener(settings.scale)
        if opener is None:
            return Finding("scale", Verdict.NONE, "none is set; what is sold by weight goes to the counter")
        scale = opener()
        try:
            grams = scale.grams()
        finally:
            scale.close()
    except ScaleBusyError as busy:
        return Finding("scale", Verdict.LOOK, f"it says {busy.reason}", "Clear the pan and look again.")
    except OSError as problem:
        fix = "Is it switched on, set to the protocol 8217, and its framing (framing=7E1 or 8N1) that of the setting?"
        return Finding("scale", Verdict.MEND, str(problem), fix)
    if grams:
        return Finding(
            "scale", Verdict.LOOK, f"{grams} g", "Nothing should lie on it now: clear it, or set it to zero."
        )
    return Finding("scale", Verdict.RIGHT, "0 g")


def check_printer(settings: Settings) -> Finding:
    """Ask the printer for paper, and print one line where there is some."""
    try:
        opener = printer_opener(settings.printer)
        if opener is None:
            return Finding("printer", Verdict.NONE, "none is set; receipts are codes on the screen")
        printer = opener()
        try:
            state = printer.state()
            if state not in WHAT_STOPS_IT:
                printer.print((SlipRow("Sésame", align="center", bold=True), SlipRow("é à ç €", "0,00 €")))
        finally:
            printer.close()
    except OSError as problem:
        fix = "Is it switched on, its lid closed, its address right? Print its own self-test: it shows the address."
        return Finding("printer", Verdict.MEND, str(problem), fix)
    if state in WHAT_STOPS_IT:
        return Finding("printer", Verdict.MEND, *WHAT_STOPS_IT[state])
    if state == "paper_low":
        return Finding("printer", Verdict.LOOK, "little paper left", "Have a roll ready.")
    return Finding("printer", Verdict.RIGHT, "a test line was printed: look whether its accents and the € are right")


def check_lamp(settings: Settings) -> Finding:
    """Light the lamp and put it out."""
    try:
        lamp = open_lamp(settings.lamp)
        if lamp is None:
            return Finding("lamp", Verdict.NONE, "none is set")
        lamp.show(waiting=True)
        time.sleep(0.5)  # long enough for whoever stands beside it to see
        lamp.close()
    except AddressUnknownError:
        raise  # a matter of the setting, as for every device
    except (OSError, ValueError) as problem:
        return Finding(
            "lamp", Verdict.MEND, str(problem), "ls /sys/class/leds shows the names; may this user write there?"
        )
    return Finding("lamp", Verdict.RIGHT, "it was lit for half a second")


def check_page(settings: Settings, page: Path) -> Finding:
    """Look whether the page is built and a browser is here to show it."""
    if not (page / "index.html").is_file():
        return Finding("page", Verdict.MEND, "the page is not built", "python scripts/webbuild.py")
    browser = find_browser()
    if browser is None:
        return Finding("page", Verdict.MEND, "there is no browser", "apt-get install chromium")
    return Finding("page", Verdict.RIGHT, f"{browser} will show it on port {settings.port}")


def find_browser() -> str | None:
    """Return the path of Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


_CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("pairing", check_pairing),
    ("weights", check_weights),
    ("disk", check_disk),
    ("item camera", check_scan_camera),
    ("face camera", check_face_camera),
    ("scanner", check_scanner),
    ("scale", check_scale),
    ("printer", check_printer),
    ("lamp", check_lamp),
)


def check_all(settings: Settings) -> Iterator[Finding]:
    """Look at one thing after the other; a setting that names nothing there is is a finding like any other."""
    yield from check_server(settings)
    for what, check in _CHECKS:
        try:
            yield check(settings)
        except (AddressUnknownError, SourceUnknownError) as problem:
            yield Finding(what, Verdict.MEND, str(problem), "Mend the setting.")
