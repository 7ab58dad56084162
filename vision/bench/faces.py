"""How surely and how fast a face is known, beside face_recognition in the same run.

Parts: *speed* (one look to a decision), *pairs* (same or not, in folds), *open-set* (who of many, and strangers),
*enrolled* (three captures, as at a kiosk), *look-alikes*, *protection* (templates turned by a store's secret). LFW's
own page warns that no figure of it proves fitness for commercial use: a shop must measure its own.
"""

import csv
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before NumPy comes: one thread, as at a kiosk

import cv2  # noqa: E402 - see above
import numpy as np  # noqa: E402 - see above

from models import DEFAULT_FOLDER, SFACE, Store  # noqa: E402 - see above
from vision.bench.look_speed import look_to_decision  # noqa: E402 - see above
from vision.bench.paper import a_parser, data_folder, existing_folder, new_figure, table  # noqa: E402 - see above
from vision.bench.portraits import Painter, Pair, Portrait, pairs_in, people_in  # noqa: E402 - see above
from vision.bench.rates import (  # noqa: E402 - see above
    Flags,
    Floats,
    det_curve,
    equal_error,
    folded_accuracy,
    true_accepts,
)
from vision.frame import Image, Vector  # noqa: E402 - see above
from vision.matching import (  # noqa: E402 - see above
    Gallery,
    ImpostorHistogram,
    Recognised,
    ReferenceId,
    Stranger,
    Template,
    Turn,
    average,
    fuse,
    identify,
    is_doubtful,
    look_alikes,
    operating_point,
)
from vision.matching.matcher import fused_scores  # noqa: E402 - see above

PARTS = ("speed", "pairs", "open-set", "enrolled", "look-alikes", "protection")
DRAWS = 12
CAPTURES = 3
MARGIN = 0.05
MOST_ALIKE = 10

Portraits = Mapping[Path, Portrait]


def run(arguments: Sequence[str]) -> None:
    """Print a table for each part; draw the DET curves and the scores of the pairs if asked."""
    parser = a_parser("faces", __doc__)
    parser.add_argument("folder", type=existing_folder, nargs="?", default=data_folder("faces"), help="%(default)s")
    parser.add_argument("--part", choices=PARTS, action="append", help="only these; may be repeated")
    parser.add_argument("--pairs", type=Path, metavar="CSV", help="other pairs: path_a, path_b, same, fold (any folds)")
    parser.add_argument("--sample", type=int, metavar="N", help="at most N pairs of either kind")
    parser.add_argument("--no-second", action="store_true", help="leave the second model out: a quarter of the time")
    parser.add_argument("--models", type=Path, default=DEFAULT_FOLDER, help="weights; default: %(default)s")
    chosen = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    store, parts = Store(chosen.models), chosen.part or PARTS
    lfw = chosen.folder / "lfw_dev"
    file = chosen.pairs or lfw / "pairs.csv"
    if not file.is_file():
        parser.error(f"{file} is not there: name a CSV of pairs with --pairs")
    try:
        pairs = pairs_in(file)
    except (KeyError, ValueError):
        parser.error(f"{file} lacks one of the columns path_a, path_b, same, fold")
    if chosen.sample:
        pairs = [one for kind in (True, False) for one in _spread([p for p in pairs if p.same is kind], chosen.sample)]
    painter = Painter(store, with_second=not chosen.no_second)
    if "speed" in parts:
        print(look_to_decision(a_look(pairs[0].left), store), end="\n\n", flush=True)
    if "pairs" in parts:
        seen = painter.gallery((path for pair in pairs for path in (pair.left, pair.right)), "pairs")
        scores, same = _print_pairs(pairs, seen)
        if chosen.plot:
            draw(scores, same, chosen.plot)
    if {"open-set", "protection"} & set(parts):
        _who_of_many(lfw, painter, parts)
    if "enrolled" in parts:
        _print_enrolled(chosen.folder, painter)
    if "look-alikes" in parts:
        _print_look_alikes(pairs, painter)


