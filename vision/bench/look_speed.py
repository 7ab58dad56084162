"""One look to a decision, beside face_recognition's way on the same frame, in turn."""

import importlib
from collections.abc import Callable

import numpy as np

from models import SFACE, Store
from vision.bench.paper import table
from vision.bench.timing import in_turn
from vision.face.eye import Eye
from vision.frame import Frame, Image
from vision.matching import Gallery, ReferenceId, Template, identify, operating_point

CANDIDATES = 10_000
RUNS = 12


def look_to_decision(image: Image, store: Store) -> str:
    """Return a table of what a look at one frame costs: ours, ours beside few candidates, and the peer's."""
    frame = Frame(image, 0)
    eye = Eye(store, with_second=False)
    found = eye.look(frame)
    if found.face is None:
        raise ValueError("the frame to be timed shows no face")
    vectors = np.random.default_rng(0).standard_normal((CANDIDATES, 128), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    people = {ReferenceId(str(row)): Template(SFACE, vectors[row]) for row in range(CANDIDATES)}
    many = Gallery.of(SFACE, people)
    few = Gallery.of(SFACE, dict(list(people.items())[:10]))
    peer = importlib.import_module("face_recognition")
    rgb = np.ascontiguousarray(image[:, :, ::-1])
    known = [row.astype(np.float64) for row in vectors]

    def ours(gallery: Gallery) -> Callable[[], object]:
        point = operating_point(len(gallery))

        def look() -> object:
            seen = eye.look(frame)
            return identify(eye.template_of([seen]), gallery, threshold=point.threshold, margin=eye.margin)

        return look

    def theirs() -> object:
        places = peer.face_locations(rgb)
        (encoding,) = peer.face_encodings(rgb, places or [(100, 400, 400, 100)])[:1]
        return peer.compare_faces(known, encoding)

    acts = {f"Sésame, {CANDIDATES:,} candidates": ours(many), "Sésame, 10 candidates": ours(few)}
    times = in_turn(acts | {f"face_recognition, HOG, {CANDIDATES:,} known": theirs}, runs=RUNS)
    *_, last = times.values()
    rows = [
        [name, f"{took.best_ms:.1f}", f"{took.median_ms:.1f}", f"{last.median_ms / took.median_ms:.1f}"]
        for name, took in times.items()
    ]
    head = [f"one look, {frame.width_px}x{frame.height_px}", "ms best", "median", "times faster"]
    return table(head, rows)
