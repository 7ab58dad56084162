"""A sample of the fault matrix, each fault where it hurts most; `make proof` runs all of it.

A kiosk killed while somebody pays is in `test_power_cut.py`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.matrix import run
from tests.e2e.stack import Stack, open_shop

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("wired")
    stack = open_shop(folder, wired=True)
    yield stack
    stack.stop()


@pytest.mark.parametrize(
    ("state", "fault"),
    [
        ("review", "kill server"),
        ("staff", "kill kiosk"),
        ("pass paying", "kill kiosk"),
        ("paying", "cut network"),
        ("paying", "repeat request"),
    ],
)
def test_visit_ends_in_one_payment_when_something_breaks(wired: Stack, state: str, fault: str) -> None:
    cell = run(wired, state, fault)

    assert cell.paid == 1
