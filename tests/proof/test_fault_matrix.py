"""The whole of `tests/e2e/test_faults.py`: every state of a visit x every fault, and the table of what happened."""

import os
import sys
from pathlib import Path

from tests.e2e.matrix import FAULTS, SAME_SCREEN_SECONDS, STATES, Cell, fill_purse, run, table
from tests.e2e.stack import open_shop

PURSE_MINOR = 15_000  # with the demo's 100.00 more than the eighty visits pay


def test_each_visit_has_one_outcome_when_anything_breaks_in_any_state(tmp_path: Path) -> None:
    stack = open_shop(tmp_path, wired=True)
    cells: list[Cell] = []
    try:
        fill_purse(stack, PURSE_MINOR)
        for state in STATES:
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
