"""Fixtures that every folder of tests shares."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real photographs and products, which is never part of the project."""
    folder = Path(os.environ.get("SESAME_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(
            f"no shared data at {folder.name}/: set SESAME_SHARED_DATA to the folder that holds barcodes/ and faces/"
        )
    return folder
