"""The programs that measure faces: their arithmetic by examples, their tables on few photographs."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.store import Store
from tests.vision.builders import a_face
from vision.bench.__main__ import main
from vision.bench.attacks import Scene, subject
from vision.bench.liveness import tried
from vision.bench.rates import best_threshold, equal_error, folded_accuracy, true_accepts
from vision.bench.timing import in_turn
from vision.face.liveness import LivenessResult


def test_every_pair_is_right_when_the_scores_leave_a_gap() -> None:
    scores, same = np.array([0.9, 0.8, 0.2, 0.1, 0.95, 0.05]), np.array([True, True, False, False, True, False])

    assert folded_accuracy(scores, same, np.array([1, 1, 1, 2, 2, 2])).accuracy == 1
    assert equal_error(scores, same) == 0
    assert true_accepts(scores, same, 1e-3) == 1
    assert 0.2 < best_threshold(scores, same) < 0.8


def test_half_is_right_when_the_scores_tell_nothing() -> None:
    scores, same = np.full(40, 0.5), np.arange(40) % 2 == 0

    assert folded_accuracy(scores, same, np.arange(40) // 4).accuracy == pytest.approx(0.5)
    assert equal_error(scores, same) == pytest.approx(1.0)  # at any threshold one of the two is refused or passed whole


@given(st.integers(0, 10_000))
def test_no_rate_leaves_its_bounds_when_scores_are_drawn(seed: int) -> None:
    chance = np.random.default_rng(seed)
    same = np.arange(60) % 3 == 0
    scores = chance.normal(same * chance.uniform(0, 3), 1)

    folded = folded_accuracy(scores, same, np.arange(60) % 5)

    assert 0 <= folded.accuracy <= 1
    assert 0 <= equal_error(scores, same) <= 1
    assert true_accepts(scores, same, 0.5) >= true_accepts(scores, same, 0.01)


def test_acts_take_their_turns_when_they_are_timed() -> None:
    order: list[str] = []

    times = in_turn({"one": lambda: order.append("one"), "two": lambda: order.append("two")}, runs=2)

    assert order == ["one", "two"] * 4
    assert all(0 <= took.best_ms <= took.median_ms for took in times.values())


def test_both_forms_find_the_nearest_when_the_index_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", "--size", "500", "--runs", "1", "--plot", str(tmp_path / "index.svg")])

    told = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("Sésame")]
    assert [line[1] for line in told] == ["float", "byte"]
    assert [line[-1] for line in told] == ["50/50", "50/50"]
    assert "<svg" in (tmp_path / "index.svg").read_text(encoding="utf-8")


def test_shares_add_up_when_challenges_are_tried() -> None:
    noise = np.random.default_rng(2).integers(90, 170, (12, 16, 3), dtype=np.uint8)
    image = np.asarray(cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)

    seen = tried([subject(image, a_face().landmarks)], Scene.PRINT, 0.15, "print")

    assert sum(seen.share(result) for result in LivenessResult) == 1
    assert seen.share(LivenessResult.PASSED) == 0
    assert seen.median("background") == pytest.approx(1, abs=0.15)


def test_way_out_is_told_when_the_pairs_are_missing_or_something_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pairs.csv").write_text("left,right\na,b\n", encoding="utf-8")
    for file, words in (("none.csv", "name a CSV of pairs"), ("pairs.csv", "lacks one of the columns")):
        with pytest.raises(SystemExit):
            main(["faces", str(tmp_path), "--pairs", str(tmp_path / file)])
        assert words in capsys.readouterr().err


@pytest.mark.data
def test_pairs_are_told_apart_when_a_few_photographs_are_measured(
    shared_data: Path, weights: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = tmp_path / "det.svg"
    rest = ["--part", "pairs", "--no-second", "--sample", "20", "--models", str(weights.folder), "--plot", str(drawn)]

    main(["faces", str(shared_data / "faces"), *rest])

    told = capsys.readouterr().out
    assert "20 same, 20 other" in told
    right = [line.split()[-5] for line in told.splitlines() if line.startswith("SFace")]
    assert all(float(share.rstrip("%")) >= 90 for share in right)
    assert "<svg" in drawn.read_text(encoding="utf-8")
