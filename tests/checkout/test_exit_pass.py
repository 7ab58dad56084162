"""The pass that opens the gate: one spelling, nothing believed, nothing that breaks the reader."""

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import ExitCode, ExitPass, SignedPass, read_code, read_exit_pass

NUMBERS = st.integers(min_value=0, max_value=2**53)


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


FACTS = b64(b'["demo",7,1,"n"]')


@given(st.text(max_size=64), NUMBERS, NUMBERS, st.text(max_size=43), st.binary(min_size=1, max_size=64))
def test_a_pass_is_read_as_it_was_written_when_it_comes_back(
    store_id: str, number: int, expires_at_s: int, nonce: str, signature: bytes
) -> None:
    written = ExitPass(store_id, number, expires_at_s, nonce)

    assert read_exit_pass(written.token(signature)) == SignedPass(written, signature)


def test_what_is_signed_says_what_it_is_when_a_pass_is_made() -> None:
    words = ExitPass("demo", 7, 1_795_000_000, "n").words()
    assert words.startswith(b"sesame-exit-pass\n")
    assert words != ExitPass("demo", 8, 1_795_000_000, "n").words()


def test_a_code_carries_the_pass_when_a_gate_reads_it() -> None:
    token = ExitPass("demo", 123_456, 1_795_000_000, "n" * 43).token(bytes(64))

    assert read_code(f"SESAME:X:{token}") == ExitCode(token)


@given(st.text(max_size=300))
def test_nothing_is_a_pass_when_it_is_any_text(text: str) -> None:
    assert read_exit_pass(text) is None


@pytest.mark.parametrize(
    "token",
    [
        "1.x.y.z",
        f"1.{b64(b'not json')}.AA",
        f"1.{b64(b'{}')}.AA",
        f"1.{b64(json.dumps(['demo', True, 1, 'n']).encode())}.AA",
        f"1.{b64(json.dumps(['demo', 7, 1, 'n']).encode())}.AA",  # with blanks: another spelling
        f"2.{FACTS}.AA",
        f"1.{FACTS}.A",
        f"1.{b64(bytes([0xFF, 0xFE]))}.AA",
    ],
)
def test_nothing_is_read_when_a_token_is_spelt_otherwise(token: str) -> None:
    assert read_exit_pass(token) is None
