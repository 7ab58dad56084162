"""Requests that nobody would send: whatever comes in, the store never breaks, and answers as its description says."""

from pathlib import Path

import pytest

from tests.server.fuzz import SENDERS, fuzz

SECONDS = 15
"""Long enough for every example; the long form is `tests/proof/test_fuzz_server.py`."""


@pytest.mark.parametrize("who", SENDERS)
def test_every_answer_is_as_described_when_requests_are_drawn_at_random(tmp_path: Path, who: str) -> None:
    seen = fuzz(tmp_path, who, seconds=SECONDS)

    assert seen.is_clean, seen.told + seen.log
    assert seen.operations > 40, seen.told
    assert seen.books.holds, str(seen.books)
