"""Take a file of official recalls over the wire: what it stops is stopped at the next scan, everywhere."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from checkout import currency
from checkout.feeds import Terms, read_rappelconso
from server.flows.import_catalogue import ImportNote, Outcome, Part, Stage, Told, import_catalogue
from server.flows.ports import StoreRow

FAULTS_TOLD = 500
"""Faults in one answer; the counts say how many there are of each kind."""

OpenStage = Callable[[], AbstractContextManager[Stage]]


def import_recalls(
    content: bytes, store: StoreRow, open_stage: OpenStage, *, dry_run: bool, now: Callable[[], datetime]
) -> dict[str, Any]:
    """Stop the lots that a file names; doing it twice changes nothing, and no bad row stops the others.

    Raises:
        ImportedElsewhereError: Another import came first; nothing was changed.
    """
    told: list[Told] = []
    terms = Terms(currency(store.currency), store.country, ZoneInfo(store.timezone))
    note = ImportNote("rappelconso", "recalls.csv", hashlib.sha256(content).hexdigest(), now())
    with open_stage() as stage:
        outcome = import_catalogue(
            [Part("recalls.csv", read_rappelconso((content,), terms))],
            stage,
            note,
            store_id=store.store_id,
            tell=told.append,
            dry_run=dry_run,
            now=now,
        )
    return _shown(outcome, told, dry_run=dry_run)


def _shown(outcome: Outcome, told: list[Told], *, dry_run: bool) -> dict[str, Any]:
    lots = next((changed.counts() for changed in outcome.changes if changed.table == "recalled_lot"), {})
    return {
        "dry_run": dry_run,
        "import_id": outcome.import_id,
        "lots": lots,
        "refused": outcome.refused,
        "left_out": sum(outcome.left_out.values()),
        "faults": [
            {
                "line": fault.line,
                "field": fault.field,
                "severity": fault.severity.value,
                "kind": fault.kind.value,
                "given": fault.given,
                "problem": fault.problem,
                "fix": fault.remedy,
            }
            for _, fault in told[:FAULTS_TOLD]
        ],
        "fault_counts": dict(outcome.faults),
    }
