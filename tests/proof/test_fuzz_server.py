"""The long form of `tests/server/test_fuzz.py`: every kind of sender for minutes."""

import sys
from pathlib import Path

import pytest

from tests.server.fuzz import SENDERS, fuzz

SECONDS = 240


@pytest.mark.parametrize("who", SENDERS)
def test_every_answer_is_as_described_when_requests_are_drawn_for_minutes(tmp_path: Path, who: str) -> None:
    seen = fuzz(tmp_path, who, [f"--max-time={SECONDS}"], seconds=SECONDS + 240)

    assert seen.is_clean, seen.told + seen.log
    assert seen.operations > 100, seen.told
    assert seen.books.holds, str(seen.books)
    sys.stdout.write(f"as {who}: {seen.cases} requests to {seen.operations} addresses, all answered as described\n")
