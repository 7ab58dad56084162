"""The few calls of a kiosk, with the real networks on drawn pictures."""

import cv2
import numpy as np
import pytest

from models import SFACE
from models.store import Store
from tests.vision.builders import ADA, BEN, a_face
from vision.face.eye import Eye, Look
from vision.frame import Frame
from vision.matching import Gallery, ImpostorHistogram, Recognised, Stranger, Template
from vision.matching.template import Vector
from vision.quality import Hint, Quality, assess


@pytest.fixture(scope="module")
def eye(weights: Store) -> Eye:
    return Eye(weights)


def a_look(seed: int = 1) -> Look:
    """Return a look at a drawn picture in which somebody says there is a face."""
    noise = np.random.default_rng(seed).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    image = np.asarray(cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    frame, face = Frame(image, 0), a_face()
    return Look(frame, (face,), assess(frame, [face]), face)


def at_cosine(probe: Vector, cosine: float) -> Vector:
    """Return a unit vector at this cosine from another."""
    other = np.roll(probe, 1)
    aside = other - (other @ probe) * probe
    aside /= np.linalg.norm(aside)
    return np.asarray(cosine * probe + np.sqrt(1 - cosine**2) * aside, dtype=np.float32)


def test_nobody_is_seen_when_the_frame_is_empty(eye: Eye) -> None:
    look = eye.look(Frame(np.full((480, 640, 3), 90, dtype=np.uint8), 0))

    assert (look.faces, look.face, look.is_good) == ((), None, False)
    assert look.quality.hint is Hint.NO_FACE


def test_template_is_the_mean_of_the_looks_when_several_are_given(eye: Eye) -> None:
    looks = [a_look(1), a_look(2), a_look(3)]

    template = eye.template_of(looks)

    assert (template.captures, template.second) == (3, None)
    assert template.spread > 0
    each = np.stack([eye.template_of([look]).vector for look in looks])
    np.testing.assert_allclose(template.vector, each.sum(axis=0) / np.linalg.norm(each.sum(axis=0)), atol=1e-5)


def test_second_vector_comes_along_when_asked_for(eye: Eye) -> None:
    look = a_look()
    assert look.face is not None

    template = eye.template_of([look], with_second=True)

    assert template.second is not None
    np.testing.assert_allclose(template.second, eye.second(look.frame, look.face), atol=1e-6)


def test_template_is_refused_when_a_look_has_no_face(eye: Eye) -> None:
    blind = Look(a_look().frame, (), Quality(), None)

    for looks in ([], [a_look(), blind]):
        with pytest.raises(ValueError, match="face"):
            eye.template_of(looks)


def test_person_is_recognised_without_a_second_opinion_when_the_first_is_sure(eye: Eye) -> None:
    look = a_look()
    reference = eye.template_of([look], with_second=True)

    decision = eye.recognise([look], Gallery.of(SFACE, {ADA: reference}))

    assert isinstance(decision.outcome, Recognised)
    assert not decision.second_heard


def test_second_opinion_decides_when_the_first_just_missed_somebody(eye: Eye) -> None:
    look = a_look()
    probe = eye.template_of([look], with_second=True)
    assert probe.second is not None
    near = at_cosine(probe.vector, 0.40)
    gallery = Gallery.of(
        SFACE, {ADA: Template(SFACE, near, second=probe.second), BEN: Template(SFACE, at_cosine(probe.vector, 0.1))}
    )
    unlike = Gallery.of(SFACE, {ADA: Template(SFACE, near, second=probe.second + 0.1)})

    yes, no = eye.recognise([look], gallery), eye.recognise([look], unlike)

    assert isinstance(yes.outcome, Recognised)
    assert yes.outcome.reference_id == ADA
    assert isinstance(no.outcome, Stranger)
    assert yes.second_heard
    assert no.second_heard


def test_stranger_stays_one_when_nobody_is_near(eye: Eye) -> None:
    probe = eye.template_of([a_look()])
    far = Gallery.of(
        SFACE, {ADA: Template(SFACE, at_cosine(probe.vector, 0.2), second=np.zeros(128, dtype=np.float32))}
    )

    decision = eye.recognise([a_look()], far)

    assert isinstance(decision.outcome, Stranger)
    assert not decision.second_heard


def test_first_model_decides_alone_when_there_is_no_second(weights: Store) -> None:
    eye = Eye(weights, with_second=False)
    look = a_look()
    assert look.face is not None

    assert not eye.has_second
    assert isinstance(eye.recognise([look], Gallery.of(SFACE, {})).outcome, Stranger)
    with pytest.raises(ValueError, match="without a second"):
        eye.second(look.frame, look.face)


def test_mirrored_face_counts_as_well_when_somebody_enrols(eye: Eye) -> None:
    plain, both = eye.template_of([a_look()]), eye.template_of([a_look()], flip=True)

    assert 0.5 < float(plain.vector @ both.vector) < 0.9999


def test_other_candidates_are_counted_as_impostors_when_somebody_is_recognised(weights: Store) -> None:
    eye = Eye(weights, with_second=False, histogram=ImpostorHistogram.empty(SFACE))
    probe = eye.template_of([a_look()]).vector
    known, other = Template(SFACE, at_cosine(probe, 0.8)), Template(SFACE, at_cosine(probe, 0.1))

    first = eye.recognise([a_look()], Gallery.of(SFACE, {ADA: known, BEN: other}))
    eye.recognise([a_look()], Gallery.of(SFACE, {BEN: other}))  # a stranger says nothing about who is one

    assert isinstance(first.outcome, Recognised)
    assert eye.histogram is not None
    assert eye.histogram.pairs == 1
