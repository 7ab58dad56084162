"""What the colour flashes stop and whom they trouble, on computed scenes.

Photographs of faces are placed before a computed camera as heads and as attacks. Told in the form of ISO/IEC 30107-3,
which this is not a test after: APCER, the share of attacks of a kind that pass; BPCER, the share of heads that do not.
A head that is not told for sure is asked for a turn of the head instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models import DEFAULT_FOLDER, Store
from vision.bench.attacks import HEADS, Scene, Subject, answered, subject
from vision.bench.paper import a_parser, data_folder, existing_folder, new_figure, progress, table
from vision.face.detect import FaceDetector
from vision.face.flash import FlashEvidence
from vision.face.liveness import LivenessResult
from vision.frame import Frame

USUAL_LIGHT = 0.15
LIGHTS = (0.30, 0.15, 0.10, 0.06, 0.04, 0.02)
"""The screen's light on a face against all other light: a dim corner first, a place by the window last."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a row of challenges of one kind brought."""

    evidence: tuple[FlashEvidence, ...]

    def share(self, result: LivenessResult) -> float:
        """Return how many of them ended so."""
        return sum(one.result is result for one in self.evidence) / len(self.evidence)

    def median(self, name: str) -> float:
        """Return the middle of one of the measures."""
        return float(np.median([getattr(one, name) for one in self.evidence]))


def subjects(folder: Path, people: int, detector: FaceDetector) -> list[Subject]:
    """Return so many photographs on which a face is found, spread evenly over the folder."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".png"})
    found: list[Subject] = []
    step = max(len(paths) // people, 1)
    for path in paths[step // 2 :: step][:people]:  # not the first of each: those had a say in the thresholds
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if image is None:
            continue
        frame = Frame(np.asarray(image, dtype=np.uint8), 0)
        found += [subject(frame.image, face.landmarks) for face in detector.detect(frame)[:1]]
    return found


def tried(people: Sequence[Subject], scene: Scene, strength: float, words: str) -> Seen:
    """Return what one challenge of each person says."""
    return Seen(
        tuple(answered(who, scene, seed, strength=strength) for seed, who in enumerate(progress(people, words)))
    )


def run(arguments: Sequence[str]) -> None:
    """Print a row for each scene and each light; draw what tells them apart if asked."""
    parser = a_parser("liveness", __doc__)
    folder = data_folder("faces") / "lfw_dev" / "images"
    parser.add_argument("folder", type=existing_folder, nargs="?", default=folder, help="%(default)s")
    parser.add_argument("--people", type=int, default=30, metavar="N", help="photographs; default: %(default)s")
    parser.add_argument("--models", type=Path, default=DEFAULT_FOLDER, help="weights; default: %(default)s")
    chosen = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    people = subjects(chosen.folder, chosen.people, FaceDetector(Store(chosen.models)))
    if not people:
        parser.error(f"no face was found in the pictures of {chosen.folder}")
    scenes = {scene: tried(people, scene, USUAL_LIGHT, scene.value) for scene in Scene}
    lights = {light: tried(people, Scene.HEAD, light, f"head, light {light}") for light in LIGHTS}
    print(f"{len(people)} people; thresholds were chosen on such scenes, so that these figures flatter\n")
    print(_scene_table(scenes), end="\n\n")
    print(_light_table(lights))
    if chosen.plot:
        draw(scenes, chosen.plot)


def _scene_table(scenes: dict[Scene, Seen]) -> str:
    rows = []
    for scene, seen in scenes.items():
        passed = seen.share(LivenessResult.PASSED)
        rate = f"BPCER {1 - passed:.1%}" if scene in HEADS else f"APCER {passed:.1%}"
        measures = [f"{seen.median(name):.3f}" for name in ("fit", "answer", "background", "relief")]
        rows.append([scene.value, *measures, f"{seen.share(LivenessResult.NOT_CHECKED):.0%}", rate])
    return table(["scene (medians)", "fit", "answer", "beside", "relief", "asked to turn", "rate"], rows)


def _light_table(lights: dict[float, Seen]) -> str:
    rows = [
        [f"{light:.0%} of the other light", *(f"{seen.share(result):.1%}" for result in LivenessResult)]
        for light, seen in lights.items()
    ]
    return table(["honest head, screen at", "passes", "refused: tries again", "asked to turn instead"], rows)


def draw(scenes: dict[Scene, Seen], path: Path) -> None:
    """Draw relief against what answers beside the face, which tell heads from sheets."""
    axes = (figure := new_figure()).subplots()
    for scene, seen in scenes.items():
        shown = [one for one in seen.evidence if one.frames and one.answer > 0]
        across, up = [min(one.background, 2.0) for one in shown], [min(one.relief, 0.3) for one in shown]
        axes.scatter(across, up, label=scene.value, marker="o" if scene in HEADS else "x")
    axes.set(xlabel="answer beside the face, share of the face's", ylabel="relief of the answer")
    axes.legend(fontsize=8)
    figure.savefig(path)
