"""Scenes before a camera beside a flashing screen, computed: heads, and what is held up instead of one.

Light is added up in linear units: what is there anyway, and what the screen throws, place by place. A head has a depth
map (ellipsoid, nose, eye sockets) that says how each place faces the screen; a sheet is even, or bent; a screen played
back shines by itself. Only what this model knows can be measured with it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from vision.face.detect import Face
from vision.face.flash import GAMMA, Colour, FlashChallenge, FlashEvidence, drawn_colours
from vision.frame import Box, Frame, Image, Landmarks

WIDTH_PX, HEIGHT_PX = 640, 480
FRAME_NS = 80_000_000  # a page lends 12 a second
FRAMES_A_COLOUR = 2
TAIL = 4  # frames after the last colour came, so that it is seen in spite of the lag
EYES_PX = 70.0  # between the eyes: a face at half a metre

_LEVELS = 65_535
_ENCODED = (np.linspace(0, 1, _LEVELS + 1) ** (1 / GAMMA) * 255).astype(np.float32)  # a power a pixel takes 15 ms

Floats = npt.NDArray[np.float64]


class Scene(StrEnum):
    """What stands before the camera."""

    HEAD = "head"
    HEAD_NEAR_WALL = "head before a wall at 1 m"
    PRINT = "print, flat"
    PRINT_BENT = "print, bent"
    CUT_OUT = "cut-out, flat"
    CUT_OUT_BENT = "cut-out, bent"
    MASK = "paper mask, worn"
    REPLAY = "replay on a screen"
    REPLAY_FLASHED = "replay of an earlier flashing"


HEADS = frozenset({Scene.HEAD, Scene.HEAD_NEAR_WALL})


@dataclass(frozen=True, slots=True)
class Subject:
    """A picture of somebody, ``(480, 640, 3)`` uint8 BGR, with the five points in it."""

    image: Image
    landmarks: Landmarks


def subject(image: Image, landmarks: Landmarks, *, border: int = cv2.BORDER_REFLECT) -> Subject:
    """Return a photograph at the size and place of a kiosk's shopper; ``border`` is what lies beyond its edge."""
    scale = EYES_PX / float(np.hypot(*(landmarks[1] - landmarks[0])))
    middle = landmarks.mean(axis=0)
    move = np.array(
        [[scale, 0, WIDTH_PX / 2 - scale * middle[0]], [0, scale, HEIGHT_PX / 2 - scale * middle[1]]], dtype=np.float64
    )
    placed = cv2.warpAffine(image, move, (WIDTH_PX, HEIGHT_PX), borderMode=border)
    points = landmarks @ move[:, :2].T + move[:, 2]
    return Subject(np.asarray(placed, dtype=np.uint8), points.astype(np.float32))


class Studio:
    """A scene before the camera, ready to be filmed under whatever the screen shows.

    ``strength``: the screen's light on a face against all other light.
    """

    def __init__(self, who: Subject, scene: Scene, chance: np.random.Generator, *, strength: float = 0.15) -> None:
        self._who, self._scene, self._chance, self._strength = who, scene, chance, strength
        self._albedo = ((np.asarray(who.image, dtype=np.float32) / 255) ** np.float32(GAMMA)).astype(np.float32)
        self._reach = (_reach(who, scene, chance) * strength).astype(np.float32)[..., None]  # (H, W, 1)
        recorded = _reach(who, Scene.HEAD, np.random.default_rng(0)) * strength
        self._recorded = recorded.astype(np.float32)[..., None]

    def film(self, colour: Colour, at_ns: int, *, earlier: Colour = (0, 0, 0)) -> tuple[Frame, Face]:
        """Return one frame under a colour. ``earlier`` is what fell on the head when a film to be replayed was made."""
        chance = self._chance
        flash = np.array(colour, dtype=np.float32) ** np.float32(GAMMA)
        if self._scene in {Scene.REPLAY, Scene.REPLAY_FLASHED}:
            recorded = np.array(earlier, dtype=np.float32) ** np.float32(GAMMA) * (self._scene is Scene.REPLAY_FLASHED)
            linear = self._albedo * (1 + self._recorded * recorded) * np.float32(0.9)
            linear += np.float32(0.04 * self._strength) * flash
        else:
            linear = self._albedo * (1 + self._reach * flash)
        linear *= np.float32(0.8 * chance.uniform(0.98, 1.02))  # the exposure breathes
        shift = chance.normal(0, 1.5, 2)
        move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], dtype=np.float64)
        camera = _ENCODED[(np.clip(linear, 0, 1) * _LEVELS).astype(np.uint16)]
        picture = cv2.warpAffine(camera, move, (WIDTH_PX, HEIGHT_PX))
        grain = 2 * chance.standard_normal(picture.shape, dtype=np.float32)
        noisy = np.clip(picture + grain, 0, 255).astype(np.uint8)
        points = (self._who.landmarks + shift + chance.normal(0, 0.4, self._who.landmarks.shape)).astype(np.float32)
        return Frame(noisy, at_ns), Face(_box(points), points, 0.99)


