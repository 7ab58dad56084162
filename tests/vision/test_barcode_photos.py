"""Real photographs, shown as bursts of six unsteady frames: read many, and never a wrong one."""

from pathlib import Path

import pytest

from tests.vision.photographs import misread
from vision.bench.bursts import RETAIL_FORMATS, Photo, photos, scanned

SAMPLE, OTHERS = 40, 15  # in a mixed order that is always the same; `make proof` shows all
READ_AT_LEAST = 0.7  # of so few, one pack is 2.5 points
FOREIGN = frozenset({"CODABAR", "CODE_39"})


@pytest.fixture(scope="module")
def photographs(shared_data: Path) -> list[Photo]:
    return photos(shared_data / "barcodes")


@pytest.mark.data
def test_most_are_read_and_none_wrongly_when_packs_are_shown(photographs: list[Photo]) -> None:
    packs = [photo for photo in photographs if photo.format in RETAIL_FORMATS][:SAMPLE]

    read, wrong = misread(packs)

    print(f"read {read} of {len(packs)} ({read / len(packs):.1%}), wrong {len(wrong)}")  # noqa: T201 - the figure is the point
    assert wrong == {}
    assert read / len(packs) >= READ_AT_LEAST


@pytest.mark.data
def test_nothing_is_read_when_there_is_no_code_of_a_shop(photographs: list[Photo]) -> None:
    others = [photo for photo in photographs if photo.format == "NONE" or photo.format in FOREIGN]

    assert len(others) >= 40
    assert [photo.path.name for photo in others[:OTHERS] if scanned(photo)] == []
