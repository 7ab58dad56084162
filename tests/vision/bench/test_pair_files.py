"""Pairs of photographs in either layout, and what becomes of photographs that are missing or broken."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.store import Store
from vision.bench.__main__ import main
from vision.bench.ahead import paint_ahead
from vision.bench.pair_files import Pair, PairFileError, pairs_in
from vision.bench.portraits import Painter
from vision.face.embed import unit

PEOPLE = ("Ada_Lovelace", "Ben_Nevis", "Cy_Twombly", "Di_Prima")
PICTURES = 5


def a_line(*cells: object, by: str = "\t") -> str:
    return by.join(map(str, cells))


def the_lines(folds: int, *, by: str = "\t") -> list[str]:
    """Return so many folds of four pairs of one person and four of two."""
    lines = []
    for fold in range(folds):
        first, other = fold % PICTURES + 1, (fold + 1) % PICTURES + 1
        lines += [a_line(name, first, other, by=by) for name in PEOPLE]
        lines += [a_line(PEOPLE[n], first, PEOPLE[(n + 1 + fold % 3) % 4], other, by=by) for n in range(4)]
    return lines


def a_file(folder: Path, lines: Sequence[str], name: str = "pairs.txt") -> Path:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def the_pictures(folder: Path, kept: Path, store: Store) -> Path:
    """Write a picture for every person and number, and what the networks would have made of it.

    They are noise, in which no detector finds a face. Each person's vectors lie close together.
    """
    chance = np.random.default_rng(1)
    painter = Painter(store, with_second=True, kept=kept)
    for name, middle in zip(PEOPLE, chance.normal(size=(len(PEOPLE), 128)), strict=True):
        for number in range(1, PICTURES + 1):
            path = folder / name / f"{name}_{number:04d}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), chance.integers(0, 255, (32, 32, 3), dtype=np.uint8))
            vectors = unit((middle + 0.3 * chance.normal(size=(4, 128))).astype(np.float32))
            assert painter._kept is not None
            painter._kept.put(path.read_bytes(), vectors)
    return folder


@pytest.mark.parametrize("by", ["\t", ",", " "])
def test_folds_are_those_of_the_lines_when_the_public_layout_is_read(tmp_path: Path, by: str) -> None:
    file = a_file(tmp_path, [a_line(10, 4, by=by), *the_lines(10, by=by)])

    pairs, note = pairs_in(file)

    assert note == ""
    assert [pair.fold for pair in pairs] == [fold for fold in range(1, 11) for _ in range(8)]
    ada = tmp_path / "Ada_Lovelace"
    assert pairs[0] == Pair(ada / "Ada_Lovelace_0001.jpg", ada / "Ada_Lovelace_0002.jpg", same=True, fold=1)
    assert [pair.same for pair in pairs[:8]] == [True] * 4 + [False] * 4


def test_photographs_are_found_when_they_lie_a_folder_or_two_below(tmp_path: Path) -> None:
    (tmp_path / "a" / "lfw" / PEOPLE[1]).mkdir(parents=True)
    (tmp_path / "a" / "lfw" / PEOPLE[1] / f"{PEOPLE[1]}_0001.png").touch()

    pairs, _ = pairs_in(a_file(tmp_path, ["2\t4", *the_lines(2)]))

    assert pairs[1].left == tmp_path / "a" / "lfw" / PEOPLE[1] / f"{PEOPLE[1]}_0001.png"
    assert pairs[1].right.name == f"{PEOPLE[1]}_0002.jpg"


def test_photographs_are_found_elsewhere_when_they_do_not_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir()
    there = tmp_path / "there" / "deep" / PEOPLE[0] / f"{PEOPLE[0]}_0001.jpg"
    there.parent.mkdir(parents=True)
    there.touch()
    ours = ["path_a,path_b,same,fold", *(f"{PEOPLE[0]}/{there.name},x.jpg,{n % 2},{n}" for n in (1, 2, 3, 4))]

    public, _ = pairs_in(a_file(tmp_path / "beside", the_lines(2)), tmp_path / "beside", tmp_path / "there")
    table, _ = pairs_in(a_file(tmp_path / "beside", ours), tmp_path / "beside", tmp_path / "there" / "deep")

    assert public[0].left == there
    assert table[0].left == there


@pytest.mark.parametrize(
    ("lines", "words"),
    [(["4", *the_lines(1)], "the file has one fold"), (["10\t4", *the_lines(3)], "says 10 folds, the lines make 3")],
)
def test_pairs_are_dealt_and_that_is_told_when_the_folds_are_not_as_usual(
    tmp_path: Path, lines: list[str], words: str
) -> None:
    pairs, note = pairs_in(a_file(tmp_path, lines))

    assert words in note
    assert len({pair.fold for pair in pairs if pair.same}) > 1
    assert {pair.fold for pair in pairs if pair.same} == {pair.fold for pair in pairs if not pair.same}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "0 pairs"),
        (["10\t300"], "0 pairs"),
        (["1\t1", "Ada\t1\t2"], "some of one person and some of two"),
        (["1\t1", "Ada\t1\t2", "Ada\tone\ttwo"], "line 3: expected `name n m`"),
        (["path_a,path_b,same", "a,b,1"], "lacks one of the columns"),
        (["path_a,path_b,same,fold", "a,b,maybe,1"], "line 2: two paths"),
        (["path_a,path_b,same,fold", "a,b,1"], "line 2: two paths"),
        (["\x00\x01\x02", "\x00"], "expected `name n m`"),
    ],
)
def test_sentence_names_the_line_when_the_file_is_something_else(tmp_path: Path, lines: list[str], words: str) -> None:
    with pytest.raises(PairFileError, match=words):
        pairs_in(a_file(tmp_path, lines))


def test_sentence_tells_why_when_the_file_is_missing_or_no_text(tmp_path: Path) -> None:
    (tmp_path / "pairs.txt").write_bytes(b"\xff\xfe\x00\xd8")

    for name, words in (("none.txt", "cannot be read"), ("pairs.txt", "no text"), ("", "cannot be read")):
        with pytest.raises(PairFileError, match=words):
            pairs_in(tmp_path / name)


def test_ten_folds_are_judged_when_the_public_layout_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, kept = Store(tmp_path), tmp_path / "kept.sqlite"
    the_pictures(tmp_path / "lfw", kept, store)
    file = a_file(tmp_path, ["10\t4", *the_lines(10)])

    main(["faces", "--pairs", str(file), "--kept", str(kept), "--plot", str(tmp_path / "det.png")])

    told = capsys.readouterr().out
    assert "40 same, 40 other, 10 folds" in told
    assert "count as wrong" not in told
    best = next(line for line in told.splitlines() if line.startswith("both, mirrored too")).split()
    assert best[3:5] == ["100.00%", "0.00%"]
    assert (tmp_path / "det.png").read_bytes().startswith(b"\x89PNG")


def test_pair_counts_as_wrong_and_is_named_when_a_photograph_is_missing_or_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.sqlite"
    folder = the_pictures(tmp_path, kept, Store(tmp_path))
    file = a_file(tmp_path, ["10\t4", *the_lines(10)])
    (folder / PEOPLE[0] / f"{PEOPLE[0]}_0001.jpg").unlink()
    broken = folder / PEOPLE[1] / f"{PEOPLE[1]}_0003.jpg"
    broken.write_bytes(broken.read_bytes()[:-30])

    main(["faces", "--pairs", str(file), "--kept", str(kept)])

    told = capsys.readouterr().out
    pairs, _ = pairs_in(file)
    lost = {f"{PEOPLE[0]}_0001.jpg", f"{PEOPLE[1]}_0003.jpg"}
    spoilt = sum(bool({pair.left.name, pair.right.name} & lost) for pair in pairs)
    assert f"{PEOPLE[0]}/{PEOPLE[0]}_0001.jpg is not there" in told
    assert f"{PEOPLE[1]}/{PEOPLE[1]}_0003.jpg cannot be read: The picture is cut off." in told
    assert f"{spoilt} of 80 pairs hold one of these 2 photographs and count as wrong" in told
    best = next(line for line in told.splitlines() if line.startswith("both, mirrored too")).split()
    assert float(best[3].rstrip("%")) == pytest.approx(100 * (1 - spoilt / 80), abs=0.01)


def test_portraits_are_kept_and_nobody_is_named_when_processes_look_ahead(tmp_path: Path, weights: Store) -> None:
    kept = tmp_path / "kept.sqlite"
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((64, 64, 3), 120, dtype=np.uint8))
    (tmp_path / "cut.png").write_bytes((tmp_path / "grey.png").read_bytes()[:-12])
    grey, cut = tmp_path / "grey.png", tmp_path / "cut.png"

    paint_ahead([grey, cut, tmp_path / "none.png"], weights.folder, kept, with_second=False, jobs=2)

    painter = Painter(Store(tmp_path / "no weights"), with_second=False, kept=kept)
    assert painter.gallery([grey, cut], "again") == {}
    assert painter.lost == {
        grey: "shows no face that the detector finds",
        cut: "cannot be read: The picture is cut off.",
    }


def test_networks_stay_closed_when_every_portrait_is_kept(tmp_path: Path) -> None:
    kept, store = tmp_path / "kept.sqlite", Store(tmp_path)  # a store without a single file of weights
    folder = the_pictures(tmp_path / "lfw", kept, store)
    paths = sorted(folder.rglob("*.jpg"))

    seen = Painter(store, with_second=True, kept=kept).gallery(paths, "again")

    assert list(seen) == paths
    assert all(portrait.second_mirrored is not None for portrait in seen.values())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pairs", "none.csv"], "Name a file of pairs with --pairs"),
        (["--pairs", "pairs.txt", "--pictures", "nowhere"], "name the folder of photographs"),
        (["--pairs", "pairs.txt", "--kept", "pairs.txt"], "Name another file, or none"),
        (["--pairs", "pairs.txt", "--part", "speed"], "is not there: name the folder of photographs"),
        (["--pairs", "pairs.txt", "--part", "open-set", "--plot", "det.svg"], "--plot draws the part pairs"),
        (["--pairs", "pairs.txt", "--sample", "0"], "--sample: one pair or more"),
        (["--pairs", "pairs.txt", "--jobs", "2", "--kept", "none"], "several need a file of --kept"),
    ],
)
def test_way_out_is_told_when_faces_are_measured_with_what_is_not_there(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    a_file(tmp_path, ["2\t4", *the_lines(2)])
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SystemExit):
        main(["faces", str(tmp_path), *arguments])

    assert words in capsys.readouterr().err
