"""One hub per process: wakes those who listen and hands each of them the events of its store, in order."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

from server.flows.ports import Database, Event, Work

PING_SECONDS = 15.0
LIFE_SECONDS = 600.0
"""A stream ends after ten minutes and the listener comes back with its last id: no connection is held for ever."""
BACKLOG = 64
"""Fleeting events kept for a slow listener; older ones are dropped, as each carries a whole state."""


class Hub:
    """Fan events out to the listeners of this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[Listener] = set()

    def start(self) -> None:
        """Remember the loop that the listeners run on."""
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        """Tell all listeners that the outbox has grown. Called from any thread, after a commit."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        for listener in self._listeners:
            listener.grown.set()

    def say(self, store_id: str, kind: str, body: Mapping[str, Any]) -> None:
        """Hand a fleeting event (no id, not stored) to the listeners of a store. Called on the loop."""
        for listener in self._listeners:
            if listener.store_id == store_id:
                listener.fleeting.append((kind, dict(body)))
                del listener.fleeting[:-BACKLOG]
                listener.grown.set()

    async def listen(self, store_id: str, after: int | None, device_id: str | None = None) -> AsyncIterator[bytes]:
        """Yield server-sent events for one store, from the event after `after` on (None: from now on).

        The stream of a device ends when that device is shut out.
        """
        listener = Listener(store_id)
        self._listeners.add(listener)
        try:
            last = after if after is not None else await self._database.read_async(lambda work: work.events.newest())
            yield b"retry: 1000\n\n"
            ends = asyncio.get_running_loop().time() + LIFE_SECONDS
            while asyncio.get_running_loop().time() < ends:
                listener.grown.clear()
                for event in await self._database.read_async(partial(_events_after, last)):
                    last = event.event_id
                    if event.kind == "device.revoked" and event.body.get("device_id") == device_id:
                        return
                    if event.store_id == store_id:
                        yield _encode(event.kind, event.body, event.event_id)
                fleeting, listener.fleeting = listener.fleeting, []
                for kind, body in fleeting:
                    yield _encode(kind, body, None)
                try:
                    await asyncio.wait_for(listener.grown.wait(), PING_SECONDS)
                except TimeoutError:
                    yield b": ping\n\n"
        finally:
            self._listeners.discard(listener)


class Listener:
    """One open stream."""

    def __init__(self, store_id: str) -> None:
        self.store_id = store_id
        self.grown = asyncio.Event()
        self.fleeting: list[tuple[str, dict[str, Any]]] = []


def _events_after(last: int, work: Work) -> list[Event]:
    return work.events.after(last)


def _encode(kind: str, body: Mapping[str, Any], event_id: int | None) -> bytes:
    number = "" if event_id is None else f"id: {event_id}\n"
    return f"{number}event: {kind}\ndata: {json.dumps(body, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
