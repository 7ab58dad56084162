"""The whole of `tests/e2e/test_faults.py`: every state of a visit x every fault, and the table of what happened."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.e2e.matrix import FAULTS, SAME_SCREEN_SECONDS, Cell, run, table
from tests.e2e.stack import Stack, open_shop
from tests.e2e.ways import BY_FACE, STATES, fill_purse

PURSE_MINOR = 15_000  # with the demo's 100.00 more than all visits pay


def test_each_visit_has_one_outcome_when_anything_breaks_in_any_state(tmp_path: Path) -> None:
    each_has_one_outcome(open_shop(tmp_path, wired=True), [state for state in STATES if state not in BY_FACE])


@pytest.mark.data
def test_each_visit_has_one_outcome_when_anything_breaks_after_a_face_was_taken(
    tmp_path: Path, shared_data: Path
) -> None:
    stack = open_shop(tmp_path, wired=True)
    stack.photographs = sorted((shared_data / "faces" / "johns" / "images" / "John_Salley").glob("*.jpg"))[:3]

    each_has_one_outcome(stack, BY_FACE)


def each_has_one_outcome(stack: Stack, states: Sequence[str]) -> None:
    """Let every fault happen in each state, print what became of it, and stop the shop."""
    cells: list[Cell] = []
    try:
        fill_purse(stack, PURSE_MINOR)
        for state in states:
            for fault in FAULTS:
                cells.append(run(stack, state, fault))
                sys.stdout.write(f"{cells[-1]}\n")
        books = stack.verify()
    finally:
        stack.stop()
        sys.stdout.write(f"{table(cells)}\n")

    assert [cell for cell in cells if cell.paid not in {-1, 1}] == []
    assert "no gap" in books
    # A machine that others use is slower by as much as its queue is long.
    allowed = SAME_SCREEN_SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert [cell for cell in cells if cell.seconds >= allowed] == []
