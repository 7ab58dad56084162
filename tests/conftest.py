"""Fixtures that every folder of tests shares."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.examples import register_profiles

ROOT = Path(__file__).resolve().parent.parent

register_profiles()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real photographs and products, which is never part of the project."""
    folder = Path(os.environ.get("SESAME_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(
            f"no shared data at {folder.name}/: set SESAME_SHARED_DATA to the folder that holds barcodes/ and faces/"
        )
    return folder


CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def start_chromium() -> Iterator[Callable[..., Browser]]:
    """Return a way to start Debian's Chromium, with more arguments if wanted. One driver serves all tests of a run."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("no chromium: apt-get install chromium (make test does it)")
    expect.set_options(timeout=15_000)  # a loaded machine is slow, not wrong
    with sync_playwright() as playwright:

        def start(*arguments: str) -> Browser:
            return playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_ARGUMENTS, *arguments])

        yield start
