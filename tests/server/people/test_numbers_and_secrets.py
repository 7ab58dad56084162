"""Phone numbers, PINs, names, limits, texts and the key: everything that needs no database."""

import shutil
import stat
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.flows import consent_texts
from server.flows.consent_texts import LOCALES, load_consent_texts
from server.flows.errors import FlowError
from server.flows.limits import SlidingWindow
from server.flows.names import clean_name, masked
from server.flows.phone import PhoneBook, parse_phone
from server.flows.pins import check_pin_choice
from server.keys import load_pepper
from tests.server.builders import NOON
from tests.server.people.builders import at_once


@pytest.mark.parametrize(
    ("text", "country", "e164"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+33 6 12 34 56 78", "FR", "+33612345678"),
        ("+33 (0)6.12.34.56.78", "FR", "+33612345678"),
        ("0033612345678", "FR", "+33612345678"),
        ("06-12-34-56-78", "FR", "+33612345678"),
        ("138 1234 5678", "CN", "+8613812345678"),
        ("+377 93 12 34 56", "FR", "+37793123456"),
        ("07 911 123456", "GB", "+447911123456"),
    ],
)
def test_a_number_has_one_form_when_it_is_written_in_any_common_way(text: str, country: str, e164: str) -> None:
    assert parse_phone(text, country).e164 == e164


@pytest.mark.parametrize(
    "text",
    [
        "",
        "06",
        "6 12 34 56 78",
        "06 12 34 56 7",
        "06 12 34 56 789",
        "+33 0",
        "+",
        "tel:0612345678",
        "٠٦١٢٣٤٥٦٧٨",
        "+1" * 9,
    ],
)
def test_a_text_is_refused_when_it_is_no_number(text: str) -> None:
    with pytest.raises(FlowError) as refused:
        parse_phone(text, "FR")

    assert refused.value.code == "malformed_phone"
    assert refused.value.facts["errors"][0]["field"] == "phone"


@given(st.text(max_size=40))
def test_parsing_ends_in_a_number_or_a_refusal_when_the_text_is_anything(text: str) -> None:
    try:
        phone = parse_phone(text, "FR")
    except FlowError as error:
        assert error.code == "malformed_phone"  # noqa: PT017 - either way out is right
    else:
        assert phone.e164[1:].isdigit()
        assert parse_phone(phone.e164, "FR") == phone


def test_a_number_shows_nowhere_when_it_is_printed_or_hashed() -> None:
    book = PhoneBook("FR", b"k" * 32)
    phone = book.parse("06 12 34 56 78")

    assert "612345" not in repr(phone) + repr(book) + book.hash(phone) + phone.masked
    assert book.hash(phone) != PhoneBook("FR", b"j" * 32).hash(phone)
    assert book.hash(phone) != book.code_hash("+33612345678")


@pytest.mark.parametrize(
    "pin",
    ["123", "5678"],
)
def test_a_pin_is_refused_when_a_stranger_would_try_it_first(pin: str) -> None:
    with pytest.raises(FlowError) as refused:
        check_pin_choice(pin, phone_last4="5678")

    assert refused.value.code == "pin_weak"


def test_most_pins_can_be_chosen_when_all_of_four_digits_are_tried() -> None:
    def allowed(pin: str) -> bool:
        try:
            check_pin_choice(pin, phone_last4="5678")
        except FlowError:
            return False
        return True

    refused = sum(not allowed(f"{number:04d}") for number in range(10_000))

    assert 100 < refused < 200


@pytest.mark.parametrize(
    ("name", "outline"),
    [("Lina Durand", "L*** D."), ("Lina", "L***"), ("王小明", "王***"), ("Ana de la Cruz", "A*** C.")],
)
def test_a_name_shows_two_letters_when_it_is_masked(name: str, outline: str) -> None:
    assert masked(name) == outline


def test_a_name_keeps_its_letters_only_when_it_is_cleaned() -> None:
    assert clean_name("  Lina\u202e \n Durand\x00 ") == "Lina Durand"


