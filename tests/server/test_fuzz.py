"""Requests that nobody would send: whatever comes in, the store never breaks, and answers as its description says."""

from pathlib import Path

import pytest

from tests.server.fuzz import SENDERS, fuzz

FEW = ["--phases=examples,fuzzing", "--max-examples=2", "--seed=20261123"]
"""The same requests each time, as a bound of time would ask nothing on a busy machine."""


@pytest.mark.parametrize("who", SENDERS)
def test_every_answer_is_as_described_when_requests_are_drawn_at_random(tmp_path: Path, who: str) -> None:
    seen = fuzz(tmp_path, who, FEW, seconds=600)

    assert seen.is_clean, seen.told + seen.log
    assert seen.operations > 100, seen.told
    assert seen.books.holds, str(seen.books)
