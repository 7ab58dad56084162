"""Run all checks, fastest first, and stop at the first that fails: `python scripts/check.py [--proof]`."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PACKAGES = ["checkout", "vision", "models", "server", "kiosk", "tests", "scripts"]

Step = tuple[str, list[str]]

CHROMIUM = "pages and the main job in Chromium"
PAGES = ["tests/web", "tests/e2e"]
CHECKS: list[Step] = [
    ("formatting", [str(BIN / "ruff"), "format", "--check", "."]),
    ("linters", [str(BIN / "ruff"), "check", "."]),
    ("arrows between packages", [str(BIN / "lint-imports")]),
    ("types", [str(BIN / "mypy")]),
    (
        "checkout: tests and full branch coverage",
        [
            str(BIN / "pytest"),
            "-q",
            "--numprocesses=2",
            "tests/checkout",
            "--cov=checkout",
            "--cov-branch",
            "--cov-report=term:skip-covered",
        ],
    ),
    ("doctests", [str(BIN / "pytest"), "-q", "--doctest-modules", "checkout"]),
    (
        "server, kiosk, sight, models: tests on two cores",
        [
            str(BIN / "pytest"),
            "-q",
            "--numprocesses=2",
            "--dist=loadscope",
            # The longest files first, so that neither core ends alone with one of them.
            *(f"tests/{area}" for area in ("vision", "server", "kiosk", "models")),
        ],
    ),
    # Two browsers, each with its own shop; they wait for what they expect, not for so long.
    (CHROMIUM, [str(BIN / "pytest"), "-q", *PAGES, "--numprocesses=2", "--dist=loadfile"]),
]
# Compiled code is kept between the many processes that the tests begin, whatever the tester's own setting.
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(ROOT / "var" / "pycache")}
PROOF: list[Step] = [("slow proofs", [str(BIN / "pytest"), "-q", "-s", "tests/proof"])]


def main(arguments: list[str]) -> int:
    """Run the steps and return the first exit code that is not zero."""
    began = time.monotonic()
    for name, command in PROOF if "--proof" in arguments else CHECKS:
        print(f"\033[1m==>\033[0m {name}", flush=True)
        since = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=False).returncode
        if code and name == CHROMIUM:
            # A browser that shares two cores may miss a beat. What fails twice, the second time alone, is broken.
            print("    once more, only what failed:", flush=True)
            code = subprocess.run(
                [str(BIN / "pytest"), "-q", *PAGES, "--last-failed"], cwd=ROOT, env=ENVIRONMENT, check=False
            ).returncode
        print(f"    {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - since:.1f} s", flush=True)
        if code:
            return code
    print(f"\033[1m==>\033[0m all passed in {time.monotonic() - began:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
