"""What every program of ``vision.bench`` prints, draws and reads: tables, a progress bar, one plot, the photographs."""

import argparse
import importlib
import os
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from matplotlib.figure import Figure

T = TypeVar("T")

_SUFFIXES = frozenset({".png", ".svg"})
_BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def a_parser(subject: str, told: str | None) -> argparse.ArgumentParser:
    """Return a parser with ``--plot``; ``told`` is the docstring of the program, of which the first line is shown."""
    description = (told or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog=f"python -m vision.bench {subject}", description=description)
    parser.add_argument("--plot", type=plot_path, metavar="FILE", help="also draw the table: FILE.png or FILE.svg")
    return parser


def plot_path(text: str) -> Path:
    """Return where the plot goes; found out before anything is measured.

    Raises:
        argparse.ArgumentTypeError: It is neither PNG nor SVG, its folder is missing, or matplotlib is.
    """
    path = Path(text)
    if path.suffix.lower() not in _SUFFIXES:
        raise argparse.ArgumentTypeError(f"{path.name} ends neither in .png nor in .svg")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.parent}: make it first")
    if find_spec("matplotlib") is None:
        raise argparse.ArgumentTypeError("drawing needs matplotlib: pip install matplotlib, or leave --plot away")
    return path


def new_figure(width_inches: float = 9, height_inches: float = 5) -> "Figure":
    """Return an empty figure, which ``savefig`` writes as its file's name says."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - for developers; most runs draw nothing

    return Figure(figsize=(width_inches, height_inches), layout="constrained")


def progress(items: Sequence[T], words: str) -> Iterable[T]:
    """Yield the items behind a progress bar, or plainly where tqdm is not installed."""
    if find_spec("tqdm") is None:
        return items
    bar: Iterable[T] = importlib.import_module("tqdm").tqdm(items, desc=words, leave=False)
    return bar


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of text: the first column to the left, figures to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]

    def shown(line: Sequence[str]) -> str:
        first, *others = zip(line, widths, strict=True)
        return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]).rstrip()

    return "\n".join([shown(lines[0]), "  ".join("-" * width for width in widths), *map(shown, lines[1:])])


def data_folder(kind: str) -> Path:
    """Return the folder of photographs: below ``SESAME_SHARED_DATA``, or beside the project as the tests find it."""
    return Path(os.environ.get("SESAME_SHARED_DATA", _BESIDE)) / kind


def existing_folder(text: str) -> Path:
    """Return the folder that an argument names.

    Raises:
        argparse.ArgumentTypeError: There is none.
    """
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path}: name the folder of photographs")
    return path
