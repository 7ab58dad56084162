"""The pure parts of the pages, run by node."""

import subprocess

import pytest

from scripts.webbuild import ROOT, build, npm_command

pytestmark = pytest.mark.e2e


def test_pure_parts_of_the_pages_hold_when_node_runs_them() -> None:
    build()
    npm, environment = npm_command()

    done = subprocess.run([*npm, "test"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout or "fail 0" in done.stdout
