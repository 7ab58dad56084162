"""Engines that crash, hang or lie, and a kiosk that goes on."""

import sys
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from tests.vision.builders import a_code
from vision.barcode.decode import Decoder, Schedule
from vision.barcode.fence import ENDURED, FencedDecoder
from vision.barcode.still import read_still
from vision.errors import DecodersLostError
from vision.frame import Frame

SPREAD = Frame(a_code("3017620422003", zxingcpp.BarcodeFormat.EAN13), 7)
GREET = "import os, struct, sys; os.write(1, struct.pack('<I', 2) + b'[]'); asked = sys.stdin.buffer.read(16); "
CRASH = GREET + "os.abort()"
HANG = GREET + "import time; time.sleep(60)"
LIE = GREET + "os.write(1, struct.pack('<I', 14) + b'[{\"engine\": 1}]'); sys.stdin.buffer.read()"
BOAST = GREET + "os.write(1, struct.pack('<I', 2**31)); sys.stdin.buffer.read()"


def fenced(script: str, *, answer_seconds: float = 5.0) -> FencedDecoder:
    return FencedDecoder(program=(sys.executable, "-c", script), answer_seconds=answer_seconds)


def test_observations_are_the_same_when_the_engines_stand_behind_a_fence() -> None:
    plain = Decoder()

    with FencedDecoder() as decoder:
        for _ in range(4):
            assert decoder.decode(SPREAD) == plain.decode(SPREAD)


def test_still_picture_is_read_when_the_engines_stand_behind_a_fence() -> None:
    with FencedDecoder(schedule=Schedule.THOROUGH) as decoder:
        assert [code.text for code in read_still(SPREAD, decoder)] == ["3017620422003"]


def test_codes_are_read_on_when_the_process_was_killed_between_two_frames() -> None:
    with FencedDecoder() as decoder:
        assert decoder.decode(SPREAD)
        assert decoder._process is not None
        decoder._process.kill()
        decoder._process.wait()

        lost, again = decoder.decode(SPREAD), decoder.decode(SPREAD)

    assert lost == ()
    assert {one.text for one in again} == {"3017620422003"}


@pytest.mark.parametrize("script", [CRASH, LIE, BOAST], ids=["crash", "lie", "boast"])
def test_one_frame_is_lost_when_the_engines_crash_or_lie_and_all_is_said_when_they_go_on(script: str) -> None:
    with fenced(script) as decoder:
        assert [decoder.decode(SPREAD) for _ in range(ENDURED)] == [()] * ENDURED
        with pytest.raises(DecodersLostError, match="begun again"):
            decoder.decode(SPREAD)
        # Until the pause is over nothing is begun, and the camera's thread is told so at once.
        with pytest.raises(DecodersLostError):
            decoder.decode(SPREAD)
        assert decoder._process is None


def test_frame_is_lost_when_the_engines_hang() -> None:
    large = Frame(np.zeros((720, 1280, 3), dtype=np.uint8), 0)  # more than a pipe holds, so that sending waits as well

    with fenced(HANG, answer_seconds=0.2) as decoder:
        assert decoder.decode(SPREAD) == ()
        assert decoder.decode(large) == ()


def test_error_names_no_picture_when_the_program_is_missing(tmp_path: Path) -> None:
    with FencedDecoder(program=(str(tmp_path / "nothing"),)) as decoder:
        assert decoder.decode(SPREAD) == ()
