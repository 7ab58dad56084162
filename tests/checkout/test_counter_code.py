"""The code on a counter: one spelling, nothing believed, nothing that breaks the reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import CounterCode, ExitPass, SignedCounter, read_counter_code, signed_text

MINOR = st.integers(min_value=0, max_value=2**53)


@given(st.text(max_size=64), st.text(max_size=36), MINOR, st.binary(min_size=1, max_size=64))
def test_a_code_is_read_as_it_was_written_when_it_comes_back(
    store_id: str, code_id: str, amount_minor: int, signature: bytes
) -> None:
    written = CounterCode(store_id, code_id, amount_minor)

    assert read_counter_code(written.token(signature)) == SignedCounter(written, signature)


@given(st.text(max_size=200))
def test_any_text_is_read_or_nothing_when_somebody_writes_an_address(text: str) -> None:
    found = read_counter_code(text)
    assert found is None or found.code.token(found.signature) == text


@pytest.mark.parametrize("facts", [("demo", "c1"), ("demo", "c1", "12"), ("demo", 7, 12), ("demo", "c1", 12, 1)])
def test_nothing_is_read_when_the_facts_have_another_shape(facts: tuple[str | int, ...]) -> None:
    assert read_counter_code(signed_text.token("m", facts, b"signed")) is None


def test_what_is_signed_says_what_it_is_when_a_code_is_made() -> None:
    words = CounterCode("demo", "c1").words()

    assert words.startswith(b"sesame-counter-code\n")
    assert words != CounterCode("demo", "c1", 1).words()
    assert read_counter_code(ExitPass("demo", 1, 1, "n").token(b"signed")) is None
