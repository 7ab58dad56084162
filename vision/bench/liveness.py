"""What the colour flashes, the other cues and the turn of the head stop, and whom they trouble, on computed scenes.

Photographs of faces are placed before a computed camera as heads and as attacks. Told in the form of ISO/IEC 30107-3,
which this is not a test after: APCER, the share of attacks of a kind that pass; BPCER, the share of heads that do not.
A head that is not told for sure is asked for a turn of the head instead. The limits and the mean head were taken from
people whose names begin with A to K; these tables show others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models import DEFAULT_FOLDER, Store
from vision.bench.attacks import EYES_PX, FAR_PX, HEADS, Scene, Subject, filmed, subject
from vision.bench.paper import a_parser, data_folder, existing_folder, new_figure, progress, table
from vision.bench.turning import DEEP, SWUNG, UPRIGHT, a_turning_head, passes, swung
from vision.face.cues import Cues
from vision.face.detect import FaceDetector
from vision.face.flash import FlashEvidence
from vision.face.liveness import Direction, LivenessResult
from vision.frame import Frame, Image
from vision.quality import Hint, assess

USUAL_LIGHT = 0.15
LIGHTS = (0.30, 0.10, 0.06, 0.04)
"""The screen's light on a face against all other light: a dim corner first, a place by the window last."""
LEARNT_FROM = "L"  # people whose names come before it had a say in the limits
TURNS = 400
PLACES = 8  # people who are tried elsewhere: all of them would take as long again
SHEETS = 20


