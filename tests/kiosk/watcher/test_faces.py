"""Faces: compared, captured, sealed, forgotten. First with vectors, at last with real weights and photographs."""

import base64
import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kiosk.ports import LookTold
from kiosk.visit.effects import BeginCapture, BeginLook, DropFaces, ForgetReferences, SearchAlike, TakeCapture
from kiosk.visit.events import (
    AlikeFound,
    CaptureRefused,
    CaptureTaken,
    Event,
    FaceAmbiguous,
    FaceHinted,
    FaceRecognised,
    FaceSealed,
    FaceStranger,
    LivenessFailed,
)
from kiosk.visit.values import Candidate
from kiosk.watcher.faces import FaceBooth
from models import SFACE, ModelError, ModelId, Store
from vision.face.detect import Face
from vision.face.eye import Eye, Look
from vision.frame import Box, Frame
from vision.matching import (
    ImpostorHistogram,
    ReferenceId,
    SealKey,
    StoreKey,
    Template,
    average,
    new_shopper_secret,
    seal,
)
from vision.picture import decode_picture
from vision.quality import LEVEL_PITCH, Quality

KEY = StoreKey(SealKey(bytes(range(32))), bytes(32))
GOOD = Quality(200, 50, 120, 0, LEVEL_PITCH, 1)
ADA, BEN = 0, 1


def a_vector(person: int, wobble: float = 0.0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return a unit vector: people lie at right angles, and a wobble is a bend towards an axis of its own."""
    vector = np.zeros(128, dtype=np.float32)
    vector[person] = 1
    vector[64 + round(wobble * 100)] += wobble
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def a_face(yaw: float = 0.0) -> Face:
    half, shift = 20 * np.cos(np.radians(yaw)), 40 * 0.55 * np.sin(np.radians(yaw))
    points = np.array(
        [[100 - half, 80], [100 + half, 80], [100 + shift, 104], [100 - 0.75 * half, 124], [100 + 0.75 * half, 124]],
        dtype=np.float32,
    )
    return Face(Box(60, 40, 80, 100), points, 0.99)


class ScriptedEye(Eye):
    """Sees what the test lays out for each frame; deciding is the kiosk's own (``Eye.recognise``)."""

    def __init__(self) -> None:
        self.margin, self._second = 0.05, None
        self.person, self.wobble, self.yaw, self.quality = ADA, 0.0, 0.0, GOOD
        self.flips: list[bool] = []
        self.histogram: ImpostorHistogram | None = None
        self.attack = False

    @property
    def has_second(self) -> bool:
        return False

    def sees_attack(self, looks: Sequence[Look]) -> bool:
        return self.attack and bool(looks)

    def look(self, frame: Frame) -> Look:
        face = a_face(self.yaw) if self.quality.faces else None
        return Look(frame, (face,) if face else (), self.quality, face)

    def template_of(self, looks: Sequence[Look], *, with_second: bool = False, flip: bool = False) -> Template:
        assert not with_second
        self.flips.append(flip)
        return average([Template(SFACE, a_vector(self.person, self.wobble)) for _ in looks])


def a_candidate(name: str, vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Candidate:
    model_id, sealed = KEY.keep(Template(SFACE, vector), ReferenceId(name))
    return Candidate(name, model_id, base64.b64encode(sealed).decode())


class Rig:
    def __init__(self, eye: Eye | None = None) -> None:
        self.eye = ScriptedEye()
        self.told: list[Event] = []
        self.looks: list[LookTold] = []
        used = eye or self.eye
        self.kept: list[ImpostorHistogram] = []
        self.booth = FaceBooth(lambda: used, lambda: KEY, self.told.append, self.looks.append, keep=self.kept.append)
        self.now_ns = 10**9

    def see(self, frames: int = 1, step_ns: int = 66_000_000) -> None:
        for _ in range(frames):
            self.now_ns += step_ns
            self.booth.see(Frame(np.zeros((240, 320, 3), dtype=np.uint8), self.now_ns))

    @property
    def results(self) -> list[Event]:
        return [event for event in self.told if not isinstance(event, FaceHinted)]


def test_nobody_is_looked_at_when_no_look_was_asked_for() -> None:
    rig = Rig()

    rig.see(3)

    assert rig.told == []
    assert rig.looks == []


def test_the_reference_is_named_when_the_face_is_clearly_the_one() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)), a_candidate("ben", a_vector(BEN))), "none"))

    rig.see(2)

    (found,) = rig.results
    assert isinstance(found, FaceRecognised)
    assert (found.reference_id, found.evidence.candidates, found.evidence.liveness) == ("ada", 2, "not_checked")
    assert rig.booth.is_empty


