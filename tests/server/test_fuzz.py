"""Requests that nobody would send: whatever comes in, the store never breaks, and answers as its description says."""

from pathlib import Path

import pytest

from tests.server.fuzz import SENDERS, fuzz

SECONDS = 15
"""Long enough for every example; the long form is `tests/proof/test_fuzz_server.py`."""
ENOUGH = 41
"""Addresses. A machine that is busy with other things reads the description until the time is over: it gets more."""


@pytest.mark.parametrize("who", SENDERS)
def test_every_answer_is_as_described_when_requests_are_drawn_at_random(tmp_path: Path, who: str) -> None:
    seen = fuzz(tmp_path, who, seconds=SECONDS)
    if seen.operations < ENOUGH:
        again = tmp_path / "again"
        again.mkdir()
        seen = fuzz(again, who, seconds=8 * SECONDS)

    assert seen.is_clean, seen.told + seen.log
    assert seen.operations >= ENOUGH, seen.told
    assert seen.books.holds, str(seen.books)
