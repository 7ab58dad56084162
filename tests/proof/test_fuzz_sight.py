"""The decoders' front under fire. ``SESAME_FUZZ_SECONDS`` makes it longer; each run draws another seed."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_crashes_when_bent_pictures_and_broken_files_are_shown(tmp_path: Path) -> None:
    seconds = float(os.environ.get("SESAME_FUZZ_SECONDS", "20"))
    seed = str(secrets.randbits(32))
    program = [sys.executable, str(ROOT / "tests/proof/fuzz_sight.py"), str(seconds), seed, str(tmp_path)]

    # A process of its own: an engine in C that crashes must end it, and not the tests.
    ended = subprocess.run(program, capture_output=True, text=True, check=False, timeout=seconds * 3 + 120)

    print(ended.stdout)  # noqa: T201 - the figures are the point
    assert ended.returncode == 0, f"seed and case {(tmp_path / 'case').read_text()}: {ended.stderr[-2000:]}"
    assert f"seed {seed}" in ended.stdout
