"""How long one probe is searched among many, beside the peers and the time that reading the same bytes once takes.

Templates are random and of unit length: what is measured is time, memory and exactness, not recognition. The bound is
one pass of NumPy's maximum over as many bytes as the form holds; it is measured between the searches.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before NumPy comes: one thread, as at a kiosk

import numpy as np  # noqa: E402 - see above
import numpy.typing as npt  # noqa: E402 - see above
import simsimd  # noqa: E402 - see above

from models import SFACE  # noqa: E402 - see above
from vision.bench.paper import a_parser, new_figure, progress, table  # noqa: E402 - see above
from vision.bench.timing import in_turn  # noqa: E402 - see above
from vision.matching import Form, ReferenceId, Template, TemplateIndex  # noqa: E402 - see above

DIMENSION = 128
SIZES = (10_000, 100_000, 1_000_000)
CHECKED = 50  # probes whose two nearest are compared with those of a plain product

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Row:
    """One search at one size."""

    size: int
    name: str
    best_ms: float
    bound_ms: float
    megabytes: float
    exact: str


def templates(size: int) -> Floats:
    """Return random unit vectors ``(size, 128)``."""
    vectors = np.random.default_rng(0).standard_normal((size, DIMENSION), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def filled(vectors: Floats, form: Form) -> TemplateIndex:
    """Return an index of them all."""
    index = TemplateIndex(SFACE, DIMENSION, form=form, capacity=len(vectors))
    for number in progress(range(len(vectors)), f"{form} {len(vectors)}"):
        index.put(ReferenceId(str(number)), Template(SFACE, vectors[number]))
    return index


def measure(vectors: Floats, *, runs: int) -> list[Row]:
    """Return a row for each form and each peer, at the size of ``vectors``."""
    size = len(vectors)
    probe = Template(SFACE, templates(1)[0] * np.float32(0.6) + vectors[size // 3] * np.float32(0.8))
    probe = Template(SFACE, probe.vector / np.linalg.norm(probe.vector))
    rows: list[Row] = []
    for form in Form:
        index = filled(vectors, form)
        read = np.ones(index.bytes_held // 8, dtype=np.int64)
        acts: dict[str, Callable[[], object]] = {"read": read.max, "ours": lambda held=index: held.nearest(probe)}  # type: ignore[misc]  # the default holds the loop's value
        if form is Form.FLOAT:
            acts |= {
                "NumPy, float, G @ q": lambda: np.argmax(vectors @ probe.vector),
                "simsimd, float, cdist": lambda: np.asarray(
                    simsimd.cdist(probe.vector[None], vectors, metric="dot", out_dtype="float32")
                ).argmax(),
            }
        times = in_turn(acts, runs=runs)
        bound = times.pop("read").best_ms
        held = index.bytes_held / 1e6
        for name, took in times.items():
            ours = name == "ours"
            shown = f"Sésame, {form}" if ours else name
            rows.append(Row(size, shown, took.best_ms, bound, held, _exactness(index, vectors) if ours else ""))
    return rows


def _exactness(index: TemplateIndex, vectors: Floats) -> str:
    """Say in how many of the probes the nearest is that of a plain product of floats."""
    chance = np.random.default_rng(1)
    right = 0
    for row in chance.integers(0, len(vectors), CHECKED).tolist():
        noisy = vectors[row] + np.float32(0.1) * chance.standard_normal(DIMENSION, dtype=np.float32)
        probe = np.asarray(noisy / np.linalg.norm(noisy), dtype=np.float32)
        right += index.nearest(Template(SFACE, probe))[0].reference_id == str(int((vectors @ probe).argmax()))
    return f"{right}/{CHECKED}"


def run(arguments: Sequence[str]) -> None:
    """Print a row for each size, form and peer; draw them if asked."""
    parser = a_parser("index", __doc__)
    parser.add_argument("--size", type=int, action="append", metavar="N", help="templates; may be repeated")
    parser.add_argument("--runs", type=int, default=15, metavar="N", help="searches of each kind; default: %(default)s")
    chosen = parser.parse_args(arguments)
    sizes = chosen.size or SIZES
    if min(sizes) < 2:  # noqa: PLR2004 - two are looked for
        parser.error("--size: two templates or more")
    rows = [row for size in sizes for row in measure(templates(size), runs=chosen.runs)]
    head = ["", "templates", "ms (CPU, best)", "reading once", "times the reading", "MB", "nearest right"]
    cells = [
        [
            row.name,
            f"{row.size:,}",
            f"{row.best_ms:.2f}",
            f"{row.bound_ms:.2f}",
            f"{row.best_ms / row.bound_ms:.1f}",
            f"{row.megabytes:.0f}",
            row.exact,
        ]
        for row in rows
    ]
    print(table(head, cells))
    if chosen.plot:
        axes = (figure := new_figure()).subplots()
        for name in dict.fromkeys(row.name for row in rows):
            mine = [row for row in rows if row.name == name]
            axes.plot([row.size for row in mine], [row.best_ms for row in mine], marker="o", label=name)
        axes.set(xscale="log", yscale="log", xlabel="templates", ylabel="ms of one search, one thread")
        axes.legend()
        figure.savefig(chosen.plot)
