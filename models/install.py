"""Bring a folder of weights to completion: make what is made, once."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from models.card import Made, ModelId
from models.errors import ModelError
from models.store import Store, check


class Outcome(StrEnum):
    """What became of one file."""

    PRESENT = "present"
    MADE = "made"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Report:
    """One file, what became of it, and a sentence where it was refused."""

    model_id: ModelId
    outcome: Outcome
    reason: str = ""


def install(store: Store) -> tuple[Report, ...]:
    """Make every derived file that ``store.folder`` lacks, and verify all others where they lie.

    A second run makes nothing. A derived file with a wrong sha256 is made anew: it can only have come from here.
    """
    return tuple(_installed(store, model_id) for model_id in store.cards)


def verify(store: Store) -> tuple[Report, ...]:
    """Compare every file with its card and change nothing."""
    return tuple(_verified(store, model_id) for model_id in store.cards)


def _verified(store: Store, model_id: ModelId) -> Report:
    try:
        store.verified_path(model_id)
    except (ModelError, OSError) as problem:
        return Report(model_id, Outcome.REFUSED, str(problem))
    return Report(model_id, Outcome.PRESENT)


def _installed(store: Store, model_id: ModelId) -> Report:
    report = _verified(store, model_id)
    card = store.card(model_id)
    if report.outcome is Outcome.PRESENT or not isinstance(card.origin, Made):
        return report
    # Imported here: only this branch needs onnx, and a second run should be quick.
    from models.fold import fold  # noqa: PLC0415 - see above

    path = store.folder / card.file
    try:
        content = fold(store.read(card.origin.source), free_axes=card.origin.free_axes)
        check(card, path, content)
        _write(path, content)
    except OSError as problem:
        reason = (
            f"{problem.filename} cannot be read or written ({problem.strerror}): make room, or name another folder."
        )
        return Report(model_id, Outcome.REFUSED, reason)
    except (ModelError, ValueError) as problem:
        return Report(model_id, Outcome.REFUSED, str(problem))
    return Report(model_id, Outcome.MADE)


def _write(path: Path, content: bytes) -> None:
    # Written beside and renamed: a reader never meets half a file, and a cut leaves the old state.
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
