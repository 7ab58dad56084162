"""Photographs of people: how often is the same person the same, and another another."""

import csv
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from models import SFACE, YUNET
from models.store import Store
from tests.vision.builders import in_dark_glasses, masked
from tests.vision.photographs import a_frame, told_apart, told_apart_by_both
from vision.bench.portraits import middle_face
from vision.face.detect import FaceDetector
from vision.face.embed import Embedder
from vision.face.eye import Eye, Look
from vision.frame import Frame, Image, Landmarks
from vision.matching import (
    Ambiguous,
    Gallery,
    Recognised,
    ReferenceId,
    Stranger,
    Template,
    identify,
    look_alikes,
    operating_point,
)

SAME, OTHER = 40, 80  # pairs, evenly over five folds; `make proof` compares more
COVERED = 24  # people whose face is covered
FUSED_PAIRS = 15  # of each kind; the second model takes 75 ms a face
FIRST_FLOOR, FUSED_FLOOR = 0.95, 0.9  # 97.6 % and 96 %; of so few, one pair is 1.3 and 3.3 points
SECOND_FLOOR = 0.9  # 98 %; far below, the second model would be fed wrongly


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "faces/lfw_dev"


@pytest.fixture(scope="module")
def eye(weights: Store) -> Eye:
    return Eye(weights)


@pytest.mark.data
def test_one_person_is_told_from_another_when_photographs_are_compared(folder: Path, weights: Store) -> None:
    share = told_apart(folder, weights, same=SAME, other=OTHER)

    print(f"SFace: {share:.2%} of {SAME + OTHER} pairs")  # noqa: T201 - the figure is the point
    assert share >= FIRST_FLOOR


@pytest.mark.data
def test_both_models_together_are_right_when_photographs_are_compared(folder: Path, weights: Store) -> None:
    fused, alone = told_apart_by_both(folder, weights, same=FUSED_PAIRS, other=FUSED_PAIRS)

    print(f"dlib alone: {alone:.2%}, fused: {fused:.2%} of {2 * FUSED_PAIRS} pairs")  # noqa: T201 - the figures are the point
    assert fused >= FUSED_FLOOR
    assert alone >= SECOND_FLOOR


@pytest.mark.data
def test_boxes_and_points_are_those_of_opencv_when_photographs_are_searched(folder: Path, weights: Store) -> None:
    peer = cv2.FaceDetectorYN.create(str(weights.find(weights.card(YUNET).origin.source)), "", (250, 250), 0.7)  # type: ignore[union-attr]  # the detector's file is a made one
    detector = FaceDetector(weights)
    for path in sorted((folder / "images").rglob("*.jpg"))[:25]:
        frame = a_frame(path)

        ours = detector.detect(frame)

        _, theirs = peer.detect(frame.image)
        assert theirs is not None
        assert len(ours) == len(theirs)
        largest = max(theirs, key=lambda row: row[2] * row[3])
        box = ours[0].box
        np.testing.assert_allclose([box.left, box.top, box.width, box.height], largest[:4], atol=0.5)
        np.testing.assert_allclose(ours[0].landmarks.ravel(), largest[4:14], atol=0.5)


@pytest.mark.data
def test_shopper_is_recognised_and_a_stranger_is_not_when_the_kiosk_looks(shared_data: Path, eye: Eye) -> None:
    people = shared_data / "faces/johns/images"
    photos = {folder.name: sorted(folder.iterdir()) for folder in sorted(people.iterdir()) if folder.is_dir()}
    looks = {name: [eye.look(a_frame(path)) for path in paths] for name, paths in photos.items()}
    usable: dict[str, list[Look]] = {
        name: [look for look in seen if look.face is not None] for name, seen in looks.items()
    }
    *known, stranger = usable
    gallery = Gallery.of(
        eye.template_of(usable[known[0]][:1]).model_id,
        {ReferenceId(name): eye.template_of(usable[name][:3], with_second=True) for name in known},
    )

    found = {name: [eye.recognise(usable[name][n : n + 2], gallery).outcome for n in range(3, 7, 2)] for name in usable}

    for name in known:
        assert [type(outcome) for outcome in found[name]] == [Recognised, Recognised]
        assert {outcome.reference_id for outcome in found[name] if isinstance(outcome, Recognised)} == {name}
    assert [type(outcome) for outcome in found[stranger]] == [Stranger, Stranger]


