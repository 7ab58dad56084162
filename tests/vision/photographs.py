"""Photographs of people and of packs: how often one person is told from another, and which codes are read."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.store import Store
from vision.bench.bursts import Photo, scanned
from vision.face.detect import Face, FaceDetector
from vision.face.embed import Embedder
from vision.face.eye import Eye
from vision.frame import Frame
from vision.matching.matcher import fused_scores
from vision.matching.template import Vector


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photographs, and whether they show one person."""

    left: Path
    right: Path
    same: bool
    fold: int


def pairs(folder: Path, same: int, other: int) -> list[Pair]:
    with (folder / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Pair(folder / row["path_a"], folder / row["path_b"], row["same"] == "1", int(row["fold"]))
            for row in csv.DictReader(file)
        ]
    alike, unlike = [row for row in rows if row.same], [row for row in rows if not row.same]
    return [*alike[:: max(len(alike) // same, 1)][:same], *unlike[:: max(len(unlike) // other, 1)][:other]]


def a_frame(path: Path) -> Frame:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert image is not None
    return Frame(np.asarray(image, dtype=np.uint8), 0)


def middle_face(frame: Frame, faces: tuple[Face, ...]) -> Face:
    """Return the face nearest to the middle: these photographs are cut so that the named person is there."""
    middle = np.array([frame.width_px / 2, frame.height_px / 2])
    return min(faces, key=lambda face: float(np.hypot(*(face.landmarks.mean(axis=0) - middle))))


def _accuracy(scores: np.ndarray, chosen: list[Pair]) -> float:
    """Return the share decided right, both kinds weighing alike; thresholds from four folds, judged on the fifth."""
    same, folds = np.array([pair.same for pair in chosen]), np.array([pair.fold for pair in chosen])
    right = []
    for fold in np.unique(folds):
        known, asked = folds != fold, folds == fold

        def balanced(threshold: float, which: np.ndarray) -> float:
            said = scores[which] >= threshold
            return float((said[same[which]].mean() + (~said[~same[which]]).mean()) / 2)

        best = max(np.sort(scores[known]), key=lambda threshold: balanced(threshold, known))
        right.append(balanced(best, asked))
    return float(np.mean(right))


def told_apart(folder: Path, weights: Store, *, same: int, other: int) -> float:
    """Return the share of so many pairs that the first model tells right."""
    chosen = pairs(folder, same, other)
    detector, embedder = FaceDetector(weights, threshold=0.5), Embedder(weights)
    vectors: dict[Path, Vector] = {}
    for path in {path for pair in chosen for path in (pair.left, pair.right)}:
        frame = a_frame(path)
        vectors[path] = embedder.embed_face(frame, middle_face(frame, detector.detect(frame)))

    scores = np.array([vectors[pair.left] @ vectors[pair.right] for pair in chosen])
    return _accuracy(scores, chosen)


def told_apart_by_both(folder: Path, weights: Store, *, same: int, other: int) -> tuple[float, float]:
    """Return the shares of so many pairs that both models together tell right, and the second one alone."""
    chosen = pairs(folder, same, other)
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
