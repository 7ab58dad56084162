"""Who of many, one photograph each, and strangers, at the thresholds that the kiosk uses; and templates turned."""

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models import SFACE
from vision.bench.paper import table
from vision.bench.portraits import Painter
from vision.bench.protection import print_protection
from vision.matching import (
    Gallery,
    ImpostorHistogram,
    Recognised,
    ReferenceId,
    Template,
    fuse,
    identify,
    is_doubtful,
    operating_point,
)

MARGIN = 0.05


def print_who_of_many(lfw: Path, painter: Painter, *, open_set: bool, protection: bool) -> None:
    """Print who is known at the shipped thresholds, and whether turned templates know the same people."""
    with (lfw / "ident_gallery.csv").open(encoding="utf-8", newline="") as rows:
        enrolled = {row["identity"]: lfw / row["path"] for row in csv.DictReader(rows)}
    with (lfw / "ident_probes.csv").open(encoding="utf-8", newline="") as rows:
        probes = [(lfw / row["path"], row["identity"], row["mated"] == "1") for row in csv.DictReader(rows)]
    seen = painter.gallery([*enrolled.values(), *(path for path, _, _ in probes)], "who of many")
    people = {ReferenceId(name): seen[path].template(flip=True) for name, path in enrolled.items() if path in seen}
    gallery = Gallery.of(SFACE, people)
    asked = [(seen[path].template(), name, mated) for path, name, mated in probes if path in seen]
    histogram = _stored(gallery)
    if open_set:
        _print_open_set(gallery, asked, histogram)
    if protection:
        print_protection(people, [(probe, who) for probe, who, mated in asked if mated])


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
