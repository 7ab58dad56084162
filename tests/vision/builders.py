"""Templates, galleries and pictures for the tests of sight."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from models import SFACE, ModelId
from vision.barcode.observation import Engine, Observation, Symbology
from vision.face.detect import Face
from vision.frame import Box, Image, Landmarks
from vision.matching import Gallery, ReferenceId, SealKey, Template
from vision.matching.template import Vector

ADA, BEN, CY = ReferenceId("ada"), ReferenceId("ben"), ReferenceId("cy")
PACK = Box(100, 100, 300, 150)
KEY = SealKey(bytes(range(32)))


def a_vector(*leading: float, size: int = 8) -> Vector:
    """Return a unit vector that begins with these numbers; what is missing goes into the last place."""
    rest = max(0.0, 1.0 - sum(value * value for value in leading)) ** 0.5
    values = [*leading, *[0.0] * (size - len(leading) - 1), rest]
    vector = np.array(values, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def a_template(*leading: float, model_id: ModelId = SFACE, second: Vector | None = None) -> Template:
    """Return a template whose vector begins with these numbers."""
    return Template(model_id, a_vector(*leading), second=second)


def a_probe(second: Vector | None = None) -> Template:
    """Return the face along the first axis: the cosine to ``a_template(x)`` is x."""
    return a_template(1.0, second=second)


def a_gallery(references: Mapping[ReferenceId, Template], model_id: ModelId = SFACE) -> Gallery:
    """Return a gallery of SFace templates."""
    return Gallery.of(model_id, references)


def an_observation(
    text: str = "3017620422003",
    *,
    engine: Engine = Engine.ZXING,
    symbology: Symbology = Symbology.EAN13,
    box: Box = PACK,
    length_px: float = 300.0,
    thickness_px: float = 150.0,
    at_ns: int = 0,
    add_on: str | None = None,
) -> Observation:
    """Return what an engine says of a pack of hazelnut spread, or of something else."""
    return Observation(engine, symbology, "]E0", text, box, length_px, thickness_px, at_ns, add_on)


def a_code(text: str, kind: zxingcpp.BarcodeFormat, *, gs1: bool = False, scale: int = 3) -> Image:
    """Draw a symbol black on white with a quiet zone."""
    drawn = np.array(zxingcpp.create_barcode(text, kind, gs1=gs1).to_image(scale=scale))
    framed = cv2.copyMakeBorder(drawn, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=255)
    return np.asarray(cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


# Eyes, nose and mouth corners of a head, in distances between the eyes, the nose nearest to the camera.
HEAD = np.array([[-0.5, 0, 0], [0.5, 0, 0], [0, 0.62, 0.55], [-0.42, 1.12, 0.1], [0.42, 1.12, 0.1]])


def a_face(
    yaw_degrees: float = 0.0, *, flat: bool = False, roll_degrees: float = 0.0, at: tuple[float, float] = (320.0, 240.0)
) -> Face:
    """Return the face of a head turned so far, seen by a camera eight eye distances away; or of its photograph.

    A positive turn shows the nose on the right of the picture: the shopper's own left.
    """
    points = HEAD * [1, 1, 0 if flat else 1]
    yaw, roll = np.radians(yaw_degrees), np.radians(roll_degrees)
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    lean = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    turned = points @ turn.T
    seen = turned[:, :2] * (8 / (8 - turned[:, 2:])) @ lean.T
    landmarks = (seen * 60 + np.array(at)).astype(np.float32)
    box = Box(at[0] - 75, at[1] - 70, 150, 190)
    return Face(box, landmarks, 0.99)


def masked(image: Image, points: Landmarks) -> Image:
    """Draw a pale mask with folds over nose and mouth, after the five points of the face."""
    drawn = image.copy()
    outline = ((-0.85, 0.35), (0, 0.28), (0.85, 0.35), (0.75, 1.0), (0.3, 1.55), (-0.3, 1.55), (-0.75, 1.0))
    cv2.fillPoly(drawn, [_on_face(points, outline)], (180, 160, 120), cv2.LINE_AA)
    for down in (0.6, 0.8, 1.0, 1.2):
        cv2.polylines(drawn, [_on_face(points, ((-0.72, down), (0.72, down)))], False, (153, 136, 102), 1, cv2.LINE_AA)  # noqa: FBT003 - OpenCV takes it by place
    return drawn


def in_dark_glasses(image: Image, points: Landmarks) -> Image:
    """Draw dark glasses over the eyes."""
    drawn = image.copy()
    across = points[1] - points[0]
    wide, askew = float(np.hypot(*across)), float(np.degrees(np.arctan2(across[1], across[0])))
    for x, y in points[:2].tolist():
        cv2.ellipse(drawn, ((x, y), (0.78 * wide, 0.58 * wide), askew), (20, 20, 20), -1, cv2.LINE_AA)
    bridge = points[:2].astype(np.int32)
    cv2.polylines(drawn, [bridge], False, (20, 20, 20), max(2, round(0.06 * wide)), cv2.LINE_AA)  # noqa: FBT003 - as above
    return drawn


def _on_face(points: Landmarks, places: Sequence[tuple[float, float]]) -> npt.NDArray[np.int32]:
    """Return pixels of places: across in eye distances, down in the way from the eyes to the mouth."""
    eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
    across, down = points[1] - points[0], mouth - eyes
    return np.array([eyes + x * across + y * down for x, y in places]).astype(np.int32)