def _spread(pairs: Sequence[Pair], count: int) -> Sequence[Pair]:
    return pairs[:: max(len(pairs) // count, 1)][:count]


def a_look(path: Path) -> Image:
    """Return a photograph as a kiosk's camera sees somebody near: 640x480, the face 220 px high."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(path)
    frame = np.full((480, 640, 3), 120, dtype=np.uint8)
    frame[:, 80:560] = cv2.resize(image, (480, 480))
    return frame


def _print_pairs(pairs: Sequence[Pair], seen: Portraits) -> tuple[dict[str, Floats], Flags]:
    met = [pair for pair in pairs if pair.left in seen and pair.right in seen]
    same = np.array([pair.same for pair in met])
    folds = np.array([pair.fold for pair in met])
    scores = {name: np.array([score(seen[p.left], seen[p.right]) for p in met]) for name, score in _ways(seen).items()}
    rows = []
    for name, each in scores.items():
        folded = folded_accuracy(each, same, folds)
        rows.append(
            [
                name,
                f"{folded.accuracy:.2%}",
                f"{folded.error:.2%}",
                f"{equal_error(each, same):.2%}",
                *(f"{true_accepts(each, same, rate):.2%}" for rate in (1e-2, 1e-3)),
            ]
        )
    count = f"{same.sum()} same, {(~same).sum()} other, {len(np.unique(folds))} folds"
    print(table([f"pairs: {count}", "right", "s.e.", "EER", "TAR at 1e-2", "1e-3"], rows))
    print(f"{len(pairs) - len(met)} of {len(pairs)} pairs hold a photograph without a face\n", flush=True)
    return scores, same


def _ways(seen: Portraits) -> dict[str, Callable[[Portrait, Portrait], float]]:
    def first(one: Portrait, other: Portrait) -> float:
        return float(one.plain @ other.plain)

    def first_mirrored(one: Portrait, other: Portrait) -> float:
        return float(one.template(flip=True).vector @ other.template(flip=True).vector)

    def second(one: Portrait, other: Portrait) -> float:
        return -float(np.linalg.norm(_second(one) - _second(other)))

    def both(one: Portrait, other: Portrait) -> float:
        return float(fused_scores([first(one, other)], _second(one), _second(other)[None])[0])

    def both_mirrored(one: Portrait, other: Portrait) -> float:
        mine, theirs = _second(one, flip=True), _second(other, flip=True)
        return float(fused_scores([first_mirrored(one, other)], mine, theirs[None])[0])

    ways: dict[str, Callable[[Portrait, Portrait], float]] = {"SFace": first, "SFace, mirrored too": first_mirrored}
    if all(portrait.second is not None for portrait in seen.values()):
        ways |= {
            "face_recognition (dlib)": second,
            "both": both,
            "both, mirrored too": both_mirrored,
        }
    return ways


def _second(portrait: Portrait, *, flip: bool = False) -> Vector:
    assert portrait.second is not None  # noqa: S101 - the caller has seen to it
    assert portrait.second_mirrored is not None  # noqa: S101 - likewise
    mean = (portrait.second + portrait.second_mirrored) / 2 if flip else portrait.second
    return np.asarray(mean, dtype=np.float32)


def _who_of_many(lfw: Path, painter: Painter, parts: Sequence[str]) -> None:
    with (lfw / "ident_gallery.csv").open(encoding="utf-8", newline="") as rows:
        enrolled = {row["identity"]: lfw / row["path"] for row in csv.DictReader(rows)}
    with (lfw / "ident_probes.csv").open(encoding="utf-8", newline="") as rows:
        probes = [(lfw / row["path"], row["identity"], row["mated"] == "1") for row in csv.DictReader(rows)]
    seen = painter.gallery([*enrolled.values(), *(path for path, _, _ in probes)], "who of many")
    people = {ReferenceId(name): seen[path].template(flip=True) for name, path in enrolled.items() if path in seen}
    gallery = Gallery.of(SFACE, people)
    asked = [(seen[path].template(), name, mated) for path, name, mated in probes if path in seen]
    histogram = _stored(gallery)
    if "open-set" in parts:
        _print_open_set(gallery, asked, histogram)
    if "protection" in parts:
        _print_protection(gallery, people, asked)


def _stored(gallery: Gallery) -> ImpostorHistogram:
    """Return the histogram that this store would have: everybody compared with everybody who joined before them."""
    scores = (gallery.vectors @ gallery.vectors.T)[np.triu_indices(len(gallery), 1)]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "impostors.json"
        ImpostorHistogram.empty(SFACE).grown(scores).save(place)
        return ImpostorHistogram.load(place, SFACE)


def _print_open_set(
    gallery: Gallery, asked: Sequence[tuple[Template, str, bool]], histogram: ImpostorHistogram
) -> None:
    rows = []
    for basis, stored in (("table", None), (f"stored histogram, {histogram.pairs:,} impostors", histogram)):
        for second in (False, True) if gallery.seconds[0] is not None else (False,):
            point = operating_point(len(gallery), histogram=stored)
            right = wrong = named = mated = strangers = 0
            for probe, name, is_mated in asked:
                said = identify(probe, gallery, threshold=point.threshold, margin=MARGIN)
                if second and is_doubtful(said, point):
                    said = fuse(probe, gallery, point=point, margin=MARGIN)
                mated, strangers = mated + is_mated, strangers + (not is_mated)
                if isinstance(said, Recognised):
                    right += is_mated and said.reference_id == name
                    wrong += is_mated and said.reference_id != name
                    named += not is_mated
            rows.append(
                [
                    basis + (", second in the grey band" if second else ""),
                    f"{point.threshold:.3f}",
                    f"{right}/{mated}",
                    str(wrong),
                    f"{named}/{strangers}",
                    f"{named / strangers:.2%}",
                ]
            )
    head = [f"who of {len(gallery)}, one photograph each", "threshold", "right", "wrong", "strangers named", "FPIR"]
    print(table(head, rows), end="\n\n", flush=True)


def _print_protection(
    gallery: Gallery, people: Mapping[ReferenceId, Template], asked: Sequence[tuple[Template, str, bool]]
) -> None:
    ours, after = Turn.of(b"the secret of a store"), Turn.of(b"the secret after a theft")
    turned = Gallery.of(SFACE, {name: ours.turn(template) for name, template in people.items()})
    again = Gallery.of(SFACE, {name: after.turn(ours.turn_back(ours.turn(one))) for name, one in people.items()})
    threshold = operating_point(len(gallery)).threshold
    rows = []
    for name, kept, turn in (
        ("plain", gallery, None),
        ("turned by the store's secret", turned, ours),
        ("all turned anew after a theft", again, after),
        ("stolen copies, after it", turned, after),
    ):
        probes = [(one if turn is None else turn.turn(one), who) for one, who, mated in asked if mated]
        said = [identify(probe, kept, threshold=threshold, margin=MARGIN) for probe, _ in probes]
        right = sum(
            isinstance(one, Recognised) and one.reference_id == who for one, (_, who) in zip(said, probes, strict=True)
        )
        best = max(one.score for one in said)
        rows.append([name, f"{right}/{len(said)}", f"{best:.3f}", str(sum(isinstance(o, Stranger) for o in said))])
    print(table(["templates kept", "right", "largest score", "strangers"], rows), end="\n\n", flush=True)


def _print_enrolled(folder: Path, painter: Painter) -> None:
    """Print misses at fixed shares of strangers named: three captures enrolled, people and strangers drawn anew."""
    photos = {
        f"{each}/{name}": paths
        for each in ("lfw_dev", "johns", "bbt", "orl")
        if (folder / each / "identities.csv").is_file()
        for name, paths in people_in(folder / each).items()
    }
    seen = painter.gallery((path for paths in photos.values() for path in paths), "enrolled")
    known = {name: [seen[path] for path in paths if path in seen] for name, paths in photos.items()}
    many = {name: all_ for name, all_ in known.items() if len(all_) > CAPTURES}
    single = [all_[0] for all_ in known.values() if len(all_) == 1]
    rows = []
    with_second = all(portrait.second is not None for portrait in seen.values())
    for words, flip, second, probes in (
        ("one frame", False, False, 1),
        ("mirrored at enrolment", True, False, 1),
        ("and both models", True, True, 1),
        ("mirrored, two frames", True, False, 2),
        ("two frames and both models", True, True, 2),
    ):
        if second and not with_second:
            continue
        misses = [_misses(many, single, draw_, flip=flip, second=second, probes=probes) for draw_ in range(DRAWS)]
        rows.append([words, *(f"{share:.2%}" for share in np.mean(misses, axis=0))])
    count = f"{CAPTURES} captures: {len(many)} people, {len(single) // 2} others, as many strangers, {DRAWS} draws"
    print(table([count, "FNIR at FPIR 0.3 %", "1 %", "3 %"], rows), end="\n\n", flush=True)


def _misses(
    many: Mapping[str, list[Portrait]],
    single: list[Portrait],
    seed: int,
    *,
    flip: bool,
    second: bool,
    probes: int,
) -> list[float]:
    chance = np.random.default_rng(seed)
    references: list[list[Portrait]] = []
    mated: list[tuple[list[Portrait], int]] = []
    for owner, name in enumerate(many):
        order = [many[name][place] for place in chance.permutation(len(many[name]))]
        references.append(order[:CAPTURES])
        rest = order[CAPTURES:]
        mated += [(rest[start : start + probes], owner) for start in range(0, len(rest) - probes + 1, probes)]
    drawn = chance.permutation(len(single))
    half = len(drawn) // 2
    references += [[single[place]] for place in drawn[:half]]
    strangers = [[single[place]] * probes for place in drawn[half:]]
    kept = [_mean(one, flip=flip) for one in references]
    own = _scored([_mean(one) for one, _ in mated], kept, second=second)
    others = _scored([_mean(one) for one in strangers], kept, second=second).max(axis=1)
    owners = np.array([owner for _, owner in mated])
    right = own.argmax(axis=1) == owners
    best = own.max(axis=1)
    thresholds = [float(np.quantile(others, 1 - rate, method="higher")) for rate in (0.003, 0.01, 0.03)]
    return [float(1 - (right & (best > threshold)).mean()) for threshold in thresholds]


def _mean(portraits: Sequence[Portrait], *, flip: bool = False) -> tuple[Vector, Vector | None]:
    """Return what the kiosk keeps of several photographs, by either model."""
    one = average([portrait.template(flip=flip) for portrait in portraits])
    return one.vector, one.second


def _scored(
    probes: Sequence[tuple[Vector, Vector | None]], kept: Sequence[tuple[Vector, Vector | None]], *, second: bool
) -> Floats:
    """Return the score of each probe ``(P, N)`` with each that is kept; fused where the second model is heard."""
    scores = np.stack([one for one, _ in probes]) @ np.stack([one for one, _ in kept]).T
    if not second:
        return np.asarray(scores, dtype=np.float64)
    theirs = np.stack([other for _, other in kept if other is not None])
    mine = [other for _, other in probes if other is not None]
    return np.stack([fused_scores(row, one, theirs) for row, one in zip(scores, mine, strict=True)])


def _print_look_alikes(pairs: Sequence[Pair], painter: Painter) -> None:
    """Print who passes for whom among the most alike pairs of different people, unguarded and flagged."""
    others = [pair for pair in pairs if not pair.same]
    seen = painter.gallery((path for pair in others for path in (pair.left, pair.right)), "look-alikes")
    met = [pair for pair in others if pair.left in seen and pair.right in seen]
    met.sort(key=lambda pair: -float(seen[pair.left].plain @ seen[pair.right].plain))
    point, me = operating_point(1), ReferenceId("me")
    rows = []
    for pair in met[:MOST_ALIKE]:
        mine, theirs = _views(pair.left, painter), _views(pair.right, painter)
        plain = Gallery.of(SFACE, {me: mine[0].template(flip=True)})
        found = look_alikes(theirs[0].template(flip=True), plain, threshold=-1.0)[0].score
        flagged = found >= point.threshold
        likeness = {me: found} if flagged else {}
        guarded = Gallery.of(SFACE, {me: mine[0].template(flip=True)}, likeness=likeness)
        row = [f"{pair.left.stem} / {pair.right.stem}", f"{found:.3f}", "yes" if flagged else "no"]
        for who, gallery in ((theirs, plain), (theirs, guarded), (mine, guarded)):
            passed = sum(
                isinstance(identify(view.template(), gallery, threshold=point.threshold, margin=MARGIN), Recognised)
                for view in who
            )
            row.append(f"{passed}/{len(who)}")
        rows.append(row)
    head = ["most alike, different people", "score", "flagged", "passes unguarded", "passes flagged", "oneself passes"]
    print(table(head, rows), flush=True)


def _views(path: Path, painter: Painter) -> list[Portrait]:
    """Return a photograph as it is, mirrored, dimmed and leaning."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        return []
    height, width = image.shape[:2]
    lean = cv2.warpAffine(image, cv2.getRotationMatrix2D((width / 2, height / 2), 8, 1), (width, height))
    views = [
        painter.of(np.ascontiguousarray(view, dtype=np.uint8)) for view in (image, image[:, ::-1], image // 2, lean)
    ]
    return [view for view in views if view is not None]


def draw(scores: Mapping[str, Floats], same: Flags, path: Path) -> None:
    """Draw the DET curves, and how the scores of both kinds lie."""
    figure = new_figure(12, 5)
    curves, heaps = figure.subplots(1, 2)
    for name, each in scores.items():
        passed, refused = det_curve(each, same)
        curves.plot(np.maximum(passed, 1e-5), np.maximum(refused, 1e-4), label=name)
    curves.set(xscale="log", yscale="log", xlabel="false accepts", ylabel="false rejects", title="DET")
    curves.legend(fontsize=8)
    name, each = list(scores.items())[-1]
    for kind, shown in (("same person", each[same]), ("others", each[~same])):
        heaps.hist(shown, bins=60, density=True, alpha=0.6, label=kind)
    heaps.set(xlabel=f"score, {name}", ylabel="density")
    heaps.legend(fontsize=8)
    figure.savefig(path)