def test_one_good_frame_is_not_enough_when_somebody_is_compared() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "none"))

    rig.see(1)

    assert rig.results == []


def test_a_stranger_is_told_when_nobody_fits_or_nobody_is_on_file() -> None:
    for candidates in ((a_candidate("ben", a_vector(BEN)),), ()):
        rig = Rig()
        rig.booth.carry_out(BeginLook("l", candidates, "none"))
        rig.see(2)
        assert rig.results == [FaceStranger("l")]


@pytest.mark.parametrize(("candidates", "named"), [(1, True), (10, True), (400, False)])
def test_more_likeness_is_asked_when_there_are_more_candidates(candidates: int, *, named: bool) -> None:
    rig = Rig()
    near = a_vector(ADA) * 0.45 + a_vector(ADA + 1) * np.sqrt(1 - 0.45**2)  # 0.45: enough among ten, not among hundreds
    others = [a_candidate(f"other {n}", a_vector(2 + n % 60)) for n in range(candidates - 1)]
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", near.astype(np.float32)), *others), "none"))

    rig.see(2)

    (found,) = rig.results
    assert isinstance(found, FaceRecognised) is named
    assert isinstance(found, FaceStranger) is not named
    if isinstance(found, FaceRecognised):
        assert found.evidence.candidates == candidates


@pytest.mark.parametrize(("likeness", "named"), [(0.08, True), (0.20, False)])
def test_more_likeness_is_asked_when_the_stores_own_impostors_are_more_alike(likeness: float, *, named: bool) -> None:
    rig = Rig()
    impostors = np.random.default_rng(0).normal(likeness, 0.09, 200_000).astype(np.float32)
    rig.eye.histogram = ImpostorHistogram.empty(SFACE).grown(impostors)
    near = a_vector(ADA) * 0.46 + a_vector(ADA + 1) * np.sqrt(1 - 0.46**2)
    others = [a_candidate(f"other {n}", a_vector(2 + n)) for n in range(9)]
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", near.astype(np.float32)), *others), "none"))

    rig.see(2)

    (found,) = rig.results
    assert isinstance(found, FaceRecognised) is named


@pytest.mark.parametrize(("spread", "named"), [(0.12, True), (0.0, False)])
def test_more_likeness_is_asked_of_whom_the_captures_lie_close_together(spread: float, *, named: bool) -> None:
    rig = Rig()
    near = (a_vector(ADA) * 0.44 + a_vector(ADA + 1) * np.sqrt(1 - 0.44**2)).astype(np.float32)
    sealed = seal(Template(SFACE, near, captures=3, spread=spread), KEY.sealing, ReferenceId("ada"))
    candidate = Candidate("ada", SFACE, base64.b64encode(sealed).decode())
    rig.booth.carry_out(BeginLook("l", (candidate,), "none"))

    rig.see(2)

    (found,) = rig.results
    assert isinstance(found, FaceRecognised) is named


def test_no_one_is_named_when_two_are_too_close() -> None:
    rig = Rig()
    twins = (a_candidate("ada", a_vector(ADA)), a_candidate("eva", a_vector(ADA, 0.1)))
    rig.booth.carry_out(BeginLook("l", twins, "none"))

    rig.see(2)

    assert rig.results == [FaceAmbiguous("l")]


def test_a_reference_is_passed_over_when_it_was_sealed_for_somebody_else() -> None:
    rig = Rig()
    stolen = Candidate("ben", SFACE, a_candidate("ada", a_vector(ADA)).sealed)
    rig.booth.carry_out(BeginLook("l", (stolen, Candidate("junk", SFACE, "%%%")), "none"))

    rig.see(2)

    assert rig.results == [FaceStranger("l")]


