"""Turned templates decide as before in their store, and nothing elsewhere."""

from dataclasses import replace

import numpy as np
import pytest

from models import SFACE
from vision.errors import ModelMismatchError
from vision.face.embed import unit
from vision.matching import Gallery, Outcome, Recognised, ReferenceId, Stranger, Template, Turn, identify

OURS, THEIRS = Turn.of(b"the secret of one store", "one"), Turn.of(b"the secret of another store", "another")


def people(count: int = 200, noise: float = 0.06) -> tuple[list[Template], list[Template]]:
    """Return references, and a probe of each at a cosine of about 0.8."""
    chance = np.random.default_rng(5)
    faces = unit(chance.normal(size=(count, 128)).astype(np.float32))
    again = unit(faces + chance.normal(0, noise, faces.shape).astype(np.float32))
    seconds = chance.normal(0, 0.1, faces.shape).astype(np.float32)
    return (
        [Template(SFACE, face, second=second) for face, second in zip(faces, seconds, strict=True)],
        [Template(SFACE, face) for face in again],
    )


def decided(references: list[Template], probes: list[Template]) -> list[Outcome]:
    gallery = Gallery.of(references[0].model_id, {ReferenceId(str(row)): one for row, one in enumerate(references)})
    return [identify(probe, gallery, threshold=0.5, margin=0.05) for probe in probes]


def test_every_decision_is_the_same_when_all_are_turned() -> None:
    references, probes = people()

    plain = decided(references, probes)
    turned = decided([OURS.turn(one) for one in references], [OURS.turn(one) for one in probes])

    for before, after in zip(plain, turned, strict=True):
        assert isinstance(before, Recognised)
        assert isinstance(after, Recognised)
        assert after.reference_id == before.reference_id
        assert after.score == pytest.approx(before.score, abs=1e-5)
        assert after.margin == pytest.approx(before.margin, abs=1e-5)


def test_stolen_templates_are_strangers_when_the_secret_was_changed() -> None:
    references, _ = people()

    stolen = [replace(THEIRS.turn(one), model_id=OURS.kind(SFACE)) for one in references]  # under a false name
    outcomes = decided(stolen, [OURS.turn(one) for one in references])

    assert [type(outcome) for outcome in outcomes] == [Stranger] * len(references)


def test_nobody_enrols_again_when_the_secret_is_changed() -> None:
    references, probes = people(20)

    moved = [THEIRS.turn(OURS.turn_back(OURS.turn(one))) for one in references]

    outcomes = decided(moved, [THEIRS.turn(probe) for probe in probes])
    assert [outcome.reference_id for outcome in outcomes if isinstance(outcome, Recognised)] == [
        str(row) for row in range(20)
    ]
    first, before = moved[0].second, references[0].second
    assert first is not None
    assert before is not None
    assert np.linalg.norm(first) == pytest.approx(float(np.linalg.norm(before)), abs=1e-5)


def test_templates_are_not_compared_when_they_went_through_different_rotations() -> None:
    references, _ = people(2)

    with pytest.raises(ModelMismatchError):
        decided([THEIRS.turn(one) for one in references], [OURS.turn(one) for one in references])
    for kept in (OURS.turn(references[0]), THEIRS.turn(references[0])):
        with pytest.raises(ModelMismatchError):
            OURS.turn(kept)
    for kept in (references[0], THEIRS.turn(references[0])):
        with pytest.raises(ModelMismatchError):
            OURS.turn_back(kept)


def test_same_secret_turns_the_same_way_when_drawn_again() -> None:
    np.testing.assert_array_equal(Turn.of(b"the secret of one store", "one").first, OURS.first)
    np.testing.assert_allclose(OURS.first @ OURS.first.T, np.eye(128), atol=1e-5)


def test_short_secret_is_refused_when_drawn() -> None:
    with pytest.raises(ValueError, match="too short"):
        Turn.of(b"secret", "short")
