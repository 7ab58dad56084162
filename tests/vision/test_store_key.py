"""Kept templates: opened by one key, moved to another, worthless to whoever stole them before."""

from dataclasses import replace

import numpy as np
import pytest

from models import SFACE
from vision.errors import ModelMismatchError, SealBrokenError
from vision.face.embed import unit
from vision.matching import Gallery, ReferenceId, SealKey, StoreKey, Stranger, Template, identify, key_id, seal
from vision.matching.store_key import SALT_BYTES
from vision.matching.turned import made_by

OLD = StoreKey(SealKey(bytes(range(32))), bytes(SALT_BYTES))
NEW = StoreKey(SealKey(bytes(range(1, 33))), b"n" * SALT_BYTES)
ADA = ReferenceId("ada")


def faces(count: int) -> dict[ReferenceId, Template]:
    chance = np.random.default_rng(3)
    vectors = unit(chance.normal(size=(count, 128)).astype(np.float32))
    seconds = chance.normal(0, 0.1, vectors.shape).astype(np.float32)
    return {
        ReferenceId(str(row)): Template(SFACE, vector, 3, 0.1, second)
        for row, (vector, second) in enumerate(zip(vectors, seconds, strict=True))
    }


def test_a_template_comes_back_turned_when_its_key_opens_it() -> None:
    (template,) = faces(1).values()

    model_id, sealed = OLD.keep(template, ADA)
    opened = OLD.open(sealed, ADA, model_id)

    assert (opened.captures, made_by(opened.model_id)) == (3, SFACE)
    assert opened.spread == pytest.approx(0.1)
    assert float(opened.vector @ template.vector) < 0.5
    assert float(OLD.turn.turn_back(opened).vector @ template.vector) == pytest.approx(1, abs=1e-6)
    assert template.vector.tobytes() not in sealed
    assert opened.vector.tobytes() not in sealed


def test_the_same_face_is_never_the_same_bytes_when_two_stores_keep_it() -> None:
    (template,) = faces(1).values()
    salted = StoreKey(OLD.sealing, b"s" * SALT_BYTES)

    ours, theirs = (key.open(key.keep(template, ADA)[1], ADA, key.turn.kind(SFACE)) for key in (OLD, NEW))

    assert abs(float(ours.vector @ theirs.vector)) < 0.5
    with pytest.raises(ModelMismatchError):
        salted.turn.turn(ours)


@pytest.mark.parametrize("other", [NEW, StoreKey(NEW.sealing, OLD.salt)])
def test_nothing_opens_when_the_key_is_another(other: StoreKey) -> None:
    (template,) = faces(1).values()
    model_id, sealed = OLD.keep(template, ADA)

    with pytest.raises(SealBrokenError):
        other.open(sealed, ADA, model_id)


def test_a_kept_template_cannot_be_told_to_be_of_another_key_when_it_is_opened() -> None:
    (template,) = faces(1).values()
    model_id, _ = NEW.keep(template, ADA)
    sealed = seal(NEW.turn.turn(template), OLD.sealing, ADA)  # the kiosks' key is right, the rotation is another's

    with pytest.raises(ModelMismatchError):
        OLD.open(sealed, ADA, model_id)


def test_everybody_is_known_and_stolen_copies_are_strangers_when_the_gallery_moved_to_another_key() -> None:
    known = faces(100)
    kept = [(name, *OLD.keep(template, name)) for name, template in known.items()]

    moved = OLD.keep_anew(kept, NEW)

    opened = {name: NEW.open(sealed, name, model_id) for name, model_id, sealed in moved}
    gallery = Gallery.of(NEW.turn.kind(SFACE), opened)
    for name, template in known.items():
        found = identify(NEW.turn.turn(template), gallery, threshold=0.5, margin=0.05)
        assert found.score == pytest.approx(1, abs=1e-5)
        second, before = opened[name].second, template.second
        assert second is not None
        assert before is not None
        assert np.linalg.norm(second) == pytest.approx(float(np.linalg.norm(before)), abs=1e-5)
        stolen = replace(OLD.turn.turn(template), model_id=gallery.model_id)  # under a name that is not its own
        assert isinstance(identify(stolen, gallery, threshold=0.5, margin=0.05), Stranger)
    with pytest.raises(ModelMismatchError):
        identify(OLD.turn.turn(known[ReferenceId("0")]), gallery, threshold=0.5, margin=0.05)


def test_the_name_of_a_key_is_public_and_its_own_when_keys_differ() -> None:
    assert key_id(OLD.sealing) == OLD.key_id == OLD.turn.name
    assert OLD.key_id != NEW.key_id
    assert len(OLD.key_id) == 32
    assert bytes.fromhex(OLD.key_id) not in OLD.sealing.secret
    assert OLD.sealing.secret.hex() not in repr(OLD)
    assert "salt" not in repr(OLD)


def test_a_short_salt_is_refused_when_a_key_is_made() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        StoreKey(OLD.sealing, b"short")
