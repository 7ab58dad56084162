"""Scenes before a camera beside a flashing screen, computed: heads, and what is held up instead of one.

Light is added up in linear units: what is there anyway, and what the screen throws, place by place. A head has a depth
map (ellipsoid, nose, eye sockets, brow, chin, each a little different for everybody) that says how each place faces the
screen; a sheet is even, or bent; a screen played back shines by itself, beats against the camera's pixels and flickers.
What is held moves, what stands behind it does not. Only what this model knows can be measured with it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from vision.face.cues import Cues
from vision.face.detect import Face
from vision.face.flash import GAMMA, Colour, FlashChallenge, FlashEvidence, drawn_colours
from vision.frame import Box, Frame, Image, Landmarks

WIDTH_PX, HEIGHT_PX = 512, 384
FRAME_NS = 80_000_000  # a page lends 12 a second
FRAMES_A_COLOUR = 2
TAIL = 4  # frames after the last colour came, so that it is seen in spite of the lag
EYES_PX = 62.0  # between the eyes: a face at half a metre
FAR_PX = 42.0  # at three quarters of a metre
EXPOSURE = 0.8
GRAIN = 2.0  # grey levels, of the camera

_LEVELS = 65_535
_ENCODED = (np.linspace(0, 1, _LEVELS + 1) ** (1 / GAMMA) * 255).astype(np.float32)  # a power a pixel takes 15 ms

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]


class Scene(StrEnum):
    """What stands before the camera."""

    HEAD = "head"
    HEAD_NEAR_WALL = "head before a wall at 1 m"
    PRINT = "print, flat"
    PRINT_BENT = "print, bent"
    PRINT_SMALL = "print, its edges in view"
    CUT_OUT = "cut-out, flat"
    CUT_OUT_BENT = "cut-out, bent"
    EYE_HOLES = "cut-out worn, eyes cut open"
    MASK = "paper mask, worn"
    REPLAY = "replay on a screen"
    REPLAY_SMALL = "replay on a telephone"
    REPLAY_FLASHED = "replay of an earlier flashing"


HEADS = frozenset({Scene.HEAD, Scene.HEAD_NEAR_WALL})
REPLAYS = frozenset({Scene.REPLAY, Scene.REPLAY_SMALL, Scene.REPLAY_FLASHED})
CUT_OUTS = frozenset({Scene.CUT_OUT, Scene.CUT_OUT_BENT, Scene.EYE_HOLES, Scene.MASK})
"""Their edge is the outline of the face."""
SMALL = frozenset({Scene.PRINT_SMALL, Scene.REPLAY_SMALL})
"""Their edge is a rectangle in view."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A picture of somebody, ``(H, W, 3)`` uint8 BGR, with the five points in it."""

    image: Image
    landmarks: Landmarks


