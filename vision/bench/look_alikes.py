"""The most alike of different people: who passes for whom, unguarded and flagged at enrolment."""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from models import SFACE
from vision.bench.many import MARGIN
from vision.bench.paper import table
from vision.bench.portraits import Painter, Portrait, people_in
from vision.frame import Frame
from vision.matching import Gallery, Recognised, ReferenceId, identify, look_alikes, operating_point

MOST_ALIKE = 10


def print_look_alikes(folder: Path, painter: Painter) -> None:
    """Print who passes for whom among the most alike of everybody in a folder, unguarded and flagged."""
    firsts = [paths[0] for paths in people_in(folder).values()]
    seen = painter.gallery(firsts, "look-alikes")
    point, me = operating_point(1), ReferenceId("me")
    rows = []
    for left, right in _most_alike(seen):
        mine, theirs = _views(left, painter), _views(right, painter)
        plain = Gallery.of(SFACE, {me: mine[0].template(flip=True)})
        found = look_alikes(theirs[0].template(flip=True), plain, threshold=-1.0)[0].score
        flagged = found >= point.threshold
        likeness = {me: found} if flagged else {}
        guarded = Gallery.of(SFACE, {me: mine[0].template(flip=True)}, likeness=likeness)
        row = [f"{left.stem} / {right.stem}", f"{found:.3f}", "yes" if flagged else "no"]
        for who, gallery in ((theirs, plain), (theirs, guarded), (mine, guarded)):
            passed = sum(
                isinstance(identify(view.template(), gallery, threshold=point.threshold, margin=MARGIN), Recognised)
                for view in who
            )
            row.append(f"{passed}/{len(who)}")
        rows.append(row)
    head = ["most alike, different people", "score", "flagged", "passes unguarded", "passes flagged", "oneself passes"]
    print(table(head, rows), end="\n\n", flush=True)


def _most_alike(seen: Mapping[Path, Portrait]) -> list[tuple[Path, Path]]:
    """Return the photographs of different people that score highest, the highest first."""
    paths = list(seen)
    vectors = np.stack([seen[path].plain for path in paths])
    scores = np.triu(vectors @ vectors.T, 1)
    ranked = np.argsort(-scores, axis=None)[:MOST_ALIKE]
    return [(paths[place // len(paths)], paths[place % len(paths)]) for place in ranked.tolist()]


def _views(path: Path, painter: Painter) -> list[Portrait]:
    """Return a photograph as it is, mirrored, dimmed and leaning."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        return []
    height, width = image.shape[:2]
    lean = cv2.warpAffine(image, cv2.getRotationMatrix2D((width / 2, height / 2), 8, 1), (width, height))
    views = [
        painter.of(Frame(np.ascontiguousarray(view, dtype=np.uint8), 0))
        for view in (image, image[:, ::-1], image // 2, lean)
    ]
    return [view for view in views if view is not None]
