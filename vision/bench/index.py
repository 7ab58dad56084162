"""How long one probe is searched among many, beside the peers and the time that reading the same bytes once takes.

Templates are random and of unit length: what is measured is time, memory and exactness, not recognition. The bound is
one pass of NumPy's maximum over as many bytes as the form scans at least, floats or bytes; it is measured between the
searches, as are the peers, of which numkong, simsimd and faiss have a row where they are installed. All are handed the
probe as the model makes it, and find the two nearest.
"""

import importlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before NumPy comes: one thread, as at a kiosk

import numpy as np  # noqa: E402 - see above
import numpy.typing as npt  # noqa: E402 - see above

from models import SFACE  # noqa: E402 - see above
from vision.bench.paper import a_parser, new_figure, progress, table  # noqa: E402 - see above
from vision.bench.timing import Spent, in_turn  # noqa: E402 - see above
from vision.matching import Form, ReferenceId, Template, TemplateIndex  # noqa: E402 - see above

DIMENSION = 128
SIZES = (10_000, 100_000, 1_000_000)
CHECKED = 50  # probes whose nearest is compared with that of a plain product
_AT_ONCE = 20_000  # are put into the index
_READ = "reading once"
_A_TEMPLATE = {Form.FLOAT: 4 * DIMENSION, Form.BYTE: DIMENSION + 4}  # bytes, of a form that reads all it holds

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Row:
    """One search at one size; ``megabytes`` and ``exact`` are known of ours."""

    size: int
    name: str
    took: Spent
    bound: Spent
    megabytes: str = ""
    exact: str = ""


def templates(size: int) -> Floats:
    """Return random unit vectors ``(size, 128)``."""
    vectors = np.random.default_rng(0).standard_normal((size, DIMENSION), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def filled(vectors: Floats, form: Form) -> TemplateIndex:
    """Return an index of them all."""
    index = TemplateIndex(SFACE, DIMENSION, form=form)
    for begin in progress(range(0, len(vectors), _AT_ONCE), f"{form} {len(vectors)}"):
        some = enumerate(vectors[begin : begin + _AT_ONCE], begin)
        index.put_all({ReferenceId(str(number)): Template(SFACE, vector) for number, vector in some})
    return index


def measure(vectors: Floats, *, runs: int) -> list[Row]:
    """Return a row for each form and each peer, at the size of ``vectors``."""
    size = len(vectors)
    probe = Template(SFACE, templates(1)[0] * np.float32(0.6) + vectors[size // 3] * np.float32(0.8))
    probe = Template(SFACE, probe.vector / np.linalg.norm(probe.vector))
    rows: list[Row] = []
    for form in Form:
        index = filled(vectors, form)
        read = np.ones(size * _A_TEMPLATE[form] // 8, dtype=np.int64)
        ours = f"Sésame, {form}"

        def search(index: TemplateIndex = index) -> object:
            return index.nearest(probe)

        peers = _float_peers(vectors, probe.vector) if form is Form.FLOAT else _byte_peers(vectors, probe.vector)
        acts: dict[str, Callable[[], object]] = {_READ: read.max, ours: search, **peers}
        times = in_turn(acts, runs=runs)
        bound = times.pop(_READ)
        told = {ours: (f"{index.bytes_held / 1e6:.0f}", _exactness(index, vectors))}
        rows += [Row(size, name, took, bound, *told.get(name, ())) for name, took in times.items()]
    return rows


def _float_peers(vectors: Floats, probe: Floats) -> dict[str, Callable[[], object]]:
    peers: dict[str, Callable[[], object]] = {"NumPy, float": lambda: _two(vectors @ probe)}
    if find_spec("simsimd") is not None:
        simsimd = importlib.import_module("simsimd")

        def simsimd_cdist() -> object:
            return _two(np.asarray(simsimd.cdist(probe[None], vectors, metric="dot", out_dtype="float32"))[0])

        peers["simsimd, float"] = simsimd_cdist
    if find_spec("faiss") is not None:
        faiss = importlib.import_module("faiss")
        faiss.omp_set_num_threads(1)
        flat = faiss.IndexFlatIP(DIMENSION)
        flat.add(vectors)
        peers["faiss, float"] = lambda: flat.search(probe[None], 2)
    return peers


def _byte_peers(vectors: Floats, probe: Floats) -> dict[str, Callable[[], object]]:
    scales = np.asarray(np.abs(vectors).max(axis=1) / 127, dtype=np.float32)
    rows = np.rint(vectors / scales[:, None]).astype(np.int8)
    peers: dict[str, Callable[[], object]] = {}

    def asked() -> npt.NDArray[np.int8]:
        levels: npt.NDArray[np.int8] = np.rint(probe * (127 / np.abs(probe).max())).astype(np.int8)
        return levels[None]

    if find_spec("simsimd") is not None:
        simsimd = importlib.import_module("simsimd")

        def simsimd_cdist() -> object:
            return _two(np.asarray(simsimd.cdist(asked(), rows, metric="dot", out_dtype="float32"))[0] * scales)

        peers["simsimd, byte"] = simsimd_cdist
    if find_spec("numkong") is not None:
        numkong = importlib.import_module("numkong")
        packed = numkong.dots_pack(rows, dtype="int8")

        def numkong_packed() -> object:
            return _two(np.asarray(numkong.dots_packed(asked(), packed))[0] * scales)

        peers["numkong, byte"] = numkong_packed
    return peers


def _two(scores: Floats) -> tuple[int, int]:
    """Return the places of the two largest; the scores are spoilt."""
    first = int(scores.argmax())
    scores[first] = -np.inf
    return first, int(scores.argmax())


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
    head = ["", "templates", "ms (CPU), best", "median", "reading once", "times that", "MB", "nearest right"]
    cells = [
        [
            row.name,
            f"{row.size:,}",
            f"{row.took.best_ms:.3f}",
            f"{row.took.median_ms:.3f}",
            f"{row.bound.best_ms:.3f}",
            f"{row.took.best_ms / row.bound.best_ms:.1f}",
            row.megabytes,
            row.exact,
        ]
        for row in rows
    ]
    print(table(head, cells))
    if chosen.plot:
        axes = (figure := new_figure()).subplots()
        for name in dict.fromkeys(row.name for row in rows):
            mine = [row for row in rows if row.name == name]
            axes.plot([row.size for row in mine], [row.took.best_ms for row in mine], marker="o", label=name)
        axes.set(xscale="log", yscale="log", xlabel="templates", ylabel="ms of one search, one thread")
        axes.legend()
        figure.savefig(chosen.plot)