def test_a_window_opens_again_when_its_oldest_act_has_passed() -> None:
    window = SlidingWindow(3, timedelta(minutes=5))
    for second in range(3):
        window.take("a", at=NOON + timedelta(seconds=second))

    with pytest.raises(FlowError) as refused:
        window.take("a", "b", at=NOON + timedelta(seconds=10))

    assert refused.value.facts["retry_after_seconds"] == 290
    for _ in range(3):
        window.take("b", at=NOON)  # what was refused was counted under no key
    window.take("a", at=NOON + timedelta(minutes=5))


def test_a_window_lets_through_what_it_allows_when_many_ask_at_once() -> None:
    window = SlidingWindow(10, timedelta(minutes=5))

    outcomes = at_once([lambda: window.take("a", at=NOON)] * 40)

    assert outcomes.count(None) == 10


def test_every_language_says_the_same_things_when_the_consent_text_is_read() -> None:
    texts = load_consent_texts()

    assert {len(texts.text(locale).paragraphs) for locale in LOCALES} == {7}
    assert texts.text("de") == texts.text("en")
    for locale in LOCALES:
        assert "12" in texts.text(locale).retention
        assert "15" in texts.text(locale).age_label
    with pytest.raises(FlowError) as refused:
        texts.check("2025-1-1")
    assert refused.value.facts["version"] == texts.version


PUBLISHED = {
    "2026-11-1": "c84281767c5616b493317c3af4195c330522351af4cb0ca42df10a83293d8d5f",
    "2026-11-2": "4c1f9db1c84171cb4e8c2aadf30ab12a256688cdae889d911821a7eb36e2406e",
}
"""Of all three languages of a version; a text that somebody may have agreed to is never edited."""


@pytest.mark.parametrize(("version", "digest"), PUBLISHED.items())
def test_a_published_text_is_as_it_was_when_somebody_agreed_to_it(version: str, digest: str) -> None:
    folder = Path(consent_texts.__file__).parent / version

    assert sha256(b"".join((folder / f"{locale}.toml").read_bytes() for locale in LOCALES)).hexdigest() == digest
    assert set(load_consent_texts().published) == set(PUBLISHED)


def test_an_older_text_can_be_read_and_not_agreed_to_any_more_when_there_is_a_newer_one() -> None:
    texts = load_consent_texts()
    (older,) = set(texts.published) - {texts.version}

    assert texts.text("fr", older).version == older
    assert texts.text("fr").version == texts.version
    straight = "".join(texts.text("fr").paragraphs) + texts.text("fr").withdraw + texts.text("fr").tick_label
    assert "'" not in straight
    for act, code in (
        (lambda: texts.check(older), "consent_missing"),
        (lambda: texts.text("fr", "2020-1-1"), "consent_text_unknown"),
    ):
        with pytest.raises(FlowError) as refused:
            act()
        assert refused.value.code == code


def test_the_languages_are_refused_when_a_folder_holds_another_version(tmp_path: Path) -> None:
    shutil.copytree(Path(consent_texts.__file__).parent / "2026-11-1", tmp_path / "2026-12-1")

    with pytest.raises(ValueError, match="says that it is version 2026-11-1"):
        load_consent_texts(tmp_path)


def test_the_key_is_one_and_private_when_many_start_at_once(tmp_path: Path) -> None:
    keys = at_once([lambda: load_pepper(tmp_path / "var")] * 8)

    assert len(set(keys)) == 1
    assert len(keys[0]) == 32
    assert stat.S_IMODE((tmp_path / "var" / "pepper.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["pepper.key"]


def test_a_broken_key_is_refused_when_it_is_not_whole(tmp_path: Path) -> None:
    (tmp_path / "pepper.key").write_bytes(b"short")

    with pytest.raises(ValueError, match="5 bytes"):
        load_pepper(tmp_path)
