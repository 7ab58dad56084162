"""What a store's key does to matching: nothing while it is in force, everything to copies from before a change."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from models import SFACE
from vision.bench.paper import table
from vision.bench.rates import Floats
from vision.matching import (
    Gallery,
    Recognised,
    ReferenceId,
    SealKey,
    StoreKey,
    Stranger,
    Template,
    identify,
    operating_point,
)

MARGIN = 0.05
_SALTS = bytes(32), bytes([1]) * 32


def print_protection(people: Mapping[ReferenceId, Template], probes: Sequence[tuple[Template, str]]) -> None:
    """Print how many are recognised plain, turned, turned anew, and by copies that were stolen before.

    Args:
        people: The references, as the model made them.
        probes: Faces of people on file, with who they are.
    """
    before, after = (StoreKey(SealKey(bytes([number]) * 32), salt) for number, salt in enumerate(_SALTS))
    sealed = [(name, *before.keep(template, name)) for name, template in people.items()]
    moved = before.keep_anew(sealed, after)
    kept = {name: before.open(content, name, model_id) for name, model_id, content in sealed}
    anew = {name: after.open(content, name, model_id) for name, model_id, content in moved}
    # Whoever stole copies has opened them and writes another key's name on them: else the matcher would not compare.
    stolen = {name: replace(template, model_id=after.turn.kind(SFACE)) for name, template in kept.items()}
    plain = _scores(people, [probe for probe, _ in probes])
    rows = []
    for words, references, key in (
        ("plain, as the model makes them", people, None),
        ("kept under the store's key", kept, before),
        ("kept anew under another key", anew, after),
        ("stolen before, held against it", stolen, after),
    ):
        faces = [probe if key is None else key.turn.turn(probe) for probe, _ in probes]
        gallery = Gallery.of(faces[0].model_id, references)
        threshold = operating_point(len(gallery)).threshold
        said = [identify(face, gallery, threshold=threshold, margin=MARGIN) for face in faces]
        right = sum(
            isinstance(one, Recognised) and one.reference_id == who for one, (_, who) in zip(said, probes, strict=True)
        )
        scores = _scores(references, faces)
        own = [scores[row, list(people).index(ReferenceId(who))] for row, (_, who) in enumerate(probes)]
        strangers = sum(isinstance(one, Stranger) for one in said)
        changed = "-" if words.startswith("stolen") else f"{np.abs(scores - plain).max():.0e}"
        rows.append(
            [
                words,
                f"{right}/{len(said)}",
                str(strangers),
                f"{np.mean(own):.3f} ({np.std(own):.3f})",
                f"{scores.max():.3f}",
                changed,
            ]
        )
    head = ["templates", "right", "strangers", "own score, mean (sd)", "largest score", "largest change"]
    print(table(head, rows), end="\n\n", flush=True)


def _scores(references: Mapping[ReferenceId, Template], probes: Sequence[Template]) -> Floats:
    known = np.stack([one.vector for one in references.values()]).astype(np.float64)
    return np.asarray(np.stack([one.vector for one in probes]).astype(np.float64) @ known.T)
