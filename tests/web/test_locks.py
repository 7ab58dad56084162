"""What the lock files say: what is installed, and from no host in particular."""

import json
from pathlib import Path

import pytest

from scripts.strip_lock import stripped

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = [*sorted((ROOT / "requirements").glob("*.lock")), ROOT / "package-lock.json"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_host_is_named_when_dependencies_are_locked(lock: Path) -> None:
    assert "://" not in lock.read_text("utf-8")


def test_only_what_is_said_of_funding_goes_when_a_lock_is_stripped() -> None:
    kept = {"version": "1.0.0", "license": "MIT"}
    told = {"lockfileVersion": 3, "packages": {"node_modules/a": kept | {"funding": {"url": "there"}}}}

    assert json.loads(stripped(json.dumps(told))) == told | {"packages": {"node_modules/a": kept}}
