"""Photographs of people as both models see them: found once, embedded once, kept for the next run."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models import DLIB_RESNET, SFACE, YUNET, Store
from models.card import DLIB_FIVE_POINTS
from vision.bench.kept import Kept, made_by
from vision.bench.paper import progress
from vision.errors import PictureUnreadableError
from vision.face import align as aligning
from vision.face import detect as detecting
from vision.face import embed as embedding
from vision.face.align import align
from vision.face.detect import Face, FaceDetector
from vision.face.embed import Embedder, SecondEmbedder
from vision.frame import Box, Frame, Vector
from vision.matching import Template
from vision.picture import decode_picture

SEES_FROM = 0.5  # of the detector: these photographs were chosen because there is a face in them
DIMENSION = 128  # of either model


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """One face as the models see it, and its mirror image; the second model's only where it was asked for."""

    plain: Vector
    mirrored: Vector
    second: Vector | None = None
    second_mirrored: Vector | None = None

    @property
    def vectors(self) -> list[Vector]:
        """Return all that there are, in this order."""
        return [one for one in (self.plain, self.mirrored, self.second, self.second_mirrored) if one is not None]

    def template(self, *, flip: bool = False) -> Template:
        """Return what the kiosk keeps: ``flip`` as at an enrolment."""
        vector = self.plain + self.mirrored if flip else self.plain
        return Template(SFACE, (vector / np.linalg.norm(vector)).astype(np.float32), second=self.second)


class Painter:
    """Makes portraits, each photograph's once; opens the networks when the first is not among those kept."""

    def __init__(self, store: Store, *, with_second: bool, kept: Path | None = None) -> None:
        """Get ready.

        Args:
            store: Where the weights lie.
            with_second: Hear the second model as well, four fifths of the time.
            kept: The file of earlier portraits; none are kept without.

        Raises:
            OSError, sqlite3.Error: That file cannot be used.
        """
        self.lost: dict[Path, str] = {}
        """Photographs that gave no portrait, and why."""
        self._store = store
        self._with_second = with_second
        self._eyes: _Eyes | None = None
        self._made: dict[Path, Portrait] = {}
        models = (YUNET, SFACE, *((DLIB_RESNET, DLIB_FIVE_POINTS) if with_second else ()))
        modules = (aligning.__file__, detecting.__file__, embedding.__file__, __file__)
        self._kept = None if kept is None else Kept(kept, made_by(store, models, modules))

    def of(self, frame: Frame) -> Portrait | None:
        """Return the face nearest to the middle, where the named person is; None where there is none."""
        if self._eyes is None:
            self._eyes = _Eyes(self._store, with_second=self._with_second)
        return self._eyes.portrait(frame)

    def gallery(self, paths: Iterable[Path], words: str) -> dict[Path, Portrait]:
        """Return a portrait of each photograph in which a face is found; the others are in ``lost``."""
        wanted = sorted(set(paths))
        for path in progress([one for one in wanted if one not in self._made and one not in self.lost], words):
            self._add(path)
        return {path: self._made[path] for path in wanted if path in self._made}

    def _add(self, path: Path) -> None:
        try:
            content = path.read_bytes()
            portrait = self._remembered(content)
        except FileNotFoundError:
            self.lost[path] = "is not there"
        except (OSError, PictureUnreadableError) as problem:
            self.lost[path] = f"cannot be read: {problem}"
        else:
            if portrait is None:
                self.lost[path] = "shows no face that the detector finds"
            else:
                self._made[path] = portrait

    def _remembered(self, content: bytes) -> Portrait | None:
        numbers = None if self._kept is None else self._kept.get(content)
        if numbers is not None:
            return Portrait(*numbers.reshape(-1, DIMENSION)) if len(numbers) else None
        portrait = self.of(decode_picture(content, captured_at_ns=0))
        if self._kept is not None:
            self._kept.put(content, [] if portrait is None else portrait.vectors)
        return portrait


class _Eyes:
    """The opened networks."""

    def __init__(self, store: Store, *, with_second: bool) -> None:
        self._detector = FaceDetector(store, threshold=SEES_FROM)
        self._embedder = Embedder(store)
        self._second = SecondEmbedder(store) if with_second else None

    def portrait(self, frame: Frame) -> Portrait | None:
        faces = self._detector.detect(frame)
        if not faces:
            return None
        face = middle_face(frame, faces)
        crop = align(frame.image, face.landmarks)
        plain, mirrored = self._embedder.embed(np.stack([crop, crop[:, ::-1]]))
        if self._second is None:
            return Portrait(plain, mirrored)
        there = Frame(np.ascontiguousarray(frame.image[:, ::-1]), 0)
        turned = self._second.encode(there, _mirrored(face, frame.width_px))
        return Portrait(plain, mirrored, self._second.encode(frame, face), turned)


def middle_face(frame: Frame, faces: Sequence[Face]) -> Face:
    """Return the face nearest to the middle: photographs of the data sets are cut so that the named person is there."""
    middle = np.array([frame.width_px / 2, frame.height_px / 2])
    return min(faces, key=lambda face: float(np.hypot(*(face.landmarks.mean(axis=0) - middle))))


def _mirrored(face: Face, width_px: int) -> Face:
    box = Box(width_px - face.box.right, face.box.top, face.box.width, face.box.height)
    points = face.landmarks[[1, 0, 2, 4, 3]]
    points[:, 0] = width_px - 1 - points[:, 0]
    return Face(box, points, face.score)


def people_in(folder: Path) -> Mapping[str, list[Path]]:
    """Return the photographs of each person by the folder's identities.csv."""
    people: dict[str, list[Path]] = {}
    with (folder / "identities.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            people.setdefault(row["identity"], []).append(folder / row["path"])
    return people
