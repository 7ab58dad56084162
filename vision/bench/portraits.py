"""Photographs of people as both models see them: found once, embedded once, kept for a run."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models import SFACE, Store
from vision.bench.paper import progress
from vision.face.align import align
from vision.face.detect import Face, FaceDetector
from vision.face.embed import Embedder, SecondEmbedder
from vision.frame import Box, Frame, Image, Vector
from vision.matching import Template

SEES_FROM = 0.5  # of the detector: these photographs were chosen because there is a face in them


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """One face as the models see it, and its mirror image; the second model's only where it was asked for."""

    plain: Vector
    mirrored: Vector
    second: Vector | None = None
    second_mirrored: Vector | None = None

    def template(self, *, flip: bool = False) -> Template:
        """Return what the kiosk keeps: ``flip`` as at an enrolment."""
        vector = self.plain + self.mirrored if flip else self.plain
        return Template(SFACE, (vector / np.linalg.norm(vector)).astype(np.float32), second=self.second)


class Painter:
    """Makes portraits, each photograph's once."""

    def __init__(self, store: Store, *, with_second: bool) -> None:
        self._detector = FaceDetector(store, threshold=SEES_FROM)
        self._embedder = Embedder(store)
        self._second = SecondEmbedder(store) if with_second else None
        self._made: dict[Path, Portrait | None] = {}

    def of(self, image: Image) -> Portrait | None:
        """Return the face nearest to the middle, where the named person is; None where there is none."""
        frame = Frame(image, 0)
        faces = self._detector.detect(frame)
        if not faces:
            return None
        middle = np.array([frame.width_px / 2, frame.height_px / 2])
        face = min(faces, key=lambda one: float(np.hypot(*(one.landmarks.mean(axis=0) - middle))))
        crop = align(image, face.landmarks)
        plain, mirrored = self._embedder.embed(np.stack([crop, crop[:, ::-1]]))
        if self._second is None:
            return Portrait(plain, mirrored)
        there = Frame(np.ascontiguousarray(image[:, ::-1]), 0)
        box = Box(frame.width_px - face.box.right, face.box.top, face.box.width, face.box.height)
        turned = self._second.encode(there, Face(box, face.landmarks, face.score))
        return Portrait(plain, mirrored, self._second.encode(frame, face), turned)

    def gallery(self, paths: Iterable[Path], words: str) -> dict[Path, Portrait]:
        """Return a portrait of each photograph in which a face is found."""
        wanted = sorted(set(paths))
        for path in progress([path for path in wanted if path not in self._made], words):
            image = cv2.imread(str(path), cv2.IMREAD_COLOR)
            self._made[path] = None if image is None else self.of(np.asarray(image, dtype=np.uint8))
        return {path: portrait for path in wanted if (portrait := self._made[path]) is not None}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photographs, and whether they show one person."""

    left: Path
    right: Path
    same: bool
    fold: int


def pairs_in(file: Path) -> list[Pair]:
    """Read a CSV with the columns path_a, path_b, same and fold; paths are relative to its folder.

    Raises:
        KeyError, ValueError: It has other columns, or other things in them.
    """
    with file.open(encoding="utf-8", newline="") as rows:
        return [
            Pair(file.parent / row["path_a"], file.parent / row["path_b"], row["same"] == "1", int(row["fold"]))
            for row in csv.DictReader(rows)
        ]


def people_in(folder: Path) -> Mapping[str, list[Path]]:
    """Return the photographs of each person by the folder's identities.csv."""
    people: dict[str, list[Path]] = {}
    with (folder / "identities.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            people.setdefault(row["identity"], []).append(folder / row["path"])
    return people


Floats = npt.NDArray[np.float64]