def test_the_face_is_not_compared_when_the_head_has_not_turned() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "turn_left"))

    rig.see(40)

    assert rig.results == []
    assert {event.hint for event in rig.told if isinstance(event, FaceHinted)} >= {"turn_left"}


def test_liveness_is_told_as_passed_when_the_head_turned_as_asked() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "turn_left"))

    for yaw in (0, 0, 0, 4, 10, 20, 30, 34, 34, 34, 20, 8, 0, 0):
        rig.eye.yaw = yaw
        rig.see(1)

    (found,) = rig.results
    assert isinstance(found, FaceRecognised)
    assert found.evidence.liveness == "passed"


def turn(rig: Rig, yaws: Sequence[float]) -> None:
    """Show one frame for each angle, judged as the real eye would judge it."""
    for yaw in yaws:
        rig.eye.yaw, rig.eye.quality = yaw, replace(GOOD, yaw_degrees=yaw)
        rig.see(1)


TURN = (0, 0, 0, 4, 10, 20, 30, 34, 34)
BACK = (24, 12, 0, 0, 0)


def test_nobody_is_named_when_a_picture_is_lifted_after_ones_own_head_has_turned() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "turn_left"))
    rig.eye.person = BEN
    turn(rig, TURN)

    rig.eye.person = ADA
    turn(rig, (34, 24, 12, *[0] * 20))

    assert rig.results == []


def test_nobody_is_named_when_another_head_turns_between_two_views_of_a_picture() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "turn_left"))
    turn(rig, TURN[:5])
    rig.eye.person = BEN
    turn(rig, TURN[5:])

    rig.eye.person = ADA
    turn(rig, [*BACK, *[0] * 20])

    assert rig.results == []


@pytest.mark.parametrize("between", ["lost", "jump"])
def test_the_turn_is_asked_for_again_when_the_face_was_lost_or_jumped_after_it(between: str) -> None:
    rig = Rig()
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "turn_left"))
    turn(rig, TURN)

    if between == "lost":
        rig.eye.quality = Quality()
        rig.see(5)
    turn(rig, [0] * 20)
    assert rig.results == []
    turn(rig, [*TURN, *BACK])

    (found,) = rig.results
    assert isinstance(found, FaceRecognised)
    assert found.evidence.liveness == "passed"


def test_the_look_ends_when_faces_are_swapped_again_and_again() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "turn_left"))

    for person in (ADA, BEN, ADA, BEN, ADA, BEN):
        rig.eye.person = person
        turn(rig, [0] * 3)

    assert rig.results == [LivenessFailed("l")]


def test_the_look_ends_when_the_head_turned_the_other_way() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "turn_left"))

    for yaw in (0, 0, 0, -8, -16, -24, -24):
        rig.eye.yaw = yaw
        rig.see(1)

    assert rig.results == [LivenessFailed("l")]


def test_nothing_is_told_when_the_reference_was_erased_during_the_look() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "none"))
    rig.see(1)

    rig.booth.carry_out(ForgetReferences(("ada",)))
    rig.see(1)

    assert rig.results == [FaceStranger("l")]


def test_nothing_is_held_when_the_visit_says_drop() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "none"))
    rig.see(1)

    rig.booth.carry_out(DropFaces())
    rig.see(5)

    assert rig.booth.is_empty
    assert rig.results == []


def test_the_mean_is_sealed_when_three_captures_differ_and_show_one_person() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginCapture("l", "ref-9", 3))

    for wobble in (0.0, 0.2, 0.3):
        rig.eye.wobble = wobble
        rig.booth.carry_out(TakeCapture("l"))
        rig.see(1, step_ns=10**9)

    *taken, sealed = rig.results
    assert taken == [CaptureTaken("l", 1), CaptureTaken("l", 2)]
    assert isinstance(sealed, FaceSealed)
    assert sealed.model_id == f"{SFACE}@{KEY.key_id}"
    template = KEY.open(base64.b64decode(sealed.sealed), ReferenceId("ref-9"), ModelId(sealed.model_id))
    assert template.captures == 3
    assert rig.eye.flips == [True] * 3  # joining is worth the time of the mirrored face; a look is not
    assert not rig.booth.is_empty  # those on file are compared with it first
    rig.booth.carry_out(DropFaces())
    assert rig.booth.is_empty


