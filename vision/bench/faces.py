"""How surely and how fast a face is known, beside face_recognition in the same run.

Parts: *speed* (one look to a decision), *pairs* (same or not, in folds), *open-set* (who of many, and strangers),
*enrolled* (three captures, as at a kiosk), *look-alikes*, *protection* (templates turned by a store's secret). LFW's
own page warns that no figure of it proves fitness for commercial use: a shop must measure its own.
"""

import os
import sqlite3
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before NumPy comes: one thread, as at a kiosk

import cv2  # noqa: E402 - see above
import numpy as np  # noqa: E402 - see above

from models import DEFAULT_FOLDER, ModelError, Store  # noqa: E402 - see above
from vision.bench.ahead import paint_ahead  # noqa: E402 - see above
from vision.bench.enrolled import print_enrolled  # noqa: E402 - see above
from vision.bench.kept import DEFAULT_FILE  # noqa: E402 - see above
from vision.bench.look_alikes import print_look_alikes  # noqa: E402 - see above
from vision.bench.look_speed import look_to_decision  # noqa: E402 - see above
from vision.bench.many import print_who_of_many  # noqa: E402 - see above
from vision.bench.pair_files import Pair, PairFileError, pairs_in  # noqa: E402 - see above
from vision.bench.pairs import print_pairs  # noqa: E402 - see above
from vision.bench.paper import a_parser, data_folder, existing_folder  # noqa: E402 - see above
from vision.bench.portraits import Painter  # noqa: E402 - see above
from vision.frame import Image  # noqa: E402 - see above

PARTS = ("speed", "pairs", "open-set", "enrolled", "look-alikes", "protection")
NOTHING = "none"


def run(arguments: Sequence[str]) -> None:
    """Print a table for each part; draw the DET curves and the scores of the pairs if asked."""
    parser = a_parser("faces", __doc__)
    parser.add_argument("folder", type=existing_folder, nargs="?", default=data_folder("faces"), help="%(default)s")
    parser.add_argument(
        "--part",
        choices=PARTS,
        action="append",
        help="only these; may be repeated; all by default, with --pairs: pairs",
    )
    parser.add_argument(
        "--pairs", type=Path, metavar="FILE", help="other pairs: a CSV of path_a,path_b,same,fold, or LFW's pairs.txt"
    )
    parser.add_argument("--pictures", type=existing_folder, metavar="FOLDER", help="where their photographs are")
    parser.add_argument("--sample", type=int, metavar="N", help="at most N pairs of either kind")
    parser.add_argument("--no-second", action="store_true", help="leave the second model out: a fifth of the time")
    parser.add_argument("--models", type=Path, default=DEFAULT_FOLDER, help="weights; default: %(default)s")
    parser.add_argument(
        "--kept",
        default=str(DEFAULT_FILE),
        metavar="FILE",
        help="earlier vectors; default: %(default)s; none: keep none",
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes that look at pairs; default: 1")
    chosen = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    parts = chosen.part or (("pairs",) if chosen.pairs else PARTS)
    _check(parser, chosen, parts)
    try:
        file = chosen.pairs or chosen.folder / "lfw_dev" / "pairs.csv"
        pairs, note = pairs_in(file, *([chosen.pictures] if chosen.pictures else [file.parent, chosen.folder]))
        kept = None if chosen.kept == NOTHING else Path(chosen.kept)
        painter = Painter(store := Store(chosen.models), with_second=not chosen.no_second, kept=kept)
    except PairFileError as problem:
        parser.error(f"{problem}. Name a file of pairs with --pairs.")
    except (OSError, sqlite3.Error) as problem:
        parser.error(f"--kept {chosen.kept}: {problem}. Name another file, or none.")
    if note:
        print(note)
    if chosen.sample:
        pairs = [one for kind in (True, False) for one in _spread([p for p in pairs if p.same is kind], chosen.sample)]
    if chosen.jobs > 1 and kept is not None:
        paths = [path for pair in pairs for path in (pair.left, pair.right)]
        paint_ahead(paths, chosen.models, kept, with_second=not chosen.no_second, jobs=chosen.jobs)
    try:
        _print(parts, pairs, painter, store, chosen.folder, chosen.plot)
    except ModelError as problem:
        parser.error(str(problem))
    except FileNotFoundError as problem:
        parser.error(f"{problem.filename} is not there: name the folder of photographs, or other parts with --part")


def _check(parser: ArgumentParser, chosen: Namespace, parts: Sequence[str]) -> None:
    if chosen.plot and "pairs" not in parts:
        parser.error("--plot draws the part pairs, which is not among those chosen")
    if chosen.sample is not None and chosen.sample < 1:
        parser.error("--sample: one pair or more of either kind")
    if chosen.jobs < 1 or (chosen.jobs > 1 and chosen.kept == NOTHING):
        parser.error("--jobs: 1 or more, and several need a file of --kept to write to")


def _print(
    parts: Sequence[str], pairs: Sequence[Pair], painter: Painter, store: Store, folder: Path, plot: Path | None
) -> None:
    if "speed" in parts:
        print(look_to_decision(a_look(pairs[0].left), store), end="\n\n", flush=True)
    if "pairs" in parts:
        print_pairs(pairs, painter, plot)
    if {"open-set", "protection"} & set(parts):
        print_who_of_many(folder / "lfw_dev", painter, open_set="open-set" in parts, protection="protection" in parts)
    if "enrolled" in parts:
        print_enrolled(folder, painter)
    if "look-alikes" in parts:
        print_look_alikes(folder / "lfw_dev", painter)


def _spread(pairs: Sequence[Pair], count: int) -> Sequence[Pair]:
    return pairs[:: max(len(pairs) // count, 1)][:count]


def a_look(path: Path) -> Image:
    """Return a photograph as a kiosk's camera sees somebody near: 640x480, the face 220 px high.

    Raises:
        FileNotFoundError: There is no such photograph.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR) if path.is_file() else None
    if image is None:
        raise FileNotFoundError(2, "no photograph", str(path))
    frame = np.full((480, 640, 3), 120, dtype=np.uint8)
    frame[:, 80:560] = cv2.resize(image, (480, 480))
    return frame
