"""Templates as bytes, averaged and sealed."""

import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import SFACE, ModelId
from tests.vision.builders import ADA, BEN, KEY, a_template, a_vector
from vision.barcode.debounce import OWN_TEXTS
from vision.errors import (
    KeyFileError,
    KeyTextError,
    ModelMismatchError,
    SealBrokenError,
    TemplateMalformedError,
    VisionError,
)
from vision.matching import (
    SealKey,
    Template,
    average,
    create_key,
    new_shopper_secret,
    open_sealed,
    read_key,
    seal,
    shopper_key,
)


def same(left: Template, right: Template) -> bool:
    return left.to_bytes() == right.to_bytes()


def test_template_comes_back_when_written_and_read() -> None:
    template = Template(
        SFACE, a_vector(0.25, size=128), captures=3, spread=0.125, second=np.arange(128, dtype=np.float32)
    )

    again = Template.from_bytes(template.to_bytes())

    assert again.model_id == SFACE
    assert (again.captures, again.spread) == (3, 0.125)
    np.testing.assert_array_equal(again.vector, template.vector)
    assert again.second is not None
    np.testing.assert_array_equal(again.second, np.arange(128))


@given(st.binary(max_size=200))
def test_bytes_are_refused_in_our_words_when_they_are_no_template(content: bytes) -> None:
    with pytest.raises(TemplateMalformedError):
        Template.from_bytes(content)


@given(st.integers(0, 60))
def test_template_is_refused_when_cut_anywhere(length: int) -> None:
    whole = a_template(0.5).to_bytes()

    with pytest.raises(TemplateMalformedError):
        Template.from_bytes(whole[: min(length, len(whole) - 1)])


def test_template_is_refused_when_a_number_is_not_finite() -> None:
    content = bytearray(a_template(0.5).to_bytes())
    content[-4:] = np.float32(np.nan).tobytes()

    with pytest.raises(TemplateMalformedError, match="damaged"):
        Template.from_bytes(bytes(content))


def test_mean_lies_between_when_captures_are_averaged() -> None:
    left, right = a_template(0.8, 0.6), a_template(0.8, -0.6)

    mean = average([left, right])

    np.testing.assert_allclose(mean.vector, a_vector(1.0), atol=1e-6)
    assert mean.captures == 2
    assert mean.spread == pytest.approx(0.2, abs=1e-6)


def test_captures_weigh_equally_when_a_mean_is_averaged_again() -> None:
    a, b, c = a_template(1.0), a_template(0.9), a_template(0.0, 0.9)

    # Not the same as the mean of three, since each mean is brought to unit length, but close to it.
    assert average([average([a, b]), c]).vector @ average([a, b, c]).vector > 0.999


def test_average_is_refused_when_models_are_mixed() -> None:
    with pytest.raises(ModelMismatchError):
        average([a_template(1.0), a_template(1.0, model_id=ModelId("other"))])


@pytest.mark.parametrize("templates", [[], [a_template(1.0), Template(SFACE, -a_vector(1.0))]])
def test_average_is_refused_when_nothing_is_left_of_it(templates: list[Template]) -> None:
    with pytest.raises(ValueError, match=r"at least one|cancel"):
        average(templates)


def test_template_comes_back_when_sealed_and_opened() -> None:
    template = a_template(0.5)

    assert same(open_sealed(seal(template, KEY, ADA), KEY, ADA, SFACE), template)


def test_sealed_bytes_differ_when_the_same_template_is_sealed_twice() -> None:
    assert seal(a_template(0.5), KEY, ADA) != seal(a_template(0.5), KEY, ADA)


def test_nothing_of_the_vector_shows_when_sealed() -> None:
    template = a_template(0.5)

    assert template.vector.tobytes()[:8] not in seal(template, KEY, ADA)


def test_seal_breaks_when_key_reference_or_model_is_another() -> None:
    sealed = seal(a_template(0.5), KEY, ADA)

    for key, reference_id, model_id in (
        (SealKey(bytes(32)), ADA, SFACE),
        (KEY, BEN, SFACE),
        (KEY, ADA, ModelId("other")),
    ):
        with pytest.raises(SealBrokenError):
            open_sealed(sealed, key, reference_id, model_id)


@given(st.data())
def test_seal_breaks_when_any_bit_is_turned(data: st.DataObject) -> None:
    sealed = bytearray(seal(a_template(0.5), KEY, ADA))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))

    sealed[place // 8] ^= 1 << place % 8

    with pytest.raises(SealBrokenError):
        open_sealed(bytes(sealed), KEY, ADA, SFACE)


@given(st.binary(max_size=40))
def test_seal_breaks_in_our_words_when_bytes_are_arbitrary(content: bytes) -> None:
    with pytest.raises(VisionError):
        open_sealed(content, KEY, ADA, SFACE)


def test_template_opens_when_the_shopper_shows_the_code_again() -> None:
    text, template = new_shopper_secret(), a_template(0.5)
    sealed = seal(template, shopper_key(text, ADA), ADA)

    opened = open_sealed(sealed, shopper_key(text, ADA), ADA, SFACE)

    np.testing.assert_array_equal(opened.vector, template.vector)
    assert OWN_TEXTS.fullmatch(text)  # the scanner takes it


def test_template_stays_shut_when_another_code_or_the_store_tries() -> None:
    text = new_shopper_secret()
    sealed = seal(a_template(0.5), shopper_key(text, ADA), ADA)

    for key in (KEY, shopper_key(new_shopper_secret(), ADA), shopper_key(text, BEN)):
        with pytest.raises(SealBrokenError):
            open_sealed(sealed, key, ADA, SFACE)


@given(st.text(max_size=80))
def test_code_is_refused_without_being_repeated_when_it_holds_no_key(text: str) -> None:
    for said in (text, "SESAME:K:" + text):
        with pytest.raises(KeyTextError) as refused:
            shopper_key(said, ADA)
        assert str(refused.value) == "This code holds no key."


def test_key_is_for_its_owner_alone_when_created(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "store.key"

    key = create_key(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path) == key
    assert key.secret.hex() not in repr(key)


def test_old_key_stays_when_a_key_is_created_over_it(tmp_path: Path) -> None:
    path = tmp_path / "store.key"
    key = create_key(path)

    with pytest.raises(KeyFileError, match="exists"):
        create_key(path)

    assert read_key(path) == key


def test_key_is_refused_when_others_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "store.key"
    create_key(path)
    path.chmod(0o644)

    with pytest.raises(KeyFileError, match="chmod 600"):
        read_key(path)


@pytest.mark.parametrize("text", ["", "zz", "00" * 31, "é" * 64])
def test_key_is_refused_when_the_file_holds_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "store.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)

    with pytest.raises(KeyFileError):
        read_key(path)


def test_sentence_names_the_file_when_the_key_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"store\.key"):
        read_key(tmp_path / "store.key")
