"""Turns of the head, computed, and what is turned instead of one: photographs, bent and swung, or worn on a head."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from vision.face.detect import Face, FaceDetector
from vision.face.liveness import Direction, LivenessResult, TurnChallenge
from vision.frame import Box, Frame, Image, Landmarks

DEEP = (0.0, 0.125, 0.25, 0.4)
"""How far a sheet is bent: the depth of its bow as a share of its width."""
STEP_DEGREES = 5
UPRIGHT = tuple(range(0, 50, STEP_DEGREES))
SWUNG = tuple(range(-45, 50, STEP_DEGREES))
WORN = tuple(range(0, 65, STEP_DEGREES))
_FAR = 3.0  # from sheet to camera, in widths of the sheet
_WIDE_PX = 360
_SIZE = (480, 640)
_HEAD_FAR = 8.0  # from head to camera, in eye distances
_MASK_WIDE, _MASK_HIGH = 2.4, 3.3  # of a paper mask, in eye distances: from cheek to cheek, from hair to chin
_MASK_DEEP = 0.5  # it follows a head whose radius is 1.2 eye distances
_MASK_PX = 150  # as wide as at half a metre, where the eyes are 62 px apart


def passes(faces: Iterable[Face | None], direction: Direction) -> bool:
    """Say whether these faces, a frame each, meet the request to turn."""
    challenge = TurnChallenge(direction)
    return any(challenge.observe(face).result is LivenessResult.PASSED for face in faces)


def a_turning_head(chance: np.random.Generator, direction: Direction, *, eyes_px: float = 62.0) -> list[Face]:
    """Return somebody who looks ahead, turns as asked and stays there, 12 frames a second, points off by half a pixel.

    Faces differ: how far the nose stands out, how long the face is, how far up and to the side they look at first.
    """
    nose, mouth = chance.normal(0.55, 0.06), chance.normal(-0.04, 0.04)
    height, half = chance.normal(1.0, 0.06), chance.normal(0.43, 0.03)
    points = np.array(
        [[-0.5, 0, 0], [0.5, 0, 0], [0, 0.56 * height, nose], [-half, height, mouth], [half, height, mouth]]
    )
    ahead, furthest = chance.normal(0, 4), chance.uniform(32, 50)
    ramp = np.sin(np.linspace(0, np.pi / 2, int(chance.integers(7, 14)))) * (furthest - ahead) + ahead
    yaws = [ahead] * int(chance.integers(4, 9)) + ramp.tolist() + [furthest] * int(chance.integers(4, 9))
    sign = 1 if direction is Direction.LEFT else -1
    nod = np.radians(chance.normal(0, 4))
    return [_seen(points, np.radians(sign * yaw), nod, eyes_px, chance) for yaw in yaws]


def swung(photo: Image, detector: FaceDetector, *, deep: float, angles: Sequence[int]) -> dict[int, Face | None]:
    """Return the face that is found in a sheet at each angle to the camera."""
    return _found(photo, detector, deep=deep, wide_px=_WIDE_PX, angles=angles)


def worn(photo: Image, points: Landmarks, detector: FaceDetector, *, angles: Sequence[int]) -> dict[int, Face | None]:
    """Return the face that is found in a paper mask of a photograph, worn on a head, at each angle to the camera.

    The paper follows the round of the head from cheek to cheek; no nose stands out of it.
    """
    eyes_px = float(np.hypot(*(points[1] - points[0])))
    left, top = points.mean(axis=0, dtype=np.float64) - np.array([_MASK_WIDE, _MASK_HIGH]) / 2 * eyes_px
    size = round(_MASK_WIDE * eyes_px), round(_MASK_HIGH * eyes_px)
    cut = cv2.warpAffine(photo, np.array([[1, 0, -left], [0, 1, -top]]), size, borderMode=cv2.BORDER_REPLICATE)
    return _found(np.asarray(cut, dtype=np.uint8), detector, deep=_MASK_DEEP, wide_px=_MASK_PX, angles=angles)


def _found(
    sheet: Image, detector: FaceDetector, *, deep: float, wide_px: int, angles: Sequence[int]
) -> dict[int, Face | None]:
    found = {}
    for angle in angles:
        faces = detector.detect(Frame(_sheet(sheet, angle, deep, wide_px), 0))
        found[angle] = faces[0] if faces else None
    return found


def _seen(
    points: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    yaw: float,
    nod: float,
    eyes_px: float,
    chance: np.random.Generator,
) -> Face:
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    tip = np.array([[1, 0, 0], [0, np.cos(nod), -np.sin(nod)], [0, np.sin(nod), np.cos(nod)]])
    placed = points @ (tip @ turn).T
    nearer = _HEAD_FAR / (_HEAD_FAR - placed[:, 2:])
    on_screen = placed[:, :2] * nearer * eyes_px + (320, 220) + chance.normal(0, 0.5, (5, 2))
    left, top = on_screen.min(axis=0).tolist()
    return Face(Box(left - eyes_px / 2, top - eyes_px, 2 * eyes_px, 2.6 * eyes_px), on_screen.astype(np.float32), 0.99)


def _sheet(photo: Image, degrees: float, deep: float, wide_px: int) -> Image:
    """Return a frame of a photograph, bent about its upright axis and turned about it before the camera."""
    turn = np.radians(degrees)
    along = np.linspace(-0.5, 0.5, 61)
    across, back = along, np.zeros_like(along)
    if deep:
        radius = (0.25 + deep**2) / (2 * deep)
        across, back = radius * np.sin(along / radius), radius - radius * np.cos(along / radius)
    seen = across * np.cos(turn) - back * np.sin(turn)
    depth = 1 + (across * np.sin(turn) + (back - back.mean()) * np.cos(turn)) / _FAR
    columns = seen / depth * wide_px + _SIZE[1] / 2
    facing = np.gradient(columns) > 0  # the rest shows its back, or hides behind the bow
    wanted = np.arange(_SIZE[1], dtype=np.float64)
    place = np.interp(wanted, columns[facing], along[facing], left=np.nan, right=np.nan)
    far = np.interp(wanted, columns[facing], depth[facing])
    down = (np.arange(_SIZE[0])[:, None] - _SIZE[0] / 2) / wide_px * far
    from_x = np.broadcast_to((place + 0.5) * photo.shape[1], _SIZE)
    from_y = (down + 0.5) * photo.shape[0]
    gone = np.isnan(from_x)
    maps = np.where(gone, -1, from_x).astype(np.float32), np.where(gone, -1, from_y).astype(np.float32)
    frame = cv2.remap(photo, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(120, 120, 120))
    return np.asarray(frame, dtype=np.uint8)
