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
from vision.bench.as_shipped import print_as_shipped
from vision.bench.attacks import EYES_PX, Scene, Subject, subject
from vision.bench.challenges import Seen, Trial, Tried, tried
from vision.bench.draws import CAPTURES, Way, drawn
from vision.bench.enrolled import WAYS, missed
from vision.bench.liveness import rate_table, subjects
from vision.bench.portraits import Portrait
from vision.bench.rates import best_threshold, equal_error, folded_accuracy, true_accepts, wilson, worst
from vision.bench.timing import in_turn
from vision.bench.turning import worn
from vision.face.detect import FaceDetector
from vision.face.embed import unit
from vision.face.flash import FlashEvidence
from vision.face.liveness import LivenessResult
from vision.frame import Frame
from vision.quality import pose


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

    assert order == ["one", "one", "two", "two"] * 2
    assert all(0 <= took.best_ms <= took.median_ms for took in times.values())


def test_both_forms_find_the_nearest_when_the_index_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", "--size", "500", "--runs", "1", "--plot", str(tmp_path / "index.svg")])

    told = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("Sésame")]
    assert [line[1] for line in told] == ["float", "byte"]
    assert [line[-1] for line in told] == ["50/50", "50/50"]
    assert "<svg" in (tmp_path / "index.svg").read_text(encoding="utf-8")