@dataclass(frozen=True, slots=True)
class Tried:
    """One challenge: what the flashes say, and the words of the cues that speak against a face."""

    evidence: FlashEvidence
    against: tuple[str, ...]

    @property
    def result(self) -> LivenessResult:
        """What the kiosk makes of both: who would pass and has a cue against them is asked for a turn."""
        said = self.evidence.result
        return LivenessResult.NOT_CHECKED if said is LivenessResult.PASSED and self.against else said

    @classmethod
    def of(cls, evidence: FlashEvidence, cues: Cues) -> "Tried":
        """Put both together."""
        return cls(evidence, tuple(cue.name for cue in cues.seen() if cue.is_against))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a row of challenges of one kind brought."""

    tried: tuple[Tried, ...]

    def share(self, result: LivenessResult) -> float:
        """Return how many of them ended so."""
        return sum(one.result is result for one in self.tried) / len(self.tried)

    def speaks(self, name: str) -> float:
        """Return in how many a cue spoke against a face."""
        return sum(name in one.against for one in self.tried) / len(self.tried)

    def median(self, name: str) -> float:
        """Return the middle of one of the measures."""
        return float(np.median([getattr(one.evidence, name) for one in self.tried]))


def subjects(
    folder: Path, people: int, detector: FaceDetector, *, eyes_px: float = EYES_PX
) -> tuple[list[Subject], list[Image]]:
    """Return so many people as the kiosk would take a picture of, spread over the folder, and their photographs."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".png"})
    others = [path for path in paths if path.name >= LEARNT_FROM] or paths
    found: list[Subject] = []
    photos: list[Image] = []
    step = max(len(others) // (2 * people), 1)  # one in four is turned away or soft
    for path in others[step // 2 :: step]:
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if image is None or len(found) == people:
            continue
        frame = Frame(np.asarray(image, dtype=np.uint8), 0)
        faces = detector.detect(frame)
        if assess(frame, faces).hint is Hint.OK:
            found.append(subject(frame.image, faces[0].landmarks, eyes_px=eyes_px))
            photos.append(frame.image)
    return found, photos


def tried(people: Sequence[Subject], scene: Scene, strength: float, words: str) -> Seen:
    """Return what one challenge of each person says."""
    return Seen(
        tuple(
            Tried.of(*filmed(who, scene, seed, strength=strength)) for seed, who in enumerate(progress(people, words))
        )
    )


def run(arguments: Sequence[str]) -> None:
    """Print a row for each scene, each light and each turn; draw what tells heads from sheets if asked."""
    parser = a_parser("liveness", __doc__)
    folder = data_folder("faces") / "lfw_dev" / "images"
    parser.add_argument("folder", type=existing_folder, nargs="?", default=folder, help="%(default)s")
    parser.add_argument("--people", type=int, default=24, metavar="N", help="photographs; default: %(default)s")
    parser.add_argument("--models", type=Path, default=DEFAULT_FOLDER, help="weights; default: %(default)s")
    chosen = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    detector = FaceDetector(Store(chosen.models))
    people, photos = subjects(chosen.folder, chosen.people, detector)
    if not people:
        parser.error(f"no face that the kiosk would take was found in the pictures of {chosen.folder}")
    far, _ = subjects(chosen.folder, min(chosen.people, PLACES), detector, eyes_px=FAR_PX)
    print(f"{len(people)} people, of whom none had a say in the limits\n")
    honest = _print_turns(photos[:SHEETS], detector)
    scenes = {scene: tried(people, scene, USUAL_LIGHT, scene.value) for scene in Scene}
    print(_scene_table(scenes, honest), end="\n\n", flush=True)
    places: dict[str, tuple[Sequence[Subject], float]] = {
        f"screen at {light:.0%} of the other light": (people[:PLACES], light) for light in LIGHTS
    }
    places["half as far again from the camera"] = (far, USUAL_LIGHT)
    print(_place_table(places))
    if chosen.plot:
        draw(scenes, chosen.plot)


def _scene_table(scenes: dict[Scene, Seen], honest: float) -> str:
    rows = []
    for scene, seen in scenes.items():
        passed, asked = seen.share(LivenessResult.PASSED), seen.share(LivenessResult.NOT_CHECKED)
        rate = f"BPCER {1 - passed - asked * honest:.1%}" if scene in HEADS else f"APCER {passed:.1%}"
        measures = [f"{seen.median(name):.3f}" for name in ("fit", "answer", "background", "relief", "shape")]
        cues = [f"{seen.speaks(name):.0%}" for name in ("border", "moire")]
        rows.append([scene.value, *measures, *cues, f"{passed:.1%}", f"{asked:.1%}", rate])
    head = ["scene (medians)", "fit", "answer", "beside", "relief", "shape", "border", "moire", "passes", "to turn"]
    return table([*head, "rate"], rows)


def _place_table(places: dict[str, tuple[Sequence[Subject], float]]) -> str:
    rows = []
    for words, (people, light) in places.items():
        for scene in (Scene.HEAD, Scene.CUT_OUT_BENT, Scene.MASK):
            seen = tried(people, scene, light, f"{scene.value}, {words}")
            shares = (seen.share(result) for result in LivenessResult)
            rows.append([f"{scene.value}, {words}", *(f"{share:.1%}" for share in shares)])
    return table(["elsewhere", "passes", "refused", "asked to turn instead"], rows)


def _print_turns(photos: Sequence[Image], detector: FaceDetector) -> float:
    """Print who meets the request to turn, and return the share of honest heads that do."""
    chance = np.random.default_rng(11)
    sides = tuple(Direction)
    heads = [passes(a_turning_head(chance, sides[turn % 2]), sides[turn % 2]) for turn in range(TURNS)]
    honest = float(np.mean(heads))
    rows = [[f"head that turns as asked ({TURNS})", "", f"{honest:.1%}"]]
    for deep in DEEP:
        there, back = {True: 0, False: 0}, {True: 0, False: 0}
        for photo in progress(photos, f"sheets bent by {deep:g}"):
            found = swung(photo, detector, deep=deep, angles=SWUNG)
            for side in sides:
                upright = [[found[sign * angle] for angle in UPRIGHT] for sign in (1, -1)]
                there[any(passes(faces, side) for faces in upright)] += 1
                swing = [found[angle] for angle in SWUNG]
                back[passes(swing, side) or passes(swing[::-1], side)] += 1
        trials = 2 * len(photos)
        words = f"photograph, bow {deep:.0%} of its width ({trials})"
        rows.append([words, f"{there[True] / trials:.1%}", f"{back[True] / trials:.1%}"])
    print(table(["asked to turn, passes", "turned from straight", "swung, or the head"], rows), end="\n\n", flush=True)
    return honest


def draw(scenes: dict[Scene, Seen], path: Path) -> None:
    """Draw relief against shape, which together tell heads from sheets."""
    axes = (figure := new_figure()).subplots()
    for scene, seen in scenes.items():
        shown = [one.evidence for one in seen.tried if one.evidence.frames and one.evidence.answer > 0]
        across = [float(np.clip(one.shape, -1, 2)) for one in shown]
        axes.scatter(
            across, [min(one.relief, 0.3) for one in shown], label=scene.value, marker="ox"[scene not in HEADS]
        )
    axes.set(xlabel="how much of a head's pattern is in the answer", ylabel="relief of the answer")
    axes.legend(fontsize=8)
    figure.savefig(path)