def subject(
    image: Image, landmarks: Landmarks, *, border: int = cv2.BORDER_REFLECT, eyes_px: float = EYES_PX
) -> Subject:
    """Return a photograph at the size and place of a kiosk's shopper; ``border`` is what lies beyond its edge."""
    scale = eyes_px / float(np.hypot(*(landmarks[1] - landmarks[0])))
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
        self._place = _Place(who)
        self._albedo = _linear(who.image)
        self._reach = (_reach(self._place, scene, chance) * strength).astype(np.float32)[..., None]  # (H, W, 1)
        recorded = _reach(self._place, Scene.HEAD, np.random.default_rng(0)) * strength
        self._recorded = recorded.astype(np.float32)[..., None]
        self._mask = _outline(self._place, scene, chance)
        self._room = _linear(_a_room(chance))
        self._wall = np.float32(strength * (0.25 if scene is Scene.HEAD_NEAR_WALL else 1 / 16))
        self._pixels = _Pixels(scene, chance, self._mask, self._place.eyes_px)
        self._made: dict[tuple[Colour, Colour], tuple[Floats32, Floats32]] = {}

    def film(self, colour: Colour, at_ns: int, *, earlier: Colour = (0, 0, 0)) -> tuple[Frame, Face]:
        """Return one frame under a colour. ``earlier`` is what fell on the head when a film to be replayed was made."""
        chance = self._chance
        if (colour, earlier) not in self._made:
            self._made[colour, earlier] = self._lit(colour, earlier)
        held, behind = self._made[colour, earlier]
        shift = chance.normal(0, 1.5, 2)
        move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], dtype=np.float64)
        mask = cv2.warpAffine(self._mask, move, (WIDTH_PX, HEIGHT_PX), borderMode=cv2.BORDER_REPLICATE)[..., None]
        moved = cv2.warpAffine(held, move, (WIDTH_PX, HEIGHT_PX), borderMode=cv2.BORDER_REPLICATE)
        moved = moved * self._pixels.beat(chance)
        picture = behind + mask * (moved - behind)
        picture *= np.float32((EXPOSURE * chance.uniform(0.98, 1.02)) ** (1 / GAMMA))  # the exposure breathes
        picture += np.float32(GRAIN) * chance.standard_normal(picture.shape, dtype=np.float32)
        seen = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
        points = (self._who.landmarks + shift + chance.normal(0, 0.4, self._who.landmarks.shape)).astype(np.float32)
        return Frame(seen, at_ns), Face(_box(points), points, 0.99)

    def _lit(self, colour: Colour, earlier: Colour) -> tuple[Floats32, Floats32]:
        """Return what is held and what is behind it, as the camera would write them at full exposure."""
        flash = np.array(colour, dtype=np.float32) ** np.float32(GAMMA)
        if self._scene in REPLAYS:
            recorded = np.array(earlier, dtype=np.float32) ** np.float32(GAMMA) * (self._scene is Scene.REPLAY_FLASHED)
            light = self._albedo * (1 + self._recorded * recorded) * np.float32(0.9)
            light = light * (1 - self._pixels.bezel) + np.float32(0.01) * self._pixels.bezel
            light = light + np.float32(0.04 * self._strength) * flash
        else:
            light = self._albedo * (1 + self._reach * flash)
        return _encoded(light), _encoded(self._room * (1 + self._wall * flash))


class _Place:
    """Where things are, in eye distances from the middle of the head."""

    def __init__(self, who: Subject) -> None:
        down, across = np.mgrid[0 : who.image.shape[0], 0 : who.image.shape[1]].astype(np.float64)
        middle = who.landmarks[:2].mean(axis=0)
        self.eyes_px = float(np.hypot(*(who.landmarks[1] - who.landmarks[0])))
        self.x = (across - middle[0]) / self.eyes_px
        self.y = (down - middle[1] - 0.25 * self.eyes_px) / self.eyes_px
        nose = (who.landmarks[2] - middle) / self.eyes_px
        self.nose = float(nose[0]), float(nose[1]) - 0.25
        self.inside = (self.x / 1.2) ** 2 + (self.y / 1.65) ** 2 < 1


class _Pixels:
    """What a played screen adds: a beat of its pixels against the camera's, bands of its refresh, its black edge."""

    def __init__(self, scene: Scene, chance: np.random.Generator, outline: Floats32, eyes_px: float) -> None:
        down, across = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
        self.is_played = scene in REPLAYS
        self.depth = float(np.exp(chance.uniform(np.log(0.003), np.log(0.04))))
        pitch, angle = chance.uniform(2.3, 16), chance.uniform(0, np.pi)
        along = (across * np.cos(angle) + down * np.sin(angle)) * np.float32(2 * np.pi / pitch)
        self._cos, self._sin = np.cos(along)[..., None], np.sin(along)[..., None]
        self._bands, self._period_px = float(chance.uniform(0, 0.03)), float(chance.uniform(150, 600))
        self._rows = down[:, :1, None] * np.float32(2 * np.pi / self._period_px)
        self.bezel: Floats32 = np.zeros((HEIGHT_PX, WIDTH_PX, 1), dtype=np.float32)
        if scene is Scene.REPLAY_SMALL:  # the outermost of what is held, as black as glass
            inner = cv2.erode(outline, np.ones((3, 3)), iterations=round(0.12 * eyes_px))
            self.bezel = np.asarray(1 - inner, dtype=np.float32)[..., None]

    def beat(self, chance: np.random.Generator) -> Floats32:
        """Return the factor of one frame; the phase is another in each, since hands and cameras shake."""
        if not self.is_played:
            return np.ones((1, 1, 1), dtype=np.float32)
        phase, run = chance.uniform(0, 2 * np.pi, 2)
        beat = np.float32(self.depth) * (self._cos * np.float32(np.cos(phase)) - self._sin * np.float32(np.sin(phase)))
        return np.asarray(1 + beat + np.float32(self._bands) * np.sin(self._rows + np.float32(run)), dtype=np.float32)


