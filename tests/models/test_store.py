"""Only the files that were measured are loaded."""

from pathlib import Path

import pytest

from models.__main__ import main
from models.card import DLIB_RESNET, SFACE, YUNET, Made, ModelId, card, cards_in, read_manifest
from models.errors import ModelUnknownError, WeightMismatchError, WeightMissingError
from models.fold import fold
from models.install import Outcome, install, verify
from models.store import Store
from tests.models.builders import a_card, a_file, a_made_card, a_quantised_graph

TINY = ModelId("tiny")


def test_bytes_are_returned_when_the_file_is_the_right_one(tmp_path: Path) -> None:
    a_file(tmp_path, "tiny.bin", b"weights")
    store = Store(tmp_path, cards={TINY: a_card(b"weights")})

    assert store.read(TINY) == b"weights"


def test_file_is_refused_when_one_byte_differs(tmp_path: Path) -> None:
    a_file(tmp_path, "tiny.bin", b"weightz")
    store = Store(tmp_path, cards={TINY: a_card(b"weights")})

    with pytest.raises(WeightMismatchError, match="models install"):
        store.read(TINY)


def test_file_is_refused_when_it_changes_after_a_first_load(tmp_path: Path) -> None:
    path = a_file(tmp_path, "tiny.bin", b"weights")
    store = Store(tmp_path, cards={TINY: a_card(b"weights")})
    store.verified_path(TINY)

    path.write_bytes(b"weightz")

    with pytest.raises(WeightMismatchError):
        store.verified_path(TINY)


def test_sentence_says_what_brings_the_file_when_it_is_missing(tmp_path: Path) -> None:
    store = Store(tmp_path, cards={TINY: a_card()})

    with pytest.raises(WeightMissingError, match="Install the package no-such-package 1"):
        store.find(TINY)


def test_sentence_names_the_known_models_when_an_id_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(ModelUnknownError, match="tiny"):
        Store(tmp_path, cards={TINY: a_card()}).find(ModelId("other"))


def test_derived_file_is_made_once_when_installed_twice(tmp_path: Path) -> None:
    shipped = a_quantised_graph()
    source = a_card(shipped)
    made = a_made_card(fold(shipped, free_axes={"x": {0: "n"}}), source)
    a_file(tmp_path, "tiny.bin", shipped)
    store = Store(tmp_path, cards={source.id: source, made.id: made})

    first, second = install(store), install(store)

    assert [report.outcome for report in first] == [Outcome.PRESENT, Outcome.MADE]
    assert [report.outcome for report in second] == [Outcome.PRESENT, Outcome.PRESENT]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny-fp32.onnx", "tiny.bin"]


def test_nothing_is_written_when_folding_gives_another_file_than_was_measured(tmp_path: Path) -> None:
    shipped = a_quantised_graph()
    source = a_card(shipped)
    made = a_made_card(b"something else", source)
    a_file(tmp_path, "tiny.bin", shipped)

    reports = install(Store(tmp_path, cards={source.id: source, made.id: made}))

    assert [report.outcome for report in reports] == [Outcome.PRESENT, Outcome.REFUSED]
    assert not (tmp_path / made.file).exists()


def test_damaged_derived_file_is_made_anew_when_installed(tmp_path: Path) -> None:
    shipped = a_quantised_graph()
    source = a_card(shipped)
    made = a_made_card(fold(shipped, free_axes={"x": {0: "n"}}), source)
    a_file(tmp_path, "tiny.bin", shipped)
    a_file(tmp_path, made.file, b"half a fi")
    store = Store(tmp_path, cards={source.id: source, made.id: made})

    install(store)

    assert all(report.outcome is Outcome.PRESENT for report in verify(store))


def test_every_row_is_complete_when_the_manifest_is_read() -> None:
    cards = read_manifest()

    assert {YUNET, SFACE, DLIB_RESNET} <= cards.keys()
    for row in cards.values():
        assert len(row.sha256) == 64
        assert row.licence in {"MIT", "Apache-2.0", "CC0-1.0"}
        assert row.measured
        assert not isinstance(row.origin, Made) or row.origin.source in cards
    assert not [row for row in cards.values() if "68" in row.file]


def test_thresholds_rise_with_the_candidates_when_the_table_is_read() -> None:
    points = card(SFACE).operating_points

    assert [point.candidates for point in points] == sorted({point.candidates for point in points})
    assert [point.threshold for point in points] == sorted(point.threshold for point in points)
    assert [point.fused_threshold for point in points] == sorted(point.fused_threshold for point in points)


def test_reading_fails_when_a_row_lacks_its_licence() -> None:
    with pytest.raises(KeyError, match="licence"):
        cards_in('[[model]]\nid="a"\nfile="a"\npackage="p"\npackage_version="1"\npath="a"\nsha256="0"\nbytes=1')


def test_exit_code_tells_when_files_are_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["verify", str(tmp_path)])

    assert code == 1
    assert "python -m models install" in capsys.readouterr().out


def test_way_out_is_told_when_the_folder_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_file(tmp_path, "weights", b"")

    with pytest.raises(SystemExit):
        main(["verify", str(file)])

    assert "name the one that holds the weights" in capsys.readouterr().err


def test_nothing_is_left_behind_when_a_derived_file_cannot_be_written(tmp_path: Path) -> None:
    shipped = a_quantised_graph()
    source = a_card(shipped)
    made = a_made_card(fold(shipped, free_axes={"x": {0: "n"}}), source)
    a_file(tmp_path, "tiny.bin", shipped)
    (tmp_path / made.file).mkdir()

    reports = install(Store(tmp_path, cards={source.id: source, made.id: made}))

    assert reports[1].outcome is Outcome.REFUSED
    assert "cannot be read or written" in reports[1].reason
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny-fp32.onnx", "tiny.bin"]


def test_all_is_right_when_the_real_weights_are_installed(weights: Store, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["verify", str(weights.folder)])

    assert code == 0
    assert "7 of 7" in capsys.readouterr().out


def test_every_model_is_shown_with_its_licence_when_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0

    shown = capsys.readouterr().out
    assert all(row.id in shown and row.licence in shown for row in read_manifest().values())
