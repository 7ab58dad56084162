"""Run all checks and stop at the first step that fails: `python scripts/check.py [--proof]`."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTEST = [str(BIN / "pytest"), "-q"]
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
ROOM_BYTES = 2 << 30

Step = tuple[str, list[list[str]]]
"""What is checked, and the commands that run at the same time."""

CHROMIUM = "pages and the main job in Chromium"
PAGES = ["tests/web", "tests/e2e"]
CHECKS: list[Step] = [
    ("formatting", [[str(BIN / "ruff"), "format", "--check", "."]]),
    ("linters", [[str(BIN / "ruff"), "check", "."]]),
    ("arrows between packages", [[str(BIN / "lint-imports")]]),
    ("doctests", [[*PYTEST, "--doctest-modules", "checkout"]]),
    (
        "types; checkout: tests and full branch coverage",
        [
            [str(BIN / "mypy")],  # keeps one core busy for as long as the others last
            [*PYTEST, "-n2", "tests/checkout", "--cov=checkout", "--cov-branch", "--cov-report=term:skip-covered"],
        ],
    ),
    (
        "server, kiosk, sight, models: tests on two cores",
        # Whoever has nothing left takes half of what the other has: neither core ends alone with a long file.
        [[*PYTEST, "-n2", "--dist=worksteal", "tests/vision", "tests/server", "tests/kiosk", "tests/models"]],
    ),
    # Each with a browser and a shop of its own; one more than cores, as they wait for each other. Long ones come first.
    (CHROMIUM, [[*PYTEST, *PAGES, "-n3", "--dist=loadfile", "--no-loadscope-reorder"]]),
]
PROPERTIES = ["tests/checkout", "tests/kiosk/visit", "tests/kiosk/test_hostile_codes.py", "tests/vision/test_levels.py"]
PROOF: list[Step] = [
    ("properties, with many examples", [[*PYTEST, "-n2", "--hypothesis-profile=proof", *PROPERTIES]]),
    ("slow proofs", [[*PYTEST, "-s", "tests/proof"]]),
]
# Compiled code is kept between the many processes that the tests begin, whatever the tester's own setting.
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(ROOT / "var" / "pycache")}


def main(arguments: list[str]) -> int:
    """Run the steps and return the first exit code that is not zero."""
    began = time.monotonic()
    if "--proof" in arguments:
        return run_all(PROOF, ENVIRONMENT)
    with files_in_memory() as added:
        code = run_all(CHECKS, ENVIRONMENT | added)
    if code == 0:
        say(f"all passed in {time.monotonic() - began:.0f} s")
    return code


def run_all(steps: list[Step], environment: dict[str, str]) -> int:
    """Run the steps one after another until one fails, and return its code."""
    for name, commands in steps:
        say(name)
        since = time.monotonic()
        code = run(commands, environment)
        if code and name == CHROMIUM:
            # A browser that shares two cores may miss a beat. What fails twice, the second time alone, is broken.
            print("    once more, only what failed:", flush=True)
            code = run([[*PYTEST, *PAGES, "--last-failed"]], environment)
        print(f"    {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - since:.1f} s", flush=True)
        if code:
            return code
    return 0


def run(commands: list[list[str]], environment: dict[str, str]) -> int:
    """Run commands at the same time, of which all but the last speak at their end; return the first code but zero."""
    *others, last = commands
    beside = [
        subprocess.Popen(each, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for each in others
    ]
    code = subprocess.run(last, cwd=ROOT, env=environment, check=False).returncode
    for process in beside:
        print(process.communicate()[0], end="", flush=True)
        code = code or process.returncode
    return code


@contextmanager
def files_in_memory() -> Iterator[dict[str, str]]:
    """Have tests keep their files in memory, where there is room: most of their waiting was for disks to sync.

    Yield what the environment says then. Nothing is shown by a disk: what a power cut leaves is proven over one that
    forgets (`tests/proof/test_lose_power.py`).
    """
    if not MEMORY.is_dir() or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="sesame-tests-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        options = f"{os.environ.get('PYTEST_ADDOPTS', '')} --basetemp={folder}/now"
        yield {"PYTEST_ADDOPTS": options.strip()}


def say(words: str) -> None:
    """Say what begins."""
    print(f"\033[1m==>\033[0m {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