def answered(
    who: Subject, scene: Scene, seed: int, *, strength: float = 0.15, asked: Sequence[Colour] | None = None
) -> FlashEvidence:
    """Return what a whole challenge says of a scene. ``asked``: other colours than the screen shows."""
    return filmed(who, scene, seed, strength=strength, asked=asked)[0]


def filmed(
    who: Subject, scene: Scene, seed: int, *, strength: float = 0.15, asked: Sequence[Colour] | None = None
) -> tuple[FlashEvidence, Cues]:
    """Return what a whole challenge says of a scene, and what else its frames show."""
    chance, lot = np.random.default_rng(seed), random.Random(seed)  # noqa: S311 - the same scene again, not a secret
    shown, earlier = drawn_colours(lot), drawn_colours(lot)
    challenge, cues = FlashChallenge(shown if asked is None else asked), Cues()
    studio = Studio(who, scene, chance, strength=strength)
    lag = int(chance.integers(0, 3))
    for number in range(len(shown) * FRAMES_A_COLOUR + TAIL):
        at_ns = number * FRAME_NS
        if number % FRAMES_A_COLOUR == 0 and number // FRAMES_A_COLOUR < len(shown):
            challenge.shown(number // FRAMES_A_COLOUR, at_ns)
        place = min(max(number - lag, 0) // FRAMES_A_COLOUR, len(shown) - 1)
        frame, face = studio.film(shown[place], at_ns, earlier=earlier[place])
        challenge.observe(frame, face)
        cues.observe(frame, face)
    return challenge.evidence(), cues


def _reach(place: "_Place", scene: Scene, chance: np.random.Generator) -> Floats:
    """Return how much of the screen's light each place throws back, 1 for what faces it at half a metre."""
    x = place.x
    bend = chance.uniform(0.2, 0.5) if "bent" in scene.value else 0.0
    sheet = (1 + chance.uniform(-0.05, 0.05) * x) * np.clip(1 - bend * (x / 2) ** 2, 0.2, None)
    if scene in HEADS:
        return _faced(place, chance)
    if scene in {Scene.MASK, Scene.EYE_HOLES}:
        # Paper follows the round of a head, and stands off over nose and eyes, so that both are missing in it.
        curve = 1 / np.sqrt(1 + (0.9 * x) ** 2 + (0.35 * place.y) ** 2) * sheet
        if scene is Scene.MASK:
            return np.asarray(curve)
        holes = sum(((x - side) / 0.28) ** 2 + ((place.y + 0.25) / 0.16) ** 2 < 1 for side in (-0.5, 0.5))
        return np.where(np.asarray(holes) > 0, _faced(place, chance), curve)
    return np.asarray(sheet)


def _faced(place: "_Place", chance: np.random.Generator) -> Floats:
    """Return Lambert's law on a head: depth in eye distances, the screen 8 of them away, a little below the camera.

    Heads differ: width, nose, sockets, brow, cheeks, chin, and how oily the skin is (a broad lobe towards the screen).
    """
    x, y, (nose_x, nose_y) = place.x, place.y, place.nose
    wide, high = chance.uniform(1.15, 1.35), chance.uniform(1.65, 1.9)
    depth = 1.1 * np.sqrt(np.clip(1 - (x / wide) ** 2 - (y / high) ** 2, 0.02, None))
    height, breadth = chance.uniform(0.25, 0.45), chance.uniform(0.16, 0.25)
    depth += height * np.exp(-(((x - nose_x) / breadth) ** 2) - ((y - nose_y + 0.1) / chance.uniform(0.24, 0.36)) ** 2)
    sockets, brow = chance.uniform(0.07, 0.16), chance.uniform(0.0, 0.06)
    cheeks, chin = chance.uniform(0.0, 0.07), chance.uniform(0.03, 0.12)
    for side in (-0.5, 0.5):
        depth -= sockets * np.exp(-(((x - side) / 0.25) ** 2) - ((y + 0.25) / 0.18) ** 2)
        depth += cheeks * np.exp(-(((x - 1.25 * side) / 0.28) ** 2) - ((y - 0.25) / 0.25) ** 2)
    depth += brow * np.exp(-((x / 0.8) ** 2) - ((y + 0.55) / 0.14) ** 2)
    depth += chin * np.exp(-((x / 0.35) ** 2) - ((y - 1.3) / 0.2) ** 2)
    slope_y, slope_x = np.gradient(depth, 1 / place.eyes_px)
    light = np.array([chance.normal(0, 0.08), chance.uniform(0.0, 0.3), 1.0])
    light /= np.linalg.norm(light)
    length = np.sqrt(1 + slope_x**2 + slope_y**2)
    facing = (-slope_x * light[0] - slope_y * light[1] + light[2]) / length
    oily = chance.uniform(0, 0.15) * np.clip(facing, 0, 1) ** 12
    return np.asarray((np.clip(facing, 0.05, None) + oily) * (8 / (8 - depth)) ** 2)


def _outline(place: "_Place", scene: Scene, chance: np.random.Generator) -> Floats32:
    """Return what of the picture is held up or is the head, 1, and what is the room, 0."""
    if scene in SMALL:
        half = chance.uniform(1.5, 2.3)
        tilt = np.radians(chance.uniform(-5, 5))
        across = place.x * np.cos(tilt) + place.y * np.sin(tilt)
        down = place.y * np.cos(tilt) - place.x * np.sin(tilt)
        mask = (np.abs(across) < half) & (np.abs(down) < 1.35 * half)
    elif scene in HEADS | CUT_OUTS:
        mask = place.inside
    else:
        mask = np.ones_like(place.inside)
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8), dtype=np.float32)