def somebody() -> Subject:
    noise = np.random.default_rng(2).integers(90, 170, (12, 16, 3), dtype=np.uint8)
    image = np.asarray(cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    return subject(image, a_face().landmarks)


def test_shares_add_up_when_challenges_are_tried() -> None:
    trial = Trial(Scene.PRINT)

    seen = tried({EYES_PX: [somebody()]}, [trial])[trial]

    assert sum(seen.share(result) for result in LivenessResult) == 1
    assert seen.share(LivenessResult.PASSED) == 0
    assert seen.median("background") == pytest.approx(1, abs=0.15)


def test_challenges_say_the_same_when_two_processes_try_them() -> None:
    people, trials = {EYES_PX: [somebody()]}, [Trial(Scene.HEAD), Trial(Scene.PRINT, light=0.3)]

    assert tried(people, trials, jobs=2) == tried(people, trials)


def test_attacks_pass_by_either_step_when_rates_are_told() -> None:
    passed = Tried(FlashEvidence(0.97, 0.15, 0.1, 0.09, 24, shape=1.0), ())
    doubtful = Tried(FlashEvidence(0.97, 0.01, 0.1, 0.09, 24), ())
    refused = Tried(FlashEvidence(0.20, 0.15, 0.1, 0.09, 24), ())
    scenes = {Scene.HEAD: Seen((passed, doubtful)), Scene.MASK: Seen((passed, doubtful, refused, refused))}

    head, mask = rate_table(scenes, {Scene.HEAD: 0.9, Scene.MASK: 0.5}).splitlines()[2:]

    assert head.split()[-5:-3] == ["BPCER", "5.0%"]
    assert mask.split()[-5:-3] == ["APCER", "37.5%"]


@pytest.mark.data
def test_nose_hardly_moves_when_a_paper_mask_is_turned(shared_data: Path, weights: Store) -> None:
    detector = FaceDetector(weights)
    (photo,) = subjects(shared_data / "faces" / "lfw_dev" / "images", 1, detector)[1]
    points = detector.detect(Frame(photo, 0))[0].landmarks

    found = worn(photo, points, detector, angles=[0, 20])

    yaws = [pose(face.landmarks)[0] for face in found.values() if face is not None]
    assert len(yaws) == 2
    assert abs(yaws[1] - yaws[0]) < 15


@pytest.mark.data
def test_pairs_are_told_apart_when_a_few_photographs_are_measured(
    shared_data: Path, weights: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = tmp_path / "det.svg"
    rest = ["--part", "pairs", "--no-second", "--sample", "20", "--plot", str(drawn)]
    rest += ["--models", str(weights.folder), "--kept", str(tmp_path / "kept.sqlite")]

    main(["faces", str(shared_data / "faces"), *rest])

    told = capsys.readouterr().out
    assert "20 same, 20 other" in told
    right = [line.split()[-6] for line in told.splitlines() if line.startswith("SFace")]
    assert all(float(share.rstrip("%")) >= 90 for share in right)
    assert "<svg" in drawn.read_text(encoding="utf-8")


def test_threshold_lies_in_the_widest_gap_when_several_are_as_good() -> None:
    scores = np.array([0.1, 0.2, 0.25, 0.6, 0.62, 0.9])
    same = np.array([False, False, True, False, True, True])

    assert best_threshold(scores, same) == pytest.approx(0.225)
    assert best_threshold(np.array([0.1, 0.3, 0.9]), np.array([False, False, True])) == pytest.approx(0.6)


def test_pair_is_wrong_at_any_threshold_when_it_could_not_be_compared() -> None:
    same = np.array([True, False] * 4)
    scores = np.where(same, 0.9, 0.1)
    scores[:2] = worst(same[:2])

    folded = folded_accuracy(scores, same, np.arange(8) // 2)

    assert folded.accuracy == pytest.approx(3 / 4)
    assert folded.threshold == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("share", "trials", "low", "high"), [(0, 61, 0, 0.0592), (0.5, 10, 0.2366, 0.7634), (1, 5, 0.5655, 1)]
)
def test_interval_is_that_of_the_textbook_when_a_share_was_seen(
    share: float, trials: int, low: float, high: float
) -> None:
    assert wilson(share, trials) == pytest.approx((low, high), abs=1e-4)


def people_of(rng: np.random.Generator, *, photographs: int, people: int, noise: float) -> dict[str, list[Portrait]]:
    """Return people whose photographs lie around a middle of their own."""
    return {
        f"lfw_dev/{number}": [
            Portrait(*unit((middle + noise * rng.normal(size=(4, 128))).astype(np.float32))) for _ in range(photographs)
        ]
        for number, middle in enumerate(rng.normal(size=(people, 128)))
    }


@pytest.mark.parametrize(("noise", "least", "most"), [(0.2, 0.0, 0.0), (30.0, 0.5, 1.0)])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.words.strip()}, {way.frames}")
def test_nobody_is_missed_when_photographs_are_alike_and_most_when_they_are_noise(
    noise: float, least: float, most: float, way: Way
) -> None:
    rng = np.random.default_rng(3)
    many = people_of(rng, photographs=6, people=8, noise=noise)
    single = {f"other/{name}": seen for name, seen in people_of(rng, photographs=1, people=40, noise=noise).items()}

    seen = missed({**many, **single}, way, least=CAPTURES, draws=2)

    assert seen.count == 8
    assert all(least <= share <= most for share in seen.rates)


def test_everybody_is_known_once_and_a_stranger_once_when_a_draw_is_made() -> None:
    rng = np.random.default_rng(4)
    many = people_of(rng, photographs=5, people=3, noise=0.2)
    single = {f"other/{name}": seen for name, seen in people_of(rng, photographs=1, people=9, noise=0.2).items()}

    draw = drawn({**many, **single}, Way("one frame"), rng, least=CAPTURES)

    assert draw.names == tuple(many)
    assert draw.owners.tolist() == [0, 0, 1, 1, 2, 2]
    assert [one.captures for one in draw.references] == [3, 3, 3]
    first, second = draw.rounds
    assert [len(part) for part in (*first, *second)] == [5, 4, 4, 5]
    enrolled_alone = {one.vector.tobytes() for part, _ in draw.rounds for one in part}
    assert len(enrolled_alone) == 9


def test_thresholds_are_those_of_the_kiosk_when_it_is_tried_as_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(5)
    many = people_of(rng, photographs=6, people=4, noise=0.2)
    single = {f"other/{name}": seen for name, seen in people_of(rng, photographs=1, people=30, noise=0.2).items()}

    print_as_shipped({**many, **single}, WAYS[-2])

    ten, everybody = capsys.readouterr().out.splitlines()[2:4]
    assert ten.split()[:4] == ["10", "candidates", "0.414", "0.00%"]
    assert everybody.split()[0] == "19"
    assert float(everybody.split()[2]) > 0.414
