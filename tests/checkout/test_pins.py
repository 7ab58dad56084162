"""What makes a PIN too easy to guess."""

import pytest

from checkout import weakness_of


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("123", "it is not 4 to 6 digits"),
        ("1234567", "it is not 4 to 6 digits"),
        ("12a4", "it is not 4 to 6 digits"),
        ("١٢٣٥", "it is not 4 to 6 digits"),
        ("0000", "all its digits are the same"),
        ("9012", "its digits follow each other"),
        ("4321", "its digits follow each other"),
        ("123456", "its digits follow each other"),
        ("1212", "it repeats a pair"),
        ("121212", "it repeats a pair"),
        ("2580", "many people choose it"),
        ("5679", "it is the end of the phone number"),
    ],
)
def test_it_is_said_why_when_a_stranger_would_try_a_pin_first(pin: str, why: str) -> None:
    assert weakness_of(pin, phone_last4="5679") == why


@pytest.mark.parametrize("pin", ["2718", "31416", "904517", "5690"])
def test_nothing_is_said_when_a_pin_has_no_pattern(pin: str) -> None:
    assert weakness_of(pin, phone_last4="5679") is None
