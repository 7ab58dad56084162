"""Keep the engines, which are written in C and C++ and eat what anybody prints, in a process of their own.

A symbol that crashes or hangs an engine costs one frame and not the kiosk: the process is ended and another begun at
the next frame. Pictures go to it as grey pixels and observations come back as JSON, so that an engine that was taken
over can say nothing but a wrong code. It costs half a millisecond a frame beside ``Decoder``.
"""

import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self

import cv2
import numpy as np

from vision.barcode.decode import Decoder, Schedule, grey_of
from vision.barcode.observation import Engine, Observation, Symbology
from vision.errors import DecodersLostError
from vision.frame import Box, Frame, Grey

ANSWER_SECONDS = 10.0  # a frame takes 20 ms, a still view 100; a machine under heavy load twenty times that
BEGIN_SECONDS = 30.0  # loading the engines takes a third of a second, and much more while a machine starts
ENDURED = 2  # lost frames in a row; after the third something is wrong with more than a frame
PAUSE_NS = 10_000_000_000  # before the engines are begun again after that
ANSWER_BYTES = 2_000_000  # 64 observations of 4 296 signs, escaped
PIXELS_AT_MOST = 64_000_000
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # several wait for one another in small products

_ROOT = Path(__file__).resolve().parents[2]
_ASK = struct.Struct("<IIQ")  # height, width, captured_at_ns
_SIZE = struct.Struct("<I")
_SCHEDULES = tuple(Schedule)


class _SilentError(Exception):
    """The other process ended, hangs, or speaks nonsense."""


class FencedDecoder:
    """A ``Decoder`` behind a fence. For one thread; begun at the first frame."""

    def __init__(
        self,
        *,
        schedule: Schedule = Schedule.ALTERNATING,
        upc_e: bool = False,
        program: Sequence[str] = (sys.executable, "-m", "vision.barcode.fence"),
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """Prepare; see ``Decoder``.

        Args:
            schedule: How much to do for a frame.
            upc_e: Read UPC-E as well.
            program: What is begun, without its two arguments.
            answer_seconds: How long an answer may take.
        """
        self._command = [*program, schedule.value, "upc_e" if upc_e else ""]
        self._answer_seconds = answer_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._lost = 0
        self._retry_ns = 0

    def decode(self, frame: Frame) -> tuple[Observation, ...]:
        """Return what the engines saw; nothing where they crashed over this frame.

        Raises:
            DecodersLostError: They crashed over several frames in a row. Keep asking: they are begun again.
        """
        if self._lost > ENDURED and time.monotonic_ns() < self._retry_ns:
            raise DecodersLostError(self._lost)
        try:
            seen = self._asked(grey_of(frame), frame.captured_at_ns)
        except (_SilentError, OSError) as problem:
            self.close()
            self._lost += 1
            self._retry_ns = time.monotonic_ns() + PAUSE_NS
            if self._lost > ENDURED:
                raise DecodersLostError(self._lost) from problem
            return ()
        self._lost = 0
        return seen

    def close(self) -> None:
        """End the process; a later frame begins another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # bytes that nobody will read
                    stream.close()
        process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, it: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _asked(self, grey: Grey, captured_at_ns: int) -> tuple[Observation, ...]:
        process = self._process or self._begun()
        until = time.monotonic() + self._answer_seconds
        _send(process, _ASK.pack(*grey.shape, captured_at_ns) + grey.tobytes(), until)
        return _observations(_answer(process, until), captured_at_ns)

    def _begun(self) -> subprocess.Popen[bytes]:
        self._process = process = subprocess.Popen(  # noqa: S603 - the project's own program
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONFAULTHANDLER": "1", **ONE_THREAD},
        )
        os.set_blocking(_pipe(process.stdin), False)
        _answer(process, time.monotonic() + BEGIN_SECONDS)
        return process


def _pipe(stream: IO[bytes] | None) -> int:
    assert stream is not None  # noqa: S101 - both were asked for
    return stream.fileno()


def _send(process: subprocess.Popen[bytes], content: bytes, until: float) -> None:
    left, pipe = memoryview(content), _pipe(process.stdin)
    while left:
        _, ready, _ = select.select([], [pipe], [], max(until - time.monotonic(), 0))
        if not ready:
            raise _SilentError
        left = left[os.write(pipe, left) :]


def _answer(process: subprocess.Popen[bytes], until: float) -> bytes:
    (size,) = _SIZE.unpack(_received(process, _SIZE.size, until))
    if size > ANSWER_BYTES:
        raise _SilentError
    return _received(process, size, until)


def _received(process: subprocess.Popen[bytes], size: int, until: float) -> bytes:
    content, pipe = b"", _pipe(process.stdout)
    while len(content) < size:
        ready, _, _ = select.select([pipe], [], [], max(until - time.monotonic(), 0))
        piece = os.read(pipe, size - len(content)) if ready else b""
        if not piece:
            raise _SilentError
        content += piece
    return content


def _observations(content: bytes, captured_at_ns: int) -> tuple[Observation, ...]:
    try:
        return tuple(
            Observation(
                engine=Engine(said["engine"]),
                symbology=Symbology(said["symbology"]),
                symbology_id=str(said["symbology_id"]),
                text=str(said["text"]),
                box=Box(**{name: float(value) for name, value in said["box"].items()}),
                length_px=float(said["length_px"]),
                thickness_px=float(said["thickness_px"]),
                captured_at_ns=captured_at_ns,
                add_on=None if said["add_on"] is None else str(said["add_on"]),
            )
            for said in json.loads(content)
        )
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise _SilentError from problem


def _serve(decoder: Decoder, asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer until nobody asks any more."""
    _tell(answers, ())
    while len(head := asked.read(_ASK.size)) == _ASK.size:
        height, width, captured_at_ns = _ASK.unpack(head)
        if height * width > PIXELS_AT_MOST:
            return
        grey = np.frombuffer(asked.read(height * width), dtype=np.uint8).reshape(height, width)
        _tell(answers, decoder.decode_grey(grey, captured_at_ns))


def _tell(answers: BinaryIO, seen: Iterable[Observation]) -> None:
    content = json.dumps([asdict(one) for one in seen]).encode()
    answers.write(_SIZE.pack(len(content)) + content)
    answers.flush()


def main(arguments: Sequence[str]) -> None:
    """Be the process behind the fence: pictures come in by the standard input, answers go out where print would."""
    schedule, upc_e = arguments
    cv2.setNumThreads(1)  # more cost more than they bring, and the other core has its own work
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what an engine prints must not stand among the answers
    _serve(Decoder(schedule=Schedule(schedule), upc_e=upc_e == "upc_e"), sys.stdin.buffer, answers)


if __name__ == "__main__":
    main(sys.argv[1:])