@pytest.mark.data
@pytest.mark.parametrize("covered", [masked, in_dark_glasses])
def test_nobody_is_taken_for_another_when_a_face_is_covered(
    folder: Path, eye: Eye, covered: Callable[[Image, Landmarks], Image]
) -> None:
    with (folder / "ident_gallery.csv").open(encoding="utf-8", newline="") as file:
        enrolled = {row["identity"]: folder / row["path"] for row in csv.DictReader(file)}
    with (folder / "ident_probes.csv").open(encoding="utf-8", newline="") as file:
        asked = [(row["identity"], folder / row["path"]) for row in csv.DictReader(file) if row["mated"] == "1"]
    asked = asked[:: len(asked) // COVERED]
    names = dict.fromkeys([name for name, _ in asked] + list(enrolled)[:COVERED])
    looks = {name: eye.look(a_frame(enrolled[name])) for name in names}
    gallery = Gallery.of(
        SFACE, {ReferenceId(name): eye.template_of([look]) for name, look in looks.items() if look.face is not None}
    )

    outcomes = []
    for name, path in asked:
        frame = a_frame(path)
        points = middle_face(frame, eye.look(frame).faces).landmarks
        look = eye.look(Frame(covered(frame.image, points), 0))
        if look.face is not None:
            outcomes.append((name, eye.recognise([look], gallery).outcome))

    assert len(outcomes) > COVERED / 2
    assert any(isinstance(outcome, Stranger) for _, outcome in outcomes)  # who reads how to go on; see test_words.py
    named = [(name, outcome.reference_id) for name, outcome in outcomes if isinstance(outcome, Recognised)]
    assert all(name == found for name, found in named)
    assert not any(isinstance(outcome, Ambiguous) for _, outcome in outcomes)


@pytest.mark.data
def test_most_photographs_are_good_enough_when_judged(folder: Path, eye: Eye) -> None:
    looks = [eye.look(a_frame(path)) for path in sorted((folder / "images").rglob("*.jpg"))[:100]]

    good = sum(look.is_good for look in looks)
    print(f"good enough: {good} of {len(looks)}")  # noqa: T201 - the figure is the point
    assert good >= 70
    assert all(look.face is not None for look in looks if look.is_good)


@pytest.mark.data
@pytest.mark.parametrize(
    ("person", "look_alike"),
    [
        ("Jason_Kapono/Jason_Kapono_0001.jpg", "Ray_Young/Ray_Young_0001.jpg"),
        ("Jaqueline_Godoy/Jaqueline_Godoy_0001.jpg", "Kelly_Santos/Kelly_Santos_0001.jpg"),
        ("Ann_Landers/Ann_Landers_0001.jpg", "Pauline_Phillips/Pauline_Phillips_0001.jpg"),
    ],
)
def test_look_alike_is_a_stranger_when_both_were_flagged_at_enrolment(
    folder: Path, weights: Store, person: str, look_alike: str
) -> None:
    detector, embedder = FaceDetector(weights, threshold=0.5), Embedder(weights)

    def templates(name: str) -> list[Template]:
        """Return the photograph as it is, mirrored, dimmed and leaning."""
        image = a_frame(folder / "images" / name).image
        lean = cv2.warpAffine(image, cv2.getRotationMatrix2D((125, 125), 8, 1), (250, 250))
        views = [image, image[:, ::-1], image // 2, lean]
        frames = [Frame(np.ascontiguousarray(view, dtype=np.uint8), 0) for view in views]
        faces = [middle_face(frame, detector.detect(frame)) for frame in frames]
        return [Template(SFACE, embedder.embed_face(frame, face)) for frame, face in zip(frames, faces, strict=True)]

    here, there = templates(person), templates(look_alike)
    known = ReferenceId("known")
    unguarded = Gallery.of(SFACE, {known: here[0]})
    (found,) = look_alikes(there[0], unguarded)
    guarded = Gallery.of(SFACE, {known: here[0]}, likeness={known: found.score})
    point = operating_point(1)

    said = [identify(one, guarded, threshold=point.threshold, margin=0.05) for one in there]

    assert [type(outcome) for outcome in said] == [Stranger] * 4
    assert isinstance(identify(there[0], unguarded, threshold=point.threshold, margin=0.05), Recognised)  # the danger