def joined(rig: Rig, *, own_key: bool = False) -> FaceSealed:
    """Take three captures of whoever the eye sees and return what was sealed."""
    rig.booth.carry_out(BeginCapture("join", "ref-9", 3, own_key))
    for wobble in (0.0, 0.2, 0.3):
        rig.eye.wobble = wobble
        rig.booth.carry_out(TakeCapture("join"))
        rig.see(1, step_ns=10**9)
    sealed = rig.results[-1]
    assert isinstance(sealed, FaceSealed)
    return sealed


def between(other: int, cosine: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return a vector that lies so near to Ada's mean capture, and else towards another axis."""
    mean = average([Template(SFACE, a_vector(ADA, wobble)) for wobble in (0.0, 0.2, 0.3)]).vector
    return np.asarray(cosine * mean + (1 - cosine**2) ** 0.5 * a_vector(other), dtype=np.float32)


def test_who_looks_like_the_newcomer_is_told_when_a_page_of_those_on_file_is_compared() -> None:
    rig = Rig()
    rig.eye.histogram = ImpostorHistogram.empty(SFACE)
    joined(rig)
    page = (
        a_candidate("near", between(5, 0.45)),
        a_candidate("twin", between(6, 0.6)),
        a_candidate("far", a_vector(7)),
    )

    rig.booth.carry_out(SearchAlike("join", page))
    rig.booth.carry_out(SearchAlike("another", page))

    found = rig.results[-1]
    assert isinstance(found, AlikeFound)
    assert [(one.reference_id, one.pin_always) for one in found.alike] == [("twin", True), ("near", False)]
    assert [one.score for one in found.alike] == pytest.approx([0.6, 0.45], abs=0.001)
    assert len([event for event in rig.results if isinstance(event, AlikeFound)]) == 1
    assert rig.kept[-1].pairs == 3  # all three are impostors of the newcomer


def test_a_look_alike_is_a_stranger_when_the_candidate_was_flagged() -> None:
    alike = 0.74 * a_vector(ADA) + (1 - 0.74**2) ** 0.5 * a_vector(5)
    for likeness, told in ((None, FaceRecognised), (0.74, FaceStranger)):
        rig = Rig()
        candidate = replace(a_candidate("ada", alike), likeness=likeness)
        rig.booth.carry_out(BeginLook("l", (candidate,), "none"))

        rig.see(2)

        assert isinstance(rig.results[0], told)


def test_only_the_card_opens_the_face_when_its_owner_keeps_the_key() -> None:
    rig = Rig()
    sealed = joined(rig, own_key=True)
    assert sealed.card is not None
    mine = Candidate("ref-9", SFACE, sealed.sealed, "sealed")
    others = (a_candidate("ada", a_vector(ADA)), replace(a_candidate("ben", a_vector(BEN)), mode="sealed"))

    def look(*candidates: Candidate, card: str | None) -> list[Event]:
        rig.told.clear()
        rig.booth.carry_out(BeginLook("l", candidates, "none", card))
        rig.see(2)
        return rig.results

    assert look(mine, card=None) == [FaceStranger("l")]
    assert look(mine, card=new_shopper_secret()) == [FaceStranger("l")]
    (found,) = look(mine, *others, card=sealed.card)
    assert isinstance(found, FaceRecognised)
    assert (found.reference_id, found.evidence.candidates) == ("ref-9", 1)  # the store's own were not even opened


def test_nobody_is_named_when_the_reference_is_kept_under_another_key() -> None:
    rig = Rig()
    theirs = StoreKey(KEY.sealing, b"s" * 32)  # the same kiosks, another salt of the store
    model_id, sealed = theirs.keep(Template(SFACE, a_vector(ADA)), ReferenceId("ada"))
    moved = Candidate("ada", model_id, base64.b64encode(sealed).decode())

    rig.booth.carry_out(BeginLook("l", (moved, a_candidate("ben", a_vector(BEN))), "none"))
    rig.see(2)

    assert rig.results == [FaceStranger("l")]


def test_a_face_from_before_there_were_rotations_is_recognised_when_its_owner_looks() -> None:
    rig = Rig()
    plain = seal(Template(SFACE, a_vector(ADA)), KEY.sealing, ReferenceId("ada"))

    rig.booth.carry_out(BeginLook("l", (Candidate("ada", SFACE, base64.b64encode(plain).decode()),), "none"))
    rig.see(2)

    assert isinstance(rig.results[0], FaceRecognised)


def test_nobody_is_named_when_the_store_has_not_told_its_half_of_the_key() -> None:
    rig = Rig()
    rig.booth = FaceBooth(lambda: rig.eye, lambda: None, rig.told.append, rig.looks.append)

    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "none"))
    rig.see(2)
    rig.booth.carry_out(BeginCapture("c", "ref-9", 3))
    rig.booth.carry_out(TakeCapture("c"))
    rig.see(2)

    assert rig.results == [FaceStranger("l")]
    assert rig.booth.is_empty