def answered(
    who: Subject, scene: Scene, seed: int, *, strength: float = 0.15, asked: Sequence[Colour] | None = None
) -> FlashEvidence:
    """Return what a whole challenge says of a scene. ``asked``: other colours than the screen shows."""
    chance, lot = np.random.default_rng(seed), random.Random(seed)  # noqa: S311 - the same scene again, not a secret
    shown, earlier = drawn_colours(lot), drawn_colours(lot)
    challenge = FlashChallenge(shown if asked is None else asked)
    studio = Studio(who, scene, chance, strength=strength)
    lag = int(chance.integers(0, 3))
    for number in range(len(shown) * FRAMES_A_COLOUR + TAIL):
        at_ns = number * FRAME_NS
        if number % FRAMES_A_COLOUR == 0 and number // FRAMES_A_COLOUR < len(shown):
            challenge.shown(number // FRAMES_A_COLOUR, at_ns)
        place = min(max(number - lag, 0) // FRAMES_A_COLOUR, len(shown) - 1)
        challenge.observe(*studio.film(shown[place], at_ns, earlier=earlier[place]))
    return challenge.evidence()


def _reach(who: Subject, scene: Scene, chance: np.random.Generator) -> Floats:
    """Return how much of the screen's light each place throws back, 1 for what faces it at half a metre."""
    down, across = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float64)
    middle = who.landmarks[:2].mean(axis=0)
    eyes = float(np.hypot(*(who.landmarks[1] - who.landmarks[0])))
    x, y = (across - middle[0]) / eyes, (down - middle[1] - 0.25 * eyes) / eyes  # the head's middle, in eye distances
    inside = (x / 1.2) ** 2 + (y / 1.65) ** 2 < 1
    bend = chance.uniform(0.2, 0.5) if "bent" in scene.value else 0.0
    sheet = (1 + chance.uniform(-0.05, 0.05) * x) * np.clip(1 - bend * (x / 2) ** 2, 0.2, None)
    wall = np.full_like(x, 0.25 if scene is Scene.HEAD_NEAR_WALL else 1 / 16)
    if scene in HEADS:
        reach = np.where(inside, _faced(x, y, who, chance), wall)
    elif scene is Scene.MASK:
        # Paper follows the round of a head, and stands off over nose and eyes, so that both are missing in it.
        curve = 1 / np.sqrt(1 + (0.9 * x) ** 2 + (0.35 * y) ** 2)
        reach = np.where(inside, curve * sheet, wall)
    elif scene in {Scene.CUT_OUT, Scene.CUT_OUT_BENT}:
        reach = np.where(inside, sheet, wall)
    else:
        reach = sheet
    return np.asarray(reach, dtype=np.float64)


def _faced(x: Floats, y: Floats, who: Subject, chance: np.random.Generator) -> Floats:
    """Return Lambert's law on a head: depth in eye distances, the screen 8 of them away, a little below the camera."""
    nose = (who.landmarks[2] - who.landmarks[:2].mean(axis=0)) / float(np.hypot(*(who.landmarks[1] - who.landmarks[0])))
    nose_x, nose_y = float(nose[0]), float(nose[1]) - 0.25
    depth = 1.1 * np.sqrt(np.clip(1 - (x / 1.25) ** 2 - (y / 1.75) ** 2, 0.02, None))
    height = chance.uniform(0.25, 0.45)
    depth += height * np.exp(-(((x - nose_x) / 0.2) ** 2) - ((y - nose_y + 0.1) / 0.3) ** 2)
    for side in (-0.5, 0.5):
        depth -= 0.12 * np.exp(-(((x - side) / 0.25) ** 2) - ((y + 0.25) / 0.18) ** 2)
    slope_y, slope_x = np.gradient(depth, 1 / EYES_PX)
    light = np.array([0.0, chance.uniform(0.0, 0.3), 1.0])
    light /= np.linalg.norm(light)
    facing = (-slope_x * light[0] - slope_y * light[1] + light[2]) / np.sqrt(1 + slope_x**2 + slope_y**2)
    return np.asarray(np.clip(facing, 0.05, None) * (8 / (8 - depth)) ** 2)


def _box(points: Landmarks) -> Box:
    left, top = points.min(axis=0).tolist()
    right, bottom = points.max(axis=0).tolist()
    width, height = right - left, bottom - top
    return Box(left - 0.45 * width, top - 0.8 * height, 1.9 * width, 2.4 * height)
