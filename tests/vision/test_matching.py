"""Who is it, and when do we not say."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import SFACE, ModelId, OperatingPoint
from tests.vision.builders import ADA, BEN, CY, a_gallery, a_probe, a_template
from vision.errors import ModelMismatchError
from vision.matching import (
    Ambiguous,
    Gallery,
    Outcome,
    Recognised,
    Stranger,
    fuse,
    identify,
    is_doubtful,
    look_alikes,
    operating_point,
)
from vision.matching.template import Vector

POINT = OperatingPoint(10, threshold=0.414, fused_threshold=3.28, false_accept_rate=0.001, basis="measured")


def named(outcome: Outcome) -> str:
    return type(outcome).__name__


def test_person_is_recognised_when_close_and_alone_in_front() -> None:
    gallery = a_gallery({ADA: a_template(0.2), BEN: a_template(0.7), CY: a_template(0.3)})

    outcome = identify(a_probe(), gallery, threshold=0.414, margin=0.05)

    assert isinstance(outcome, Recognised)
    assert outcome.reference_id == BEN
    assert outcome.score == pytest.approx(0.7, abs=1e-6)
    assert outcome.margin == pytest.approx(0.4, abs=1e-6)


def test_nobody_is_named_when_two_look_alike() -> None:
    gallery = a_gallery({ADA: a_template(0.70), BEN: a_template(0.68)})

    outcome = identify(a_probe(), gallery, threshold=0.414, margin=0.05)

    assert isinstance(outcome, Ambiguous)
    assert outcome.reference_ids == (ADA, BEN)
    assert outcome.margin == pytest.approx(0.02, abs=1e-6)


def test_stranger_stays_one_when_the_best_is_just_below_the_threshold() -> None:
    outcome = identify(a_probe(), a_gallery({ADA: a_template(0.4139)}), threshold=0.414, margin=0.05)

    assert isinstance(outcome, Stranger)
    assert outcome.score == pytest.approx(0.4139, abs=1e-6)


def test_face_is_a_stranger_when_nobody_is_enrolled() -> None:
    assert identify(a_probe(), a_gallery({}), threshold=0.0, margin=0.0) == Stranger(score=-1.0)


def test_margin_is_counted_from_zero_when_one_candidate_stands_alone() -> None:
    outcome = identify(a_probe(), a_gallery({ADA: a_template(0.5)}), threshold=0.414, margin=0.05)

    assert isinstance(outcome, Recognised)
    assert outcome.margin == pytest.approx(0.5, abs=1e-6)


def test_comparison_is_refused_when_the_models_differ() -> None:
    old = ModelId("older-model")

    with pytest.raises(ModelMismatchError):
        identify(a_probe(), a_gallery({ADA: a_template(0.9, model_id=old)}, old), threshold=0.4, margin=0)
    with pytest.raises(ModelMismatchError):
        a_gallery({ADA: a_template(0.9, model_id=old)}, SFACE)


def test_forgotten_person_is_not_found_when_looked_for() -> None:
    gallery = a_gallery({ADA: a_template(0.9), BEN: a_template(0.2)}).without([ADA, CY])

    assert gallery.reference_ids == (BEN,)
    assert isinstance(identify(a_probe(), gallery, threshold=0.414, margin=0.05), Stranger)


def test_look_alikes_are_told_the_nearest_first_when_somebody_enrols() -> None:
    gallery = a_gallery({ADA: a_template(0.45), BEN: a_template(0.2), CY: a_template(0.7)})

    found = look_alikes(a_probe(), gallery)

    assert [(one.reference_id, round(one.score, 3)) for one in found] == [(CY, 0.7), (ADA, 0.45)]
    assert look_alikes(a_probe(), a_gallery({})) == ()


@pytest.mark.parametrize(("score", "outcome"), [(0.75, Stranger), (0.81, Recognised)])
def test_twin_is_not_taken_for_the_flagged_person_when_alone_among_the_candidates(
    score: float, outcome: type[Outcome]
) -> None:
    # Ada was flagged at enrolment: her sister scored 0.70 against her, and is not among these candidates.
    gallery = Gallery.of(SFACE, {ADA: a_template(score)}, likeness={ADA: 0.70})

    assert type(identify(a_probe(), gallery, threshold=0.414, margin=0.05)) is outcome


def test_second_model_does_not_lift_the_guard_when_a_look_alike_is_on_file() -> None:
    probe = a_probe(second=PROBE_SECOND)
    twin = a_template(0.40, second=like(0.30))

    assert isinstance(fuse(probe, a_gallery({ADA: twin}), point=POINT, margin=0.05), Recognised)
    guarded = Gallery.of(SFACE, {ADA: twin}, likeness={ADA: 0.5})
    assert isinstance(fuse(probe, guarded, point=POINT, margin=0.05), Stranger)


def test_second_model_does_not_spare_what_is_asked_of_one_person_when_their_captures_lie_close_together() -> None:
    probe = a_probe(second=PROBE_SECOND)
    just = a_template(0.40, second=like(0.56))  # 3.38 deviations together; 3.28 are asked

    tight = replace(just, captures=3, spread=0.0)

    assert isinstance(fuse(probe, a_gallery({ADA: just}), point=POINT, margin=0), Recognised)
    assert isinstance(fuse(probe, a_gallery({ADA: tight}), point=POINT, margin=0), Stranger)


@pytest.mark.parametrize(
    ("captures", "spread", "lift"), [(1, 0.0, 0.0), (3, 0.0, 0.05), (3, 0.06, 0.025), (3, 0.12, 0.0), (5, 0.3, 0.0)]
)
def test_more_is_asked_when_the_captures_of_a_person_lie_close_together(
    captures: int, spread: float, lift: float
) -> None:
    person = replace(a_template(0.43), captures=captures, spread=spread)

    assert person.lift == pytest.approx(lift)
    outcome = identify(a_probe(), a_gallery({ADA: person}), threshold=0.414, margin=0.05)
    assert isinstance(outcome, Stranger) is (0.414 + lift > 0.43)


@given(
    scores=st.lists(st.floats(-0.9, 0.99), min_size=0, max_size=6),
    threshold=st.floats(0, 1),
    margin=st.floats(0, 0.3),
)
def test_named_person_is_always_the_nearest_when_anyone_is(
    scores: list[float], threshold: float, margin: float
) -> None:
    gallery = a_gallery({f"r{index}": a_template(score) for index, score in enumerate(scores)})  # type: ignore[misc]  # ids are plain text here

    match identify(a_probe(), gallery, threshold=threshold, margin=margin):
        case Recognised(reference_id, score, lead):
            others = [other for index, other in enumerate(scores) if f"r{index}" != reference_id]
            assert score >= threshold
            assert all(score >= other - 1e-5 for other in others)
            assert lead >= margin or not others
        case Ambiguous(_, score, lead):
            assert score >= threshold
            assert lead < margin
        case Stranger(score):
            assert all(other < threshold + 1e-5 for other in scores)


@given(st.integers(1, 1_000_000))
def test_threshold_never_falls_when_a_candidate_more_is_compared(candidates: int) -> None:
    here, next_ = operating_point(candidates), operating_point(min(candidates + 1, 1_000_000))

    assert next_.threshold >= here.threshold
    assert next_.fused_threshold >= here.fused_threshold


@pytest.mark.parametrize(
    ("candidates", "threshold", "basis"),
    [
        (1, 0.414, "measured"),
        (10, 0.414, "measured"),
        (31, 0.4386, "interpolated"),
        (1000, 0.517, "measured"),
        (100_000, 0.60, "extrapolated"),
    ],
)
def test_table_gives_the_measured_threshold_when_asked(candidates: int, threshold: float, basis: str) -> None:
    point = operating_point(candidates)

    assert point.threshold == pytest.approx(threshold, abs=1e-3)
    assert point.basis == basis


@pytest.mark.parametrize("candidates", [0, 1_000_001])
def test_no_threshold_is_invented_when_the_table_ends(candidates: int) -> None:
    with pytest.raises(ValueError, match="operating point"):
        operating_point(candidates)


def like(distance: float) -> Vector:
    """Return a second vector at this distance from the probe's, which is all zeros."""
    vector = np.zeros(128, dtype=np.float32)
    vector[0] = distance
    return vector


