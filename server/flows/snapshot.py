"""The catalogue as it travels: all that a kiosk needs to price without us, signed, whole or as what changed (SC9)."""

import base64
import gzip
import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkout import Change, Head, ShopFacts, Tables, change_between, digest_of_tables, tables_of
from server.flows.errors import FlowError
from server.flows.instants import instant
from server.flows.ports import Work

CATALOGUE_EVENTS = frozenset({"catalogue.changed", "promotions.changed", "store.changed"})
STEPS_KEPT = 64
"""Versions that a change can be told from; whoever has an older one gets the whole. A shop makes some ten a day."""
ZIPPED = 6
"""Level of gzip: at 9 the demo's catalogue shrinks by 1 % more and takes three times as long."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Which rows differ between a version and the one after it."""

    before: str
    keys: frozenset[tuple[str, str]]


class Snapshots:
    """The newest version of one store, and the steps that led to it. One process keeps its own: versions are named by
    their content, so two processes name the same one alike, and a step that one does not know costs a whole transfer.
    """  # noqa: D205 - one sentence

    def __init__(self, store_id: str, price_group: str, sign: Callable[[bytes], bytes]) -> None:
        self._store_id = store_id
        self._price_group = price_group
        self._sign = sign
        self._head: Head | None = None
        self._seen = 0
        self._tables: Tables = {}
        self._signature = ""
        self._steps: deque[_Step] = deque(maxlen=STEPS_KEPT)
        self._bodies: dict[str | None, bytes] = {}
        self._lock = threading.Lock()

    def refresh(self, work: Work, *, at: datetime) -> Head:
        """Bring the newest version up to what the shop's tables hold; costs one small query where nothing changed."""
        with self._lock:
            return self._refreshed(work, at)

    def body(self, since: str | None) -> bytes:
        """Return the gzipped JSON of the newest version: what changed since one that is known here, else the whole."""
        with self._lock:
            known = [step.before for step in self._steps]
            start = since if since in known or (self._head is not None and since == self._head.version) else None
            if start not in self._bodies:
                self._bodies[start] = gzip.compress(_dump(self._document(start)), ZIPPED, mtime=0)
            return self._bodies[start]

    def _refreshed(self, work: Work, at: datetime) -> Head:
        head, newest = self._head, work.events.newest()
        if head is not None and not (newest > self._seen and work.events.happened(CATALOGUE_EVENTS, after=self._seen)):
            self._seen = newest
            return head
        tables = read_tables(work, self._store_id, self._price_group)
        number = work.events.newest_of(CATALOGUE_EVENTS)
        fresh = Head(self._store_id, number, instant(at), digest_of_tables(tables))
        self._seen = newest
        if head is not None:
            change = change_between(self._tables, tables)
            keys = {(table, key) for table, rows in change.put.items() for key in rows}
            keys |= {(table, key) for table, gone in change.gone.items() for key in gone}
            self._steps.append(_Step(head.version, frozenset(keys)))
        self._head, self._tables, self._bodies = fresh, tables, {}
        self._signature = base64.b64encode(self._sign(fresh.signed)).decode()
        return fresh

    def _document(self, since: str | None) -> dict[str, Any]:
        head = self._head
        assert head is not None  # noqa: S101 - refreshed before anything is asked
        change = Change(self._tables, {}) if since is None else self._change_since(since)
        return {
            "head": {
                "store_id": head.store_id,
                "number": head.number,
                "made_at": head.made_at,
                "digest": head.digest,
            },
            "signature": self._signature,
            "since": since,
            "put": change.put,
            "gone": change.gone,
        }

    def _change_since(self, since: str) -> Change:
        steps = list(self._steps)
        begins = next((i for i, step in enumerate(steps) if step.before == since), len(steps))
        put: dict[str, dict[str, object]] = {}
        gone: dict[str, list[str]] = {}
        for table, key in sorted(set[tuple[str, str]]().union(*(step.keys for step in steps[begins:]))):
            if key in self._tables[table]:
                put.setdefault(table, {})[key] = self._tables[table][key]
            else:
                gone.setdefault(table, []).append(key)
        return Change(put, gone)


def read_tables(work: Work, store_id: str, price_group: str) -> Tables:
    """Return the whole shop as tables.

    Raises:
        FlowError: `store_not_found`.
    """
    if (row := work.shelf.store(store_id)) is None:
        raise FlowError("store_not_found", f"There is no store {store_id!r} here.", store_id=store_id)
    products, codes = work.shelf.products()
    facts = ShopFacts(
        row.store_id, row.name, row.payee, row.currency, row.country, row.timezone, row.demo_prices, price_group
    )
    prices, promotions = work.shelf.prices(price_group), work.shelf.promotions()
    return tables_of(facts, products, codes, prices, promotions, rules=row.rules)


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
