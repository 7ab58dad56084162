"""What the store tells by itself: a reader of its event stream that resumes where it stopped, for ever."""

import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from kiosk.visit.events import (
    BasketChangedElsewhere,
    Event,
    FaceErased,
    InterventionResolved,
    PaymentCaptured,
)
from kiosk.visit.values import KioskTold

QUIET_SECONDS: Final = 40.0  # the store pings each 15 s; two and a half pings without one mean a dead line
FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 8.0
LINE_AT_MOST: Final = 1 << 20
CATALOGUE_NEWS: Final = frozenset({"catalogue.changed", "promotions.changed", "store.changed"})
_LOG = logging.getLogger(__name__)
Facts = dict[str, Any]  # the body of an event, before it is checked


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the stream, as it came."""

    id: str | None
    name: str
    data: str


def parse(lines: Iterable[str]) -> Iterator[Told]:
    """Turn the lines of an event stream into events. Comments and fields without meaning here are passed over.

    Source: HTML Living Standard, section 9.2.6.
    """
    name, event_id = "message", None
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield Told(event_id, name, "\n".join(data))
            name, data, event_id = "message", [], None
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data" and len(value) <= LINE_AT_MOST:
            data.append(value)
        elif field == "id":
            event_id = value


def event_of(told: Told) -> Event | None:
    """Return what a visit should know of, or None for the other news of a store."""
    read = _READERS.get(told.name)
    if read is None:
        return None
    try:
        return read(json.loads(told.data))
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        _LOG.warning("event %s is not as agreed: %s", told.name, type(problem).__name__)
        return None


def _resolved(facts: Facts) -> Event:
    facts = facts.get("intervention", facts)
    basket_id = _text_or_none(facts.get("basket_id"))
    resolution = str(facts.get("resolution", ""))
    return InterventionResolved(str(facts["intervention_id"]), str(facts["type"]), basket_id, resolution)


def _kiosk_told(facts: Facts) -> Event:
    reason = _text_or_none(facts["pause_reason"])
    return KioskTold(str(facts["kiosk_id"]), bool(facts["paused"]), reason, str(facts["message"]))


def _text_or_none(fact: object) -> str | None:
    return None if fact is None else str(fact)


_READERS: Final[dict[str, Callable[[Facts], Event]]] = {
    "basket.changed": lambda facts: BasketChangedElsewhere(str(facts["basket_id"]), int(facts["version"])),
    "payment.captured": lambda facts: PaymentCaptured(str(facts["basket_id"]), str(facts["payment_id"])),
    "face.erased": lambda facts: FaceErased(
        str(facts["erasure_id"]), tuple(str(one) for one in facts["reference_ids"])
    ),
    "intervention.resolved": _resolved,
    "kiosk.told": _kiosk_told,
}


class ShopEvents:
    """One thread that reads the stream. Its place is kept in a file, so that an erasure is acknowledged even when it
    happened while the kiosk was off.
    """  # noqa: D205 - one sentence

    def __init__(
        self,
        open_stream: Callable[[dict[str, str]], httpx.Client],
        store_id: Callable[[], str | None],
        deliver: Callable[[Event], None],
        place: Path,
        *,
        catalogue_changed: Callable[[], None] = lambda: None,
        face_key_changed: Callable[[], None] = lambda: None,
        first_pause_seconds: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        """Get ready to read.

        Args:
            open_stream: Returns a client with the given headers beside its token.
            store_id: Which store, once it is known.
            deliver: Where events go.
            place: The file that holds the id of the last event.
            catalogue_changed: Called when goods, prices or promotions are others than before.
            face_key_changed: Called when faces are kept under another key than before.
            first_pause_seconds: Before the line is opened again; doubles up to 8 s.
        """
        self._open = open_stream
        self._store_id = store_id
        self._deliver = deliver
        self._place = place
        self._catalogue_changed = catalogue_changed
        self._face_key_changed = face_key_changed
        self._first_pause = first_pause_seconds
        self._ended = threading.Event()
        self._client: httpx.Client | None = None
        self._thread = threading.Thread(target=self._run, name="shop-events", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Read no more; the thread ends with the line it waits for."""
        self._ended.set()
        if self._client is not None:
            self._client.close()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _run(self) -> None:
        pause = self._first_pause
        while not self._ended.is_set():
            store_id = self._store_id()
            if store_id is not None:
                try:
                    heard = self._read(store_id)
                except (httpx.HTTPError, RuntimeError) as problem:
                    _LOG.info("event stream: %s", type(problem).__name__)
                    heard = False
                pause = self._first_pause if heard else min(pause * 2, LONGEST_PAUSE_SECONDS)
            self._ended.wait(pause)

    def _read(self, store_id: str) -> bool:
        heard = False
        last = self._last_id()
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last} if last else {})}
        with self._open(headers) as client:
            self._client = client
            with client.stream("GET", f"/v1/stores/{store_id}/events") as response:
                response.raise_for_status()
                for told in parse(response.iter_lines()):
                    heard = True
                    if self._ended.is_set():
                        break
                    if told.name in CATALOGUE_NEWS:
                        self._catalogue_changed()
                    if told.name == "face_key.changed":
                        self._face_key_changed()
                    event = event_of(told)
                    if event is not None:
                        self._deliver(event)
                    if told.id:
                        self._place.write_text(told.id, encoding="ascii")
        return heard

    def _last_id(self) -> str | None:
        try:
            text = self._place.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return text if text.isascii() and text.isprintable() and len(text) <= 64 else None  # noqa: PLR2004 - any id fits
