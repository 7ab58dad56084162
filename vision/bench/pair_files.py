"""Files of pairs: ours, and the layout of the public set.

Ours is a CSV with the columns path_a, path_b, same (1 or 0) and fold; paths are relative to its folder. The public one
begins with a line of how many folds and how many pairs of a kind there are ("10 300"), and then has a line for each
pair, each fold's same people before its different ones: ``name n m``, or ``name n other m``, where ``name n`` is
the photograph ``name/name_000n.jpg``. Columns may be parted by tabs, commas or spaces.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, islice
from pathlib import Path

FOLDS = 10
_COLUMNS = ("path_a", "path_b", "same", "fold")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".JPG")
_PROBED = 10  # pairs by whose names the folder of all is found: somebody may be missing
_SEARCHED = 5_000  # folders, at most


class PairFileError(ValueError):
    """The file holds no pairs that can be read; the sentence names the line and what is expected."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photographs, and whether they show one person."""

    left: Path
    right: Path
    same: bool
    fold: int


def pairs_in(file: Path, *places: Path) -> tuple[list[Pair], str]:
    """Read the pairs of a file.

    Args:
        file: In either layout.
        places: Folders in which the first photographs are looked for, one after the other, and one or two levels below
            where the layout is the public one; the folder of the file where none is named.

    Returns:
        The pairs, and a sentence where something about the folds is not as usual, else an empty one.

    Raises:
        PairFileError: It is missing, empty, no text, or a line is something else.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise PairFileError(f"{file} cannot be read: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise PairFileError(f"{file} is no text") from problem
    if _COLUMNS[0] in text.partition("\n")[0]:
        return _of_ours(file, text, places or (file.parent,))
    return _of_public(file, text, places or (file.parent,))


def _of_ours(file: Path, text: str, places: Sequence[Path]) -> tuple[list[Pair], str]:
    rows = csv.DictReader(io.StringIO(text))
    if not {*_COLUMNS} <= {*(rows.fieldnames or ())}:
        raise PairFileError(f"{file} lacks one of the columns {', '.join(_COLUMNS)}")
    pairs = []
    for row in rows:
        try:
            same = {"1": True, "0": False}[row["same"].strip()]
            pairs.append(Pair(Path(row["path_a"].strip()), Path(row["path_b"].strip()), same, int(row["fold"])))
        except (KeyError, ValueError, TypeError, AttributeError) as problem:
            raise PairFileError(
                f"{file}, line {rows.line_num}: two paths, 1 or 0, and the number of the fold are expected"
            ) from problem
    firsts = [path for pair in pairs[:_PROBED] for path in (pair.left, pair.right)]
    base = next((place for place in places if any((place / path).is_file() for path in firsts)), places[0])
    pairs = [replace(pair, left=base / pair.left, right=base / pair.right) for pair in _some(file, pairs)]
    folds = {same: {pair.fold for pair in pairs if pair.same is same} for same in (True, False)}
    if min(map(len, folds.values())) > 1:
        return pairs, ""
    return _dealt(pairs, "a threshold needs pairs of either kind in other folds")


def _of_public(file: Path, text: str, places: Sequence[Path]) -> tuple[list[Pair], str]:
    heading: list[int] = []
    named: list[tuple[_Named, _Named]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        cells = [cell for cell in re.split(r"\t|,", line) if cell.strip()]
        cells = [cell.strip() for cell in (cells if len(cells) > 1 else line.split())]
        match cells:
            case []:
                continue
            case [name, one, other] if one.isdecimal() and other.isdecimal():
                named.append(((name, int(one)), (name, int(other))))
            case [name, one, other_name, other] if one.isdecimal() and other.isdecimal():
                named.append(((name, int(one)), (other_name, int(other))))
            case _ if number == 1:
                heading = [int(cell) for cell in cells if cell.isdecimal()]
            case _:
                raise PairFileError(
                    f"{file}, line {number}: expected `name n m`, or `name n other m`, or a CSV with the columns "
                    f"{', '.join(_COLUMNS)}"
                )
    base = _folder_of({name for pair in named[:_PROBED] for name, _ in pair}, places)
    pairs = [Pair(_photo(base, one), _photo(base, other), one[0] == other[0], 0) for one, other in named]
    return _folded(_some(file, pairs), heading)


_Named = tuple[str, int]


def _folded(pairs: Sequence[Pair], heading: Sequence[int]) -> tuple[list[Pair], str]:
    """Number the folds: each begins where a pair of one person follows a pair of two."""
    begins = [place == 0 or (pair.same and not pairs[place - 1].same) for place, pair in enumerate(pairs)]
    folds = list(accumulate(begins))
    said = heading[0] if len(heading) > 1 else folds[-1]
    if folds[-1] == said > 1:
        return [replace(pair, fold=fold) for pair, fold in zip(pairs, folds, strict=True)], ""
    one = "the file has one fold"
    return _dealt(pairs, one if folds[-1] == said else f"the heading says {said} folds, the lines make {folds[-1]}")


def _dealt(pairs: Sequence[Pair], why: str) -> tuple[list[Pair], str]:
    met = {True: 0, False: 0}
    dealt = []
    for pair in pairs:
        dealt.append(replace(pair, fold=met[pair.same] % FOLDS + 1))
        met[pair.same] += 1
    return dealt, f"{why}: the pairs are dealt into {FOLDS}, so that a person may be in several"


def _photo(folder: Path, named: _Named) -> Path:
    name, number = named
    place = folder / name / f"{name}_{number:04d}"
    there = (path for suffix in _SUFFIXES if (path := place.with_name(place.name + suffix)).is_file())
    return next(there, place.with_name(place.name + _SUFFIXES[0]))


def _folder_of(names: set[str], places: Sequence[Path]) -> Path:
    """Return the folder with folders of these names: one of these places, or one or two levels below."""

    def searched(place: Path) -> Iterator[Path]:
        yield place
        yield from sorted(place.glob("*/"))
        yield from sorted(place.glob("*/*/"))

    folders = chain.from_iterable(islice(searched(place), _SEARCHED) for place in places)
    return next((folder for folder in folders if any((folder / name).is_dir() for name in names)), places[0])


def _some(file: Path, pairs: list[Pair]) -> list[Pair]:
    if not any(pair.same for pair in pairs) or all(pair.same for pair in pairs):
        raise PairFileError(f"{file} holds {len(pairs)} pairs: some of one person and some of two are needed")
    return pairs
