"""Is this picture of a face good enough, and if not, what should the shopper do?

Each limit is a number with where it came from; ``docs/sight.md`` has the table behind them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from vision.face.align import align
from vision.face.detect import Face
from vision.frame import Frame, Landmarks

LEAST_SIZE_PX = 64.0  # box height; at 48 the same people score 0.02 lower, at 32 they score 0.06 lower
LEAST_SHARPNESS = 8.0  # 98 of 100 sharp faces of 64 px pass; all blurred by 1/40 or moved by 1/6 of their height fail
LEAST_BRIGHTNESS = 28.0  # grey level 0..255; at 33 the same people are missed 3 times in 100, at 20 17 times
YAW_AT_MOST = 25.0  # degrees; 95 of 100 press photographs are within 24
LEVEL_PITCH, PITCH_AT_MOST = 0.55, 0.12  # of the way from the eyes to the mouth; 98 of 100 are within 0.09
OTHERS_FROM = 0.5  # of the height of the nearest face: smaller ones stand in the queue behind

_NOSE_DEPTH = 0.55  # of the distance between the eyes; turns how far the nose has moved into an angle
_CURVATURE = np.array([[1, -2, 1]], dtype=np.float32)
_CORE = slice(28, 100), slice(20, 92)  # the middle of the aligned crop: eyes to mouth, no background


class Hint(StrEnum):
    """What the shopper may do, in the order in which it is asked for."""

    NO_FACE = "no_face"
    ONE_FACE_ONLY = "one_face_only"
    COME_CLOSER = "come_closer"
    TOO_DARK = "too_dark"
    FACE_CAMERA = "face_camera"
    HOLD_STILL = "hold_still"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a picture of a face is.

    Attributes:
        size_px: Height of the face in the frame.
        sharpness: Variance of the second derivative of the aligned face, across or down, whichever is less: a hand that
            moves takes the edges of one direction only. 3 is blurred, 8 soft, 50 usual.
        brightness: Mean grey level of the middle of the face, 0 to 255.
        yaw_degrees: Roughly; positive when the nose points to the right of the picture, the shopper's own left.
        pitch: Where the nose lies between eyes (0) and mouth (1); 0.55 is level, more looks down.
        faces: Faces in view that are near enough to count.
    """

    size_px: float = 0.0
    sharpness: float = 0.0
    brightness: float = 0.0
    yaw_degrees: float = 0.0
    pitch: float = LEVEL_PITCH
    faces: int = 0

    @property
    def hint(self) -> Hint:
        """Return the first thing that stands in the way, or ``ok``."""
        obstacles = (
            (Hint.NO_FACE, self.faces == 0),
            (Hint.ONE_FACE_ONLY, self.faces > 1),
            (Hint.COME_CLOSER, self.size_px < LEAST_SIZE_PX),
            (Hint.TOO_DARK, self.brightness < LEAST_BRIGHTNESS),
            (Hint.FACE_CAMERA, abs(self.yaw_degrees) > YAW_AT_MOST or abs(self.pitch - LEVEL_PITCH) > PITCH_AT_MOST),
            (Hint.HOLD_STILL, self.sharpness < LEAST_SHARPNESS),
        )
        return next((hint for hint, stands in obstacles if stands), Hint.OK)


def assess(frame: Frame, faces: Sequence[Face]) -> Quality:
    """Judge the nearest face of a frame.

    Args:
        frame: The full frame.
        faces: All faces found in it, the largest first, as ``FaceDetector`` gives them.
    """
    if not faces:
        return Quality()
    face = faces[0]
    crop = cv2.cvtColor(align(frame.image, face.landmarks), cv2.COLOR_BGR2GRAY)
    core = np.asarray(crop[_CORE], dtype=np.float32)
    yaw, pitch = pose(face.landmarks)
    return Quality(
        size_px=face.box.height,
        sharpness=float(min(cv2.filter2D(core, -1, _CURVATURE).var(), cv2.filter2D(core, -1, _CURVATURE.T).var())),
        brightness=float(core.mean()),
        yaw_degrees=yaw,
        pitch=pitch,
        faces=sum(other.box.height >= OTHERS_FROM * face.box.height for other in faces),
    )


def pose(landmarks: Landmarks) -> tuple[float, float]:
    """Return yaw in degrees and pitch as in ``Quality``, from five points.

    Yaw is how far the nose has moved along the line of the eyes: it stands out of the face, so that it moves when a
    head turns, and does not when a flat photograph of one does. A head held askew changes neither.
    """
    left, right, nose = (landmarks[index].astype(np.float64) for index in range(3))
    mouth = landmarks[3:].mean(axis=0, dtype=np.float64)
    eyes, across = (left + right) / 2, right - left
    distance = float(np.hypot(*across))
    if distance <= 0:
        return 90.0, LEVEL_PITCH  # one eye hides the other: as far turned as can be
    along = across / distance
    down = np.array([-along[1], along[0]])
    yaw = math.degrees(math.atan(float((nose - eyes) @ along) / distance / _NOSE_DEPTH))
    height = float((mouth - eyes) @ down)
    return yaw, float((nose - eyes) @ down) / height if height > 0 else 0.0


def breadth(landmarks: Landmarks) -> float:
    """Return the distance of the eyes over that from their middle down to the mouth: 1.0 ahead, 0.75 at 37 degrees.

    It falls with the cosine of a turn, of a head as of a sheet.
    """
    left, right = (landmarks[index].astype(np.float64) for index in range(2))
    across = right - left
    distance = float(np.hypot(*across))
    if distance <= 0:
        return 0.0
    down = np.array([-across[1], across[0]]) / distance
    height = float((landmarks[3:].mean(axis=0, dtype=np.float64) - (left + right) / 2) @ down)
    return distance / height if height > 0 else 0.0
