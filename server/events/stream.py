"""One hub per process: wakes those who listen and hands each of them the events of its store, in order."""

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

from server.flows.ports import Database, Event, Work

log = logging.getLogger(__name__)

PING_SECONDS = 15.0
LIFE_SECONDS = 600.0
"""A stream ends after ten minutes and the listener comes back with its last id: no connection is held for ever."""
BACKLOG = 64
"""Fleeting events kept for a slow listener; older ones are dropped, as each carries a whole state."""
MOST_WAITING = 1000
"""Events kept for a slow listener; beyond, its stream ends and it comes back with its last id."""
TROUBLE_SECONDS = 1.0
PING = b": ping\n\n"


class Hub:
    """Fan events out to the listeners of this process: the outbox is read once for all of them.

    Args:
        database: Where the outbox is.
        poll_seconds: How often the outbox is looked at although nobody here has written; for a database that other
            processes write as well.
    """

    def __init__(self, database: Database, *, poll_seconds: float = 1.0) -> None:
        self._database = database
        self._poll_seconds = poll_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[Listener] = set()
        self._grown = asyncio.Event()
        self._last = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to listen to the outbox, from now on."""
        self._loop = asyncio.get_running_loop()
        self._last = await self._database.read_async(lambda work: work.events.newest())
        self._tasks = [asyncio.create_task(self._hand_out()), asyncio.create_task(self._ping())]

    async def stop(self) -> None:
        """End, and all streams with it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self) -> None:
        """Tell that the outbox has grown. Called from any thread, after a commit."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._grown.set)

    def say(self, store_id: str, kind: str, body: Mapping[str, Any]) -> None:
        """Hand a fleeting event (no id, not stored) to the listeners of a store. Called on the loop."""
        data = _encode(kind, body, None)
        for listener in self._listeners:
            if listener.store_id == store_id:
                listener.fleeting.append(data)
                listener.grown.set()

    async def listen(self, store_id: str, after: int | None, device_id: str | None = None) -> AsyncIterator[bytes]:
        """Yield server-sent events for one store, from the event after `after` on (None: from now on).

        The stream of a device ends when that device is shut out.
        """
        listener = Listener(store_id, device_id)
        self._listeners.add(listener)
        joined = self._last  # what follows is handed out; what was before is read once, here
        try:
            yield b"retry: 1000\n\n"
            last = joined if after is None else after
            while last < joined and not listener.is_over:
                page = await self._database.read_async(partial(_events_after, last))
                for event in page:
                    if (last := event.event_id) > joined:
                        break
                    if listener.wants(event):
                        yield _encode(event.kind, event.body, event.event_id)
                if not page:
                    break
            ends = asyncio.get_running_loop().time() + LIFE_SECONDS
            while not listener.is_over and asyncio.get_running_loop().time() < ends:
                await listener.grown.wait()
                listener.grown.clear()
                while listener.waiting or listener.fleeting:
                    yield (listener.waiting or listener.fleeting).popleft()
        finally:
            self._listeners.discard(listener)

    async def _hand_out(self) -> None:
        """Read what has come and give it to whom it concerns, for as long as the process lives."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._grown.wait(), self._poll_seconds)
            self._grown.clear()
            try:
                while page := await self._database.read_async(partial(_events_after, self._last)):
                    for event in page:
                        self._last = event.event_id
                        data = _encode(event.kind, event.body, event.event_id)
                        for listener in self._listeners:
                            listener.take(event, data)
            except Exception:
                # The database is away for a moment; what was told meanwhile is read when it is back.
                log.exception("the outbox could not be read")
                await asyncio.sleep(TROUBLE_SECONDS)
                self._grown.set()

    async def _ping(self) -> None:
        """Say something to all now and then, so that a dead connection is noticed: one clock for all of them."""
        while True:
            await asyncio.sleep(PING_SECONDS)
            for listener in self._listeners:
                listener.fleeting.append(PING)
                listener.grown.set()


class Listener:
    """One open stream."""

    __slots__ = ("device_id", "fleeting", "grown", "is_over", "store_id", "waiting")

    def __init__(self, store_id: str, device_id: str | None) -> None:
        self.store_id = store_id
        self.device_id = device_id
        self.grown = asyncio.Event()
        self.waiting: deque[bytes] = deque()
        self.fleeting: deque[bytes] = deque(maxlen=BACKLOG)
        self.is_over = False

    def take(self, event: Event, data: bytes) -> None:
        """Keep an event until the stream has room for it."""
        if self.wants(event):
            self.waiting.append(data)
            self.is_over |= len(self.waiting) > MOST_WAITING
        if self.waiting or self.is_over:
            self.grown.set()

    def wants(self, event: Event) -> bool:
        """Tell whether an event is for this listener; the end of its device ends the stream."""
        if event.kind == "device.revoked" and self.device_id is not None:
            self.is_over |= event.body.get("device_id") == self.device_id
        return not self.is_over and event.store_id == self.store_id


def _events_after(last: int, work: Work) -> list[Event]:
    return work.events.after(last)


def _encode(kind: str, body: Mapping[str, Any], event_id: int | None) -> bytes:
    number = "" if event_id is None else f"id: {event_id}\n"
    return f"{number}event: {kind}\ndata: {json.dumps(body, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
