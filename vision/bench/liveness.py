"""What the colour flashes, the other cues and the turn of the head stop, and whom they trouble, on computed scenes.

Photographs of faces are placed before a computed camera as heads and as attacks. Told in the form of ISO/IEC 30107-3,
which this is not a test after: APCER, the share of attacks of a kind that pass; BPCER, the share of heads that do not.
A head that is not told for sure is asked for a turn of the head instead. The limits and the mean head were taken from
people whose names begin with A to K; these tables show others.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from models import DEFAULT_FOLDER, Store
from vision.bench.attacks import EYES_PX, FAR_PX, HEADS, REPLAYS, Scene, Subject, subject
from vision.bench.challenges import Seen, Trial, tried
from vision.bench.paper import a_parser, data_folder, existing_folder, new_figure, progress, table
from vision.bench.rates import wilson
from vision.bench.turning import DEEP, SWUNG, UPRIGHT, WORN, a_turning_head, passes, swung, worn
from vision.face.detect import FaceDetector
from vision.face.liveness import Direction, LivenessResult
from vision.frame import Frame, Image
from vision.quality import Hint, assess

LIGHTS = (0.30, 0.10, 0.06, 0.04)
"""The screen's light on a face against all other light: a dim corner first, a place by the window last."""
ELSEWHERE = (Scene.HEAD, Scene.CUT_OUT_BENT, Scene.MASK)
LEARNT_FROM = "L"  # people whose names come before it had a say in the limits
TURNS = 400
PLACES = 8  # people who are tried elsewhere: all of them would take as long again
SHEETS = 20
ON_A_HEAD = frozenset({Scene.EYE_HOLES, Scene.MASK})


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


def run(arguments: Sequence[str]) -> None:
    """Print a row for each turn, each scene and each light; draw what tells heads from sheets if asked."""
    parser = a_parser("liveness", __doc__)
    folder = data_folder("faces") / "lfw_dev" / "images"
    parser.add_argument("folder", type=existing_folder, nargs="?", default=folder, help="%(default)s")
    parser.add_argument("--people", type=int, default=24, metavar="N", help="photographs; default: %(default)s")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes; default: %(default)s")
    parser.add_argument("--models", type=Path, default=DEFAULT_FOLDER, help="weights; default: %(default)s")
    chosen = parser.parse_args(arguments)
    if min(chosen.people, chosen.jobs) < 1:
        parser.error("--people and --jobs: 1 or more")
    cv2.setNumThreads(1)
    detector, begun = FaceDetector(Store(chosen.models)), time.monotonic()
    people, photos = subjects(chosen.folder, chosen.people, detector)
    if not people:
        parser.error(f"no face that the kiosk would take was found in the pictures of {chosen.folder}")
    far, _ = subjects(chosen.folder, min(chosen.people, PLACES), detector, eyes_px=FAR_PX)
    print(f"{len(people)} people, of whom none had a say in the limits\n")
    turned = _print_turns(photos[:SHEETS], detector)
    places = {
        **{f"screen at {light:.0%} of the other light": (light, EYES_PX) for light in LIGHTS},
        "half as far again from the camera": (Trial(Scene.HEAD).light, FAR_PX),
    }
    main = {scene: Trial(scene) for scene in Scene}
    others = {
        f"{scene.value}, {words}": Trial(scene, light, eyes_px, people=PLACES)
        for words, (light, eyes_px) in places.items()
        for scene in ELSEWHERE
    }
    seen = tried({EYES_PX: people, FAR_PX: far}, [*main.values(), *others.values()], jobs=chosen.jobs)
    scenes = {scene: seen[trial] for scene, trial in main.items()}
    print(_measure_table(scenes), end="\n\n")
    print(rate_table(scenes, turned), end="\n\n")
    print(_place_table({words: seen[trial] for words, trial in others.items()}))
    print(f"\n{time.monotonic() - begun:.0f} s with {chosen.jobs} processes")
    if chosen.plot:
        draw(scenes, chosen.plot)


