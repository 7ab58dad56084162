"""Photographs of people and of packs: how often one person is told from another, and which codes are read."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from models.store import Store
from vision.bench.bursts import Photo, scanned
from vision.bench.pair_files import Pair, pairs_in
from vision.bench.portraits import middle_face
from vision.bench.rates import folded_accuracy
from vision.face.detect import FaceDetector
from vision.face.embed import Embedder
from vision.face.eye import Eye
from vision.frame import Frame
from vision.matching.matcher import fused_scores
from vision.matching.template import Vector


def _some_pairs(folder: Path, same: int, other: int) -> list[Pair]:
    rows, _ = pairs_in(folder / "pairs.csv")
    alike, unlike = [row for row in rows if row.same], [row for row in rows if not row.same]
    return [*alike[:: max(len(alike) // same, 1)][:same], *unlike[:: max(len(unlike) // other, 1)][:other]]


def a_frame(path: Path) -> Frame:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert image is not None
    return Frame(np.asarray(image, dtype=np.uint8), 0)


def _accuracy(scores: np.ndarray, chosen: list[Pair]) -> float:
    same, folds = np.array([pair.same for pair in chosen]), np.array([pair.fold for pair in chosen])
    return folded_accuracy(scores.astype(np.float64), same, folds).accuracy


def told_apart(folder: Path, weights: Store, *, same: int, other: int) -> float:
    """Return the share of so many pairs that the first model tells right."""
    chosen = _some_pairs(folder, same, other)
    detector, embedder = FaceDetector(weights, threshold=0.5), Embedder(weights)
    vectors: dict[Path, Vector] = {}
    for path in {path for pair in chosen for path in (pair.left, pair.right)}:
        frame = a_frame(path)
        vectors[path] = embedder.embed_face(frame, middle_face(frame, detector.detect(frame)))

    scores = np.array([vectors[pair.left] @ vectors[pair.right] for pair in chosen])
    return _accuracy(scores, chosen)


def told_apart_by_both(folder: Path, weights: Store, *, same: int, other: int) -> tuple[float, float]:
    """Return the shares of so many pairs that both models together tell right, and the second one alone."""
    chosen = _some_pairs(folder, same, other)
    eye, detector, embedder = Eye(weights), FaceDetector(weights, threshold=0.5), Embedder(weights)
    seen: dict[Path, tuple[Vector, Vector]] = {}
    for path in {path for pair in chosen for path in (pair.left, pair.right)}:
        frame = a_frame(path)
        face = middle_face(frame, detector.detect(frame))
        seen[path] = embedder.embed_face(frame, face), eye.second(frame, face)

    couples = [(*seen[pair.left], *seen[pair.right]) for pair in chosen]
    together = np.array([float(fused_scores([v @ w], d, e[None])[0]) for v, d, w, e in couples])
    second = np.array([-np.linalg.norm(d - e) for _, d, _, e in couples])
    return _accuracy(together, chosen), _accuracy(second, chosen)


def misread(packs: Iterable[Photo]) -> tuple[int, dict[str, set[str | None]]]:
    """Show packs; return how many were read, and of which photograph something else than its own number was taken."""
    taken = {photo: {code.gtin14 for code in scanned(photo)} for photo in packs}
    wrong = {photo.path.name: codes for photo, codes in taken.items() if codes - {photo.gtin14}}
    return sum(photo.gtin14 in codes for photo, codes in taken.items()), wrong
