"""How long sight takes: ``python tests/bench/vision_speed.py [PHOTOGRAPH]``, CPU time, best and median of many runs.

CPU time rather than time on the wall, so that a busy machine tells nearly the same. Without a photograph the frame is
drawn and the face is said to be in its middle: the networks take the same time. The peers run on the same frame in the
same minutes; only the ratios travel to other machines.
"""

import importlib
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402 - the project's own folders come first
import numpy as np  # noqa: E402 - as above
import zxingcpp  # noqa: E402 - as above
from pyzbar import pyzbar  # noqa: E402 - as above

from models import SFACE, Store  # noqa: E402 - as above
from models.install import install  # noqa: E402 - as above
from tests.vision.builders import a_code, a_face  # noqa: E402 - as above
from vision.barcode.debounce import Accepter  # noqa: E402 - as above
from vision.barcode.decode import Decoder  # noqa: E402 - as above
from vision.face.align import align  # noqa: E402 - as above
from vision.face.detect import FaceDetector  # noqa: E402 - as above
from vision.face.embed import Embedder, SecondEmbedder, unit  # noqa: E402 - as above
from vision.frame import Frame, Image  # noqa: E402 - as above
from vision.matching import Form, Gallery, ReferenceId, Template, TemplateIndex, identify  # noqa: E402 - as above
from vision.quality import assess  # noqa: E402 - as above


def measured(name: str, act: Callable[[], object], runs: int = 25) -> float:
    """Run an act often, print its times, and return the median in ms."""
    times: list[float] = []
    for _ in range(runs + 2):
        begun = time.process_time()
        act()
        times.append((time.process_time() - begun) * 1000)
    median = statistics.median(times[2:])  # the first two warm up
    print(f"  {name:<58} {min(times[2:]):8.2f} {median:8.2f}")
    return median


def faces(image: Image, store: Store) -> None:
    """Print every stage from frame to decision, and the peer's way on the same frame."""
    frame = Frame(image, 0)
    detector, embedder, second = FaceDetector(store), Embedder(store), SecondEmbedder(store)
    found = detector.detect(frame)
    face = found[0] if found else a_face(at=(image.shape[1] / 2, image.shape[0] / 2))
    print(f"faces, {image.shape[1]}x{image.shape[0]}: ms best, median")
    total = measured("detect (YuNet, decoding and suppression)", lambda: detector.detect(frame))
    total += measured("judge (size, light, angle, sharpness)", lambda: assess(frame, [face]))
    crop = align(image, face.landmarks)
    total += measured("align", lambda: align(image, face.landmarks))
    total += measured("embed (SFace)", lambda: embedder.embed(crop[None]))
    probe = Template(SFACE, embedder.embed(crop[None])[0])
    chance = np.random.default_rng(0)
    for size in (10, 10_000):
        vectors = unit(chance.normal(size=(size, 128)).astype(np.float32))
        gallery = Gallery.of(SFACE, {ReferenceId(str(row)): Template(SFACE, vectors[row]) for row in range(size)})
        spent = measured(f"identify among {size}", lambda one=gallery: identify(probe, one, threshold=0.5, margin=0.05))  # type: ignore[misc]  # the default holds the loop's value
        total += spent if size == 10 else 0
    measured("second opinion (dlib), doubtful cases only", lambda: second.encode(frame, face), runs=8)
    peer = importlib.import_module("face_recognition")
    rgb = np.ascontiguousarray(image[:, :, ::-1])
    box = face.box
    place = [(int(box.top), int(box.right), int(box.bottom), int(box.left))]
    theirs = measured("peer: face_recognition, HOG", lambda: peer.face_locations(rgb), runs=8)
    theirs += measured("peer: face_recognition, encode", lambda: peer.face_encodings(rgb, place), runs=8)
    print(f"  frame to decision {total:.1f} ms; the peer {theirs:.1f} ms: {theirs / total:.1f} times as long\n")


def bars() -> None:
    """Print the cost of a frame of bars, and the peer's on the same frame."""
    frame = Frame(a_shelf(), 0)
    decoder, accepter = Decoder(), Accepter()
    symbols = [pyzbar.ZBarSymbol.EAN13, pyzbar.ZBarSymbol.EAN8, pyzbar.ZBarSymbol.UPCA]
    grey = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY))
    print("bars, 1280x720: ms best, median")

    def pair() -> None:
        for _ in range(2):
            accepter.observe(decoder.decode(frame), 0)

    two = measured("two frames: all engines once, and the acceptance", pair)
    theirs = measured("peer: pyzbar alone, full size", lambda: pyzbar.decode(grey, symbols=symbols))
    print(f"  a frame {two / 2:.1f} ms; the peer {theirs:.1f} ms: {2 * theirs / two:.1f} times as long\n")


def index() -> None:
    """Print a search among all, beside the time that reading the same bytes once takes."""
    chance = np.random.default_rng(0)
    vectors = unit(chance.standard_normal((1_000_000, 128), dtype=np.float32))
    probe = Template(SFACE, vectors[7])
    for form in Form:
        for size in (10_000, 100_000, 1_000_000):
            held = TemplateIndex(SFACE, 128, form=form, capacity=size)
            for row in range(size):
                held.put(ReferenceId(str(row)), Template(SFACE, vectors[row]))
            read = np.ones(held.bytes_held // 8)
            bound = measured(f"reading {held.bytes_held / 1e6:.0f} MB once", lambda one=read: one.max(), runs=5)  # type: ignore[misc]  # the default holds the loop's value
            spent = measured(f"index, {form}, {size}", lambda one=held: one.nearest(probe), runs=5)  # type: ignore[misc]  # as above
            print(f"    {spent / bound:.1f} times the reading")


def a_shelf() -> Image:
    """Return a grainy 1280x720 frame with one pack in it."""
    canvas = np.random.default_rng(1).normal(150, 12, (720, 1280, 3)).clip(0, 255).astype(np.uint8)
    code = a_code("3017620422003", zxingcpp.BarcodeFormat.EAN13)
    canvas[200 : 200 + code.shape[0], 400 : 400 + code.shape[1]] = code
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 0.8), dtype=np.uint8)


def main() -> None:
    """Measure everything once."""
    cv2.setNumThreads(1)
    store = Store(ROOT / "var/models")
    install(store)
    if len(sys.argv) > 1:
        picture = cv2.imread(sys.argv[1])
        if picture is None:
            sys.exit(f"{sys.argv[1]} is no picture")
        picture = np.asarray(picture, dtype=np.uint8)
    else:
        picture = np.random.default_rng(0).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    for size in ((640, 480), (1280, 720)):
        faces(np.asarray(cv2.resize(picture, size), dtype=np.uint8), store)
    bars()
    index()


if __name__ == "__main__":
    main()