def _measure_table(scenes: Mapping[Scene, Seen]) -> str:
    rows = []
    for scene, seen in scenes.items():
        measures = [f"{seen.median(name):.3f}" for name in ("fit", "answer", "background", "relief", "shape")]
        rows.append([scene.value, *measures, *(f"{seen.speaks(name):.0%}" for name in ("border", "moire"))])
    return table(["scene (medians)", "fit", "answer", "beside", "relief", "shape", "border", "moire"], rows)


def rate_table(scenes: Mapping[Scene, Seen], turned: Mapping[Scene, float]) -> str:
    """Tell the flashes by themselves, and with the turn that is asked for where they leave a doubt."""
    rows = []
    for scene, seen in scenes.items():
        passed, asked = seen.share(LivenessResult.PASSED), seen.share(LivenessResult.NOT_CHECKED)
        both = passed + asked * turned[scene]
        wrong = 1 - both if scene in HEADS else both
        low, high = wilson(wrong, len(seen))
        shares = [f"{share:.1%}" for share in (passed, asked, turned[scene])]
        name = "BPCER" if scene in HEADS else "APCER"
        rows.append([scene.value, *shares, f"{name} {wrong:.1%}", f"{low:.1%} to {high:.1%}"])
    people = max(map(len, scenes.values()))
    return table(["scene", "passes", "to turn", "turn met", "both", f"95 % ({people})"], rows)


def _place_table(places: Mapping[str, Seen]) -> str:
    rows = [[words, *(f"{seen.share(result):.1%}" for result in LivenessResult)] for words, seen in places.items()]
    return table([f"elsewhere, {PLACES} people at most", "passes", "refused", "asked to turn instead"], rows)


def _print_turns(photos: Sequence[Image], detector: FaceDetector) -> dict[Scene, float]:
    """Print who meets the request to turn, and return for each scene the share of those who would."""
    chance = np.random.default_rng(11)
    sides = tuple(Direction)
    honest = float(np.mean([passes(a_turning_head(chance, sides[n % 2]), sides[n % 2]) for n in range(TURNS)]))
    rows = [[f"head that turns as asked ({TURNS})", "", f"{honest:.1%}"]]
    trials, held = 2 * len(photos), 0.0
    for deep in DEEP:
        upright = swings = 0
        for photo in progress(photos, f"sheets bent by {deep:g}"):
            found = swung(photo, detector, deep=deep, angles=SWUNG)
            for side in sides:
                upright += any(passes([found[sign * angle] for angle in UPRIGHT], side) for sign in (1, -1))
                swing = [found[angle] for angle in SWUNG]
                swings += passes(swing, side) or passes(swing[::-1], side)
        held = max(held, upright / trials, swings / trials)
        words = f"photograph, bow {deep:.0%} of its width ({trials})"
        rows.append([words, f"{upright / trials:.1%}", f"{swings / trials:.1%}"])
    masked = np.mean([met for photo in progress(photos, "masks worn") for met in _turns_worn(photo, detector)])
    rows.append([f"paper mask, worn, to 60 degrees ({trials})", f"{masked:.1%}", ""])
    print(table(["asked to turn, passes", "turned from straight", "swung, or the head"], rows), end="\n\n", flush=True)
    # A film shows a turn that was filmed before the side was drawn: one of two is the right one.
    met = {scene: honest / 2 if scene in REPLAYS else held for scene in Scene}
    return met | dict.fromkeys(HEADS, honest) | dict.fromkeys(ON_A_HEAD, float(masked))


def _turns_worn(photo: Image, detector: FaceDetector) -> list[bool]:
    """Say for either side whether somebody who wears a photograph on their head meets the request to turn."""
    points = detector.detect(Frame(photo, 0))[0].landmarks
    turns = [list(worn(photo, points, detector, angles=[sign * angle for angle in WORN]).values()) for sign in (1, -1)]
    return [any(passes(faces, side) for faces in turns) for side in Direction]


def draw(scenes: Mapping[Scene, Seen], path: Path) -> None:
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
