"""``python -m kiosk setup``: pair, check, report, and write the files that start the kiosk with the machine."""

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kiosk.adapters.pairing import PairingError, pair
from kiosk.offline.catalogue import CatalogueFile
from kiosk.settings import Settings
from kiosk.setup import files
from kiosk.setup.checks import check_all, check_page, find_browser
from kiosk.setup.pairing_code import code_before
from kiosk.setup.report import Finding, Verdict, told
from vision.errors import SourceUnknownError

PAGE: Final = Path(__file__).parent.parent / "ui" / "web" / "dist"
ROOT: Final = Path(__file__).parent.parent.parent
CODE_SECONDS: Final = 60.0


def join(settings: Settings, code: str, *, kind: str = "kiosk") -> str:
    """Pair this machine, take the store's key anew at the next contact, and return the name that it has there.

    Raises:
        PairingError: See `pair`; what was known of the store before stays.
        IdentityFileError: Likewise.
    """
    name = pair(settings.server_url, code, settings.identity_file, kind=kind)
    CatalogueFile(settings.var_dir).forget()
    return name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what setup understands."""
    parser.add_argument("--server-url", help="where the store is, such as http://store.example:8800")
    code = parser.add_mutually_exclusive_group()
    code.add_argument("--code", help="the pairing code that a manager was shown, such as 7KQ2-9DXM")
    code.add_argument("--scan", action="store_true", help="read the pairing code with the item camera")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write settings, service and launcher there")
    parser.add_argument("--force", action="store_true", help="write over what is there")


def setup(settings: Settings, asked: argparse.Namespace, say: Callable[[str], None] = print) -> int:
    """Do what was asked; return 0 where the kiosk can work, 1 where something is to be mended, 2 where it was misused.

    Args:
        settings: As they are now.
        asked: See `add_arguments`.
        say: Takes each text for the person who sets up.
    """
    code = asked.code
    if asked.scan:
        say(f"Hold the code before the item camera ({CODE_SECONDS:.0f} s) ...")
        try:
            code = code_before(settings.scan_camera, seconds=CODE_SECONDS)
        except SourceUnknownError as problem:
            print(str(problem), file=sys.stderr)
            return 2
        if code is None:
            print("No pairing code was seen. Hold it nearer, or type it: --code CODE", file=sys.stderr)
            return 1
    if code is not None:
        try:
            say(f"Paired with {settings.server_url} as {join(settings, code)}.")
        except PairingError as problem:
            print(str(problem), file=sys.stderr)
            return 1
    findings: list[Finding] = [*check_all(settings), check_page(settings, PAGE)]
    say(told(findings))
    if asked.write is not None:
        try:
            written = files.write(asked.write.resolve(), texts(settings, asked.write.resolve()), force=asked.force)
        except (files.FileThereError, OSError) as problem:
            print(str(problem), file=sys.stderr)
            return 2
        say("\n".join(f"written {path}" for path in written))
        say(next_steps(asked.write.resolve()))
    return 1 if any(finding.verdict is Verdict.MEND for finding in findings) else 0


def texts(settings: Settings, folder: Path) -> dict[str, str]:
    """Return the files by name."""
    browser = find_browser() or "/usr/bin/chromium"
    return {
        files.CONFIG: files.config_text(settings),
        files.SERVICE: files.service_text(
            python=Path(sys.executable),
            root=ROOT,
            config=folder / files.CONFIG,
            user=getpass.getuser(),
            settings=settings,
        ),
        files.LAUNCHER: files.launcher_text(browser=browser, settings=settings),
        files.AUTOSTART: files.autostart_text(folder / files.LAUNCHER),
    }


def next_steps(folder: Path) -> str:
    """Return what is left to do by hand, as root."""
    return f"""\
To start the kiosk with the machine, as root:
  install -m 644 {folder / files.SERVICE} /etc/systemd/system/ && systemctl enable --now sesame-kiosk
To show its page with the session of the screen:
  install -m 644 {folder / files.AUTOSTART} /etc/xdg/autostart/"""
