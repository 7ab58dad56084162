"""The long form of the tests over photographs in `tests/vision`: all packs, and many pairs of people."""

import sys
from pathlib import Path

import pytest

from models.store import Store
from tests.models.builders import the_weights
from tests.vision.photographs import misread, told_apart, told_apart_by_both
from vision.bench.bursts import RETAIL_FORMATS, photos, scanned

READ_AT_LEAST = 0.77  # 77.4 % on 23 November 2026
FOREIGN = frozenset({"CODABAR", "CODE_39"})
SAME, OTHER = 140, 1400  # pairs of people
FUSED = 140  # pairs of each kind; the second model takes 75 ms a face


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return the_weights(tmp_path_factory.mktemp("weights"))


@pytest.mark.data
def test_no_pack_is_read_wrongly_when_all_are_shown(shared_data: Path) -> None:
    packs = [photo for photo in photos(shared_data / "barcodes") if photo.format in RETAIL_FORMATS]

    read, wrong = misread(packs)

    sys.stdout.write(f"packs: {read} of {len(packs)} read ({read / len(packs):.1%}), {len(wrong)} wrong\n")
    assert wrong == {}
    assert read / len(packs) >= READ_AT_LEAST


@pytest.mark.data
def test_nothing_is_read_when_no_photograph_has_a_code_of_a_shop(shared_data: Path) -> None:
    others = [photo for photo in photos(shared_data / "barcodes") if photo.format in {"NONE", *FOREIGN}]

    assert len(others) >= 40
    assert [photo.path.name for photo in others if scanned(photo)] == []


@pytest.mark.data
def test_people_are_told_apart_when_many_pairs_are_compared(shared_data: Path, weights: Store) -> None:
    folder = shared_data / "faces" / "lfw_dev"

    first = told_apart(folder, weights, same=SAME, other=OTHER)
    fused, second = told_apart_by_both(folder, weights, same=FUSED, other=FUSED)

    sys.stdout.write(f"pairs of people told right: SFace {first:.2%}, dlib {second:.2%}, both {fused:.2%}\n")
    assert first >= 0.99  # 99.27 % on 23 November 2026
    assert second >= 0.97  # 99.41 %
    assert fused >= 0.98  # 99.41 %
