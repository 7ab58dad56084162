"""What the colour flashes stop: ``python tests/bench/vision_liveness.py FOLDER [PEOPLE]``, on computed scenes.

Photographs of faces below FOLDER are placed before a computed camera as heads and as attacks. Printed in the form of
ISO/IEC 30107-3, which this is not a test after: APCER, the share of attacks of a kind that pass; BPCER, the share of
heads that do not.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402 - the project's own folders come first
import numpy as np  # noqa: E402 - as above

from models import Store  # noqa: E402 - as above
from models.install import install  # noqa: E402 - as above
from tests.vision.attacks import HEADS, Scene, Subject, answered, subject  # noqa: E402 - as above
from vision.face.detect import FaceDetector  # noqa: E402 - as above
from vision.face.liveness import LivenessResult  # noqa: E402 - as above
from vision.frame import Frame  # noqa: E402 - as above


def subjects(folder: Path, people: int) -> list[Subject]:
    """Return so many photographs on which a face is found, spread evenly over the folder."""
    store = Store(ROOT / "var/models")
    install(store)
    detector = FaceDetector(store)
    paths = sorted(folder.rglob("*.jpg"))
    found: list[Subject] = []
    for path in paths[:: max(len(paths) // people, 1)][:people]:
        image = np.asarray(cv2.imread(str(path)), dtype=np.uint8)
        faces = detector.detect(Frame(image, 0))
        if faces:
            found.append(subject(image, faces[0].landmarks))
    return found


def main() -> None:
    """Print a row for each scene."""
    cv2.setNumThreads(1)
    people = subjects(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 30)
    print(f"{len(people)} people; evidence is the median\n")
    print(f"{'scene':<32}{'fit':>7}{'answer':>8}{'beside':>8}{'relief':>8}   rate")
    for scene in Scene:
        seen = [answered(who, scene, seed) for seed, who in enumerate(people)]
        passed = sum(one.result is LivenessResult.PASSED for one in seen)
        unknown = sum(one.result is LivenessResult.NOT_CHECKED for one in seen)
        fit, answer, beside, relief = (
            float(np.median([getattr(one, name) for one in seen])) for name in ("fit", "answer", "background", "relief")
        )
        name, share = ("BPCER", 1 - passed / len(seen)) if scene in HEADS else ("APCER", passed / len(seen))
        figures = f"{fit:7.2f}{answer:8.3f}{beside:8.2f}{relief:8.3f}"
        print(f"{scene.value:<32}{figures}   {name} {share:.1%}, {unknown} unknown", flush=True)


if __name__ == "__main__":
    main()