PROBE_SECOND = like(0.0)


def test_shopper_is_saved_when_the_second_model_is_sure() -> None:
    probe = a_probe(second=PROBE_SECOND)
    gallery = a_gallery({ADA: a_template(0.40, second=like(0.30)), BEN: a_template(0.1, second=like(0.8))})
    alone = identify(probe, gallery, threshold=POINT.threshold, margin=0.05)

    fused = fuse(probe, gallery, point=POINT, margin=0.05)

    assert is_doubtful(alone, POINT)
    assert isinstance(fused, Recognised)
    assert fused.reference_id == ADA
    # By hand: 0.6 (0.40 - 0.0761) / 0.0901 + 0.4 (-0.30 + 0.8338) / 0.0892
    assert fused.fused_score == pytest.approx(0.6 * 3.5949 + 0.4 * 5.9843, abs=1e-3)


def test_stranger_stays_one_when_the_second_model_finds_them_unlike() -> None:
    probe = a_probe(second=PROBE_SECOND)

    fused = fuse(probe, a_gallery({ADA: a_template(0.40, second=like(0.75))}), point=POINT, margin=0.05)

    assert isinstance(fused, Stranger)


def test_second_model_cannot_bring_anyone_in_when_the_first_finds_them_unlike() -> None:
    probe = a_probe(second=PROBE_SECOND)

    fused = fuse(probe, a_gallery({ADA: a_template(0.30, second=like(0.0))}), point=POINT, margin=0.05)

    assert isinstance(fused, Stranger)
    assert not is_doubtful(Stranger(score=0.30), POINT)


def test_nobody_is_named_when_both_models_find_two_alike() -> None:
    probe = a_probe(second=PROBE_SECOND)
    twins = a_gallery({ADA: a_template(0.40, second=like(0.30)), BEN: a_template(0.40, second=like(0.31))})

    assert isinstance(fuse(probe, twins, point=POINT, margin=0.05), Ambiguous)


def test_candidate_is_passed_over_when_enrolled_without_a_second_vector() -> None:
    probe = a_probe(second=PROBE_SECOND)

    assert isinstance(fuse(probe, a_gallery({ADA: a_template(0.41)}), point=POINT, margin=0.05), Stranger)


def test_second_vector_is_demanded_when_fusing() -> None:
    with pytest.raises(ValueError, match="second"):
        fuse(a_probe(), a_gallery({ADA: a_template(0.4)}), point=POINT, margin=0.05)


def test_no_camera_library_is_loaded_when_templates_are_compared() -> None:
    program = (
        "import sys, vision.matching; print([m for m in ('cv2', 'onnxruntime', 'dlib', 'PIL') if m in sys.modules])"
    )

    run = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[]"
