"""The programs that measure sight, on drawn photographs."""

import csv
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from tests.vision.builders import a_code
from vision.bench.__main__ import main
from vision.bench.paper import progress, table

F = zxingcpp.BarcodeFormat


def a_set(folder: Path, *, truths: Mapping[str, str]) -> Path:
    """Draw hazelnut spread, a wallet code and an empty shelf; ``truths`` replaces what is written beside one."""
    rows = [
        ("spread.png", a_code("3017620422003", F.EAN13, scale=4), "3017620422003", "EAN_13"),
        ("wallet.png", a_code("SESAME:W:12345678", F.QRCode), "SESAME:W:12345678", "QR_CODE"),
        ("shelf.png", np.full((200, 300, 3), 180, dtype=np.uint8), "", "NONE"),
    ]
    with (folder / "index.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["path", "expected_text", "format", "corpus"])
        for name, image, text, kind in rows:
            cv2.imwrite(str(folder / name), image)
            lines.writerow([name, truths.get(name, text), kind, "drawn"])
    return folder


def test_every_reader_has_a_row_for_each_family_when_barcodes_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = tmp_path / "curve.svg"

    main(["barcodes", str(a_set(tmp_path, truths={})), "--plot", str(drawn)])

    told = capsys.readouterr().out.splitlines()
    ours = [line.split()[1:4] for line in told if line.startswith("Sésame")]
    assert ours[:2] == [["1/1", "100.0%", "0"], ["1/1", "100.0%", "0"]]
    assert ours[-1] == ["0/1", "0.0%", "0"]
    assert sum(line.startswith("pyzbar") for line in told) == len(ours)
    assert "<svg" in drawn.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The picture is empty."),
        (b"no picture", "The picture is neither JPEG, PNG nor WebP."),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 30, "The picture is cut off."),
        (None, "No such file"),
    ],
)
def test_photograph_is_named_with_the_reason_and_missed_when_it_cannot_be_opened(
    content: bytes | None, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = a_set(tmp_path, truths={})
    (folder / "spread.png").unlink()
    if content is not None:
        (folder / "spread.png").write_bytes(content)

    main(["barcodes", str(folder), "--family", "retail", "--alone"])

    told = capsys.readouterr().out
    assert f"drawn/spread.png: {reason}" in told or (content is None and reason in told)
    assert ["Sésame", "0/1", "0.0%", "0"] in [line.split()[:4] for line in told.splitlines()]


def test_wrong_read_is_counted_and_named_when_the_truth_is_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = a_set(tmp_path, truths={"spread.png": "3274080005003"})

    main(["barcodes", str(folder), "--family", "retail", "--alone", "--list"])

    told = capsys.readouterr().out
    assert ["Sésame", "0/1", "0.0%", "1"] in [line.split()[:4] for line in told.splitlines()]
    assert "WRONG drawn/spread.png: 3017620422003" in told


@pytest.mark.parametrize(
    ("arguments", "way_out"),
    [
        (["barcodes", "nowhere"], "name the folder of photographs"),
        (["barcodes", ".", "--plot", "curve.pdf"], "neither in .png nor in .svg"),
        (["barcodes", ".", "--plot", "nowhere/curve.png"], "make it first"),
        (["barcodes", "models"], "holds no index.csv"),
        (["weather"], "invalid choice"),
        (["liveness", ".", "--people", "0"], "1 or more"),
        (["liveness", "models"], "no face that the kiosk would take"),
    ],
)
def test_sentence_names_the_way_out_when_a_program_is_misused(
    arguments: list[str], way_out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)

    assert way_out in capsys.readouterr().err


def test_columns_are_aligned_when_a_table_is_printed() -> None:
    assert table(["who", "read"], [["pyzbar", "9"]]).splitlines() == ["who     read", "------  ----", "pyzbar     9"]


def test_items_are_all_handed_on_when_progress_is_shown() -> None:
    assert list(progress([1, 2, 3], "counting")) == [1, 2, 3]
