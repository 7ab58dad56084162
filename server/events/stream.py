"""One hub per process: wakes those who listen and hands each of them the events of its store, in order."""

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from server.flows.hearing import Hearing
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
HELLO = b"retry: 1000\n\n"
Tell = Callable[[bytes | None], Awaitable[None]]
"""Sends so many bytes to whoever listens; None ends the stream."""


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
        self.listeners: set[Listener] = set()
        self._telling: set[asyncio.Task[None]] = set()
        self._grown = asyncio.Event()
        self._last = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to listen to the outbox, from now on."""
        self._loop = asyncio.get_running_loop()
        self._last = await self._database.read_async(_newest)
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
        for listener in self.listeners:
            if listener.who.hears(store_id, kind):
                listener.say(data)

    def listen(self, who: Hearing, after: int | None, tell: Tell, *, since: int | None = None) -> "Listener":
        """Return a listener, from the event after `after` on (None: from now on), who is yet to begin.

        A stream ends when its device is shut out, or when its session ends; both may have been told already between
        `since`, which was the newest event before they were looked at, and its beginning.
        """
        return Listener(self, who, after, tell, since=since)

    @property
    def newest(self) -> int:
        """The last event that was handed out."""
        return self._last

    async def page(self, after: int) -> list[Event]:
        """Read the events that follow one."""
        return await self._database.read_async(partial(_events_after, after))

    def send(self, listener: "Listener") -> None:
        """Let a listener have what waits for them. A task lives as long as there is something to send."""
        task = asyncio.ensure_future(listener.tell_on())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _hand_out(self) -> None:
        """Read what has come and give it to whom it concerns, for as long as the process lives."""
        while True:
            # Not `wait_for`: up to Python 3.11 it forgets that it was cancelled if the event comes at that moment.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll_seconds):
                    await self._grown.wait()
            self._grown.clear()
            try:
                while page := await self._news():
                    for event in page:
                        self._last = event.event_id
                        data = _encode(event.kind, event.body, event.event_id)
                        for listener in tuple(self.listeners):
                            listener.take(event, data)
            except Exception:
                # The database is away for a moment; what was told meanwhile is read when it is back.
                log.exception("the outbox could not be read")
                await asyncio.sleep(TROUBLE_SECONDS)
                self._grown.set()

    async def _news(self) -> list[Event]:
        """Read what has come. While nobody listens, only where it ends: whoever joins reads what they missed."""
        if not self.listeners:
            newest = await self._database.read_async(_newest)
            if not self.listeners:  # else somebody has joined meanwhile, and waits for what follows `newest` of then
                self._last = newest
                return []
        return await self.page(self._last)

    async def _ping(self) -> None:
        """Say something to all now and then, so that a dead connection is noticed: one clock for all of them."""
        while True:
            await asyncio.sleep(PING_SECONDS)
            now = asyncio.get_running_loop().time()
            for listener in tuple(self.listeners):
                listener.is_over |= now >= listener.ends_at
                listener.say(PING)


class Listener:
    """One open stream. Idle, it is this object and no task: the hub sends, the request waits for its sender to leave.

    Attributes:
        is_over: Nothing more is kept for it; what waits is sent and the stream ends.
        ends_at: When its time is over, as the loop tells time.
    """

    __slots__ = (
        "_after",
        "_fleeting",
        "_hub",
        "_is_telling",
        "_since",
        "_tell",
        "_waiting",
        "ends_at",
        "is_over",
        "who",
    )

    def __init__(self, hub: Hub, who: Hearing, after: int | None, tell: Tell, *, since: int | None = None) -> None:
        self.who = who
        self.is_over = False
        self.ends_at = asyncio.get_running_loop().time() + LIFE_SECONDS
        self._hub = hub
        self._after = after
        self._since = since
        self._tell = tell
        self._is_telling = False
        # Most of the time there is nothing in them, and thousands listen: an empty queue would be the largest part.
        self._waiting: deque[bytes] | None = None
        self._fleeting: deque[bytes] | None = None

    async def begin(self) -> None:
        """Greet, send what was missed, and be sent what comes from now on."""
        self._is_telling = True
        self._hub.listeners.add(self)
        joined = self._hub.newest  # what follows is handed out; what was before is read once, here
        after = joined if self._after is None else self._after
        read = after if self._since is None else min(after, self._since)
        await self._tell(HELLO)
        while read < joined and not self.is_over:
            page = await self._hub.page(read)
            for event in page:
                if (read := event.event_id) > joined:
                    break
                if self._wants(event) and read > after:
                    await self._tell(self._told(event))
            if not page:
                break
        await self.tell_on()

    def end(self) -> None:
        """Forget the listener, who has left."""
        self.is_over = True
        self._hub.listeners.discard(self)

    def take(self, event: Event, data: bytes) -> None:
        """Keep an event until the stream has room for it."""
        if self._wants(event):
            if self._waiting is None:
                self._waiting = deque()
            self._waiting.append(self._told(event) if event.kind in self.who.bare else data)
            self.is_over |= len(self._waiting) > MOST_WAITING
        self._wake()

    def say(self, data: bytes) -> None:
        """Keep what is of use only now, the oldest of much is dropped."""
        if self._fleeting is None:
            self._fleeting = deque(maxlen=BACKLOG)
        self._fleeting.append(data)
        self._wake()

    async def tell_on(self) -> None:
        """Send what waits; one that is over ends."""
        try:
            while kept := self._waiting or self._fleeting:
                await self._tell(kept.popleft())
            self._waiting = self._fleeting = None
            if self.is_over:
                self._hub.listeners.discard(self)
                await self._tell(None)
        finally:
            self._is_telling = False

    def _wake(self) -> None:
        if not self._is_telling and (self._waiting or self._fleeting or self.is_over):
            self._is_telling = True
            self._hub.send(self)

    def _told(self, event: Event) -> bytes:
        return _encode(event.kind, {} if event.kind in self.who.bare else event.body, event.event_id)

    def _wants(self, event: Event) -> bool:
        """Tell whether an event is for this listener; the end of its device or session ends the stream."""
        self.is_over |= self.who.ends_with(event.kind, event.body)
        return not self.is_over and self.who.hears(event.store_id, event.kind)


def _newest(work: Work) -> int:
    return work.events.newest()


def _events_after(last: int, work: Work) -> list[Event]:
    return work.events.after(last)


def _encode(kind: str, body: Mapping[str, Any], event_id: int | None) -> bytes:
    number = "" if event_id is None else f"id: {event_id}\n"
    return f"{number}event: {kind}\ndata: {json.dumps(body, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