def _a_room(chance: np.random.Generator) -> Image:
    """Return a shop behind: shelves, posts and goods of many colours, a little out of focus."""
    room = np.full((HEIGHT_PX, WIDTH_PX, 3), chance.uniform(60, 200), dtype=np.float32)
    for _ in range(int(chance.integers(20, 60))):
        left, top = int(chance.integers(-40, WIDTH_PX)), int(chance.integers(-40, HEIGHT_PX))
        width, height = (int(side) for side in chance.integers(8, 120, 2))
        room[max(top, 0) : top + height, max(left, 0) : left + width] = chance.uniform(20, 235, 3)
    for _ in range(int(chance.integers(0, 4))):
        at, thick = int(chance.integers(0, HEIGHT_PX)), int(chance.integers(3, 14))
        room[at : at + thick] = chance.uniform(20, 235)
        at = int(chance.integers(0, WIDTH_PX))
        room[:, at : at + thick] = chance.uniform(20, 235)
    return np.asarray(cv2.GaussianBlur(room, (0, 0), float(chance.uniform(0.8, 3))), dtype=np.uint8)


def _linear(image: Image) -> Floats32:
    return ((np.asarray(image, dtype=np.float32) / 255) ** np.float32(GAMMA)).astype(np.float32)


def _encoded(light: Floats32) -> Floats32:
    return np.asarray(_ENCODED[(np.clip(light, 0, 1) * _LEVELS).astype(np.uint16)])


def _box(points: Landmarks) -> Box:
    left, top = points.min(axis=0).tolist()
    right, bottom = points.max(axis=0).tolist()
    width, height = right - left, bottom - top
    return Box(left - 0.45 * width, top - 0.8 * height, 1.9 * width, 2.4 * height)
