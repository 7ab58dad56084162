"""A store's own impostors set its threshold, and can never open the door."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import SFACE, ModelId
from vision.errors import HistogramMalformedError
from vision.matching import ImpostorHistogram, operating_point
from vision.matching.impostors import BINS, ENOUGH_BEYOND, LEAST_PAIRS

MEAN, DEVIATION = 0.0761, 0.0901  # of SFace, as its card says


def grown(pairs: int, *, mean: float = MEAN, seed: int = 0) -> ImpostorHistogram:
    scores = np.random.default_rng(seed).normal(mean, DEVIATION, pairs).astype(np.float32)
    return ImpostorHistogram.empty(SFACE).grown(scores)


def test_table_decides_when_few_impostors_were_seen() -> None:
    few = grown(LEAST_PAIRS - 1)

    assert operating_point(10, histogram=few) == operating_point(10)


def test_threshold_lets_as_few_pass_as_asked_when_fresh_impostors_come() -> None:
    point = operating_point(10, histogram=grown(2_000_000))

    fresh = np.random.default_rng(1).normal(MEAN, DEVIATION, 2_000_000)
    assert point.basis == "histogram"
    # One in a thousand for ten candidates is one pair in ten thousand.
    assert (fresh >= point.threshold).mean() <= 1e-4


def test_more_is_asked_when_a_store_sees_people_who_are_more_alike() -> None:
    usual, alike = grown(100_000), grown(100_000, mean=MEAN + 0.1)

    assert operating_point(10, histogram=alike).threshold > operating_point(10, histogram=usual).threshold + 0.05


@given(st.integers(1, 1_000_000))
def test_door_stays_shut_when_somebody_fed_the_histogram_with_zeros(candidates: int) -> None:
    fed = ImpostorHistogram.empty(SFACE).grown(np.full(10 * LEAST_PAIRS, -0.5, dtype=np.float32))

    assert operating_point(candidates, histogram=fed).threshold >= operating_point(candidates).threshold - 0.0201


def test_rare_rates_are_carried_on_when_too_few_impostors_tell_them() -> None:
    histogram = grown(20_000)

    known = histogram.threshold(0.01, at_least=-1)
    rare, rarer = histogram.threshold(1e-6, at_least=-1), histogram.threshold(1e-7, at_least=-1)

    assert known is not None
    assert rare is not None
    assert rarer is not None
    assert known < rare
    assert rarer - rare == pytest.approx(0.05, abs=1e-9)


def test_counts_are_the_same_when_written_and_read(tmp_path: Path) -> None:
    path, histogram = tmp_path / "impostors.json", grown(50_000)

    histogram.save(path)

    again = ImpostorHistogram.load(path, SFACE)
    np.testing.assert_array_equal(again.counts, histogram.counts)
    assert again.pairs == 50_000
    assert [file.name for file in tmp_path.iterdir()] == ["impostors.json"]


def test_counts_begin_anew_when_there_is_no_file_or_the_model_changed(tmp_path: Path) -> None:
    path = tmp_path / "impostors.json"
    assert ImpostorHistogram.load(path, SFACE).pairs == 0

    grown(ENOUGH_BEYOND).save(path)

    assert ImpostorHistogram.load(path, ModelId("next-model")).pairs == 0


@pytest.mark.parametrize(
    "content", ["", "[]", '{"counts": [1]}', '{"version": 1, "model_id": "m", "counts": [1, 2]}', "\x00"]
)
def test_file_is_refused_in_our_words_when_it_holds_no_histogram(tmp_path: Path, content: str) -> None:
    path = tmp_path / "impostors.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(HistogramMalformedError):
        ImpostorHistogram.load(path, SFACE)


@given(st.lists(st.floats(-1, 1, width=32), max_size=50))
def test_every_score_is_counted_once_when_added(scores: list[float]) -> None:
    histogram = ImpostorHistogram.empty(SFACE).grown(np.array(scores, dtype=np.float32))

    assert histogram.pairs == len(scores)
    assert histogram.counts.shape == (BINS,)
