"""The most alike pairs of different people: who passes for whom, unguarded and flagged at enrolment."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from models import SFACE
from vision.bench.many import MARGIN
from vision.bench.pair_files import Pair
from vision.bench.paper import table
from vision.bench.portraits import Painter, Portrait
from vision.frame import Frame
from vision.matching import Gallery, Recognised, ReferenceId, identify, look_alikes, operating_point

MOST_ALIKE = 10


def print_look_alikes(pairs: Sequence[Pair], painter: Painter) -> None:
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
        painter.of(Frame(np.ascontiguousarray(view, dtype=np.uint8), 0))
        for view in (image, image[:, ::-1], image // 2, lean)
    ]
    return [view for view in views if view is not None]