def test_nobody_is_named_when_the_operators_model_sees_an_attack() -> None:
    rig = Rig()
    rig.eye.attack = True
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "none"))

    rig.see(2)

    assert rig.results == [LivenessFailed("l")]


def test_impostors_are_counted_when_somebody_is_recognised() -> None:
    rig = Rig()
    rig.eye.histogram = ImpostorHistogram.empty(SFACE)
    rig.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)), a_candidate("ben", a_vector(BEN))), "none"))

    rig.see(2)

    assert [histogram.pairs for histogram in rig.kept] == [1]


def test_the_same_picture_is_no_second_capture_when_it_is_held_still() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginCapture("l", "ref-9", 3))

    for _ in range(3):
        rig.booth.carry_out(TakeCapture("l"))
        rig.see(3, step_ns=10**9)

    assert rig.results == [CaptureTaken("l", 1)]


def test_the_captures_begin_anew_when_somebody_else_steps_in() -> None:
    rig = Rig()
    rig.booth.carry_out(BeginCapture("l", "ref-9", 3))
    rig.booth.carry_out(TakeCapture("l"))
    rig.see(1, step_ns=10**9)

    rig.eye.person = BEN
    rig.booth.carry_out(TakeCapture("l"))
    rig.see(1, step_ns=10**9)

    assert rig.results == [CaptureTaken("l", 1), CaptureRefused("l")]


# --- real weights, real photographs ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def eye() -> Eye:
    try:
        return Eye(Store(Path("var/models")), with_second=True)
    except ModelError as missing:
        pytest.skip(str(missing))


def pictures_of(shared_data: Path, person: str) -> list[Frame]:
    folder = shared_data / "faces" / "lfw_dev"
    with (folder / "identities.csv").open(encoding="utf-8") as rows:
        paths = [row["path"] for row in csv.DictReader(rows) if row["identity"] == person]
    return [decode_picture((folder / path).read_bytes(), captured_at_ns=0) for path in paths]


@pytest.mark.data
def test_the_joined_person_is_recognised_and_another_is_not_when_real_faces_are_shown(
    shared_data: Path, eye: Eye
) -> None:
    rig = Rig(eye)
    rig.booth.carry_out(BeginCapture("join", "ref-1", 3))
    pictures = pictures_of(shared_data, "George_Clooney")
    used = 0
    for picture in pictures:
        used += 1
        rig.now_ns += 10**9
        rig.booth.carry_out(TakeCapture("join"))
        rig.booth.see(Frame(picture.image, rig.now_ns))
        if any(isinstance(event, FaceSealed) for event in rig.results):
            break
    sealed = rig.results[-1]
    assert isinstance(sealed, FaceSealed)
    candidate = Candidate("ref-1", sealed.model_id, sealed.sealed)

    def look(frames: list[Frame]) -> list[Event]:
        outcomes: list[Event] = []
        for frame in frames:
            if not eye.look(frame).is_good:
                continue
            fresh = Rig(eye)
            fresh.booth.carry_out(BeginLook("l", (candidate,), "none"))
            fresh.booth.see_still(frame)
            outcomes += fresh.results
        return outcomes

    genuine = look(pictures[used:])
    strangers = look(pictures_of(shared_data, "Paul_Tagliabue") + pictures_of(shared_data, "Rebekah_Chantay_Revels"))

    assert genuine
    assert all(isinstance(outcome, FaceRecognised) for outcome in genuine)
    assert strangers
    assert all(isinstance(outcome, FaceStranger) for outcome in strangers)
