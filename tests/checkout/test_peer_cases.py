"""Other systems' cases against ours; docs/promotion-cases.md says what became of each."""

import json
from pathlib import Path

import pytest

from tests.checkout import peer_cases
from tests.checkout.peer_cases import Case

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "promotion-cases.md"

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> list[Case]:
    found: list[Case] = json.loads((shared_data / "promotions" / "cases.json").read_text(encoding="utf-8"))["cases"]
    return found


def test_every_case_in_reach_comes_out_to_the_cent_when_priced(cases: list[Case]) -> None:
    wrong = {}
    for case in cases:
        if case["id"] not in peer_cases.OUT_OF_REACH:
            ours = peer_cases.found(case, peer_cases.run(case))
            if ours != peer_cases.expected(case) or not ours:
                wrong[case["id"]] = (ours, peer_cases.expected(case))
    assert wrong == {}
    assert len(cases) - len(peer_cases.OUT_OF_REACH) >= 55


def test_lists_name_only_cases_that_exist_when_read(cases: list[Case]) -> None:
    known = {case["id"] for case in cases}
    assert set(peer_cases.OUT_OF_REACH) <= known
    assert set(peer_cases.WRITTEN_AS) | set(peer_cases.UNNAMED) <= known - set(peer_cases.OUT_OF_REACH)


def test_page_tells_what_the_tests_found_when_compared(cases: list[Case]) -> None:
    assert PAGE.read_text(encoding="utf-8") == peer_cases.table(cases)
