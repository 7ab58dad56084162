"""The hub reads the outbox for those who listen; while nobody does, it only follows where it ends."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import pytest

from server.db.database import Database
from server.events.stream import HELLO, Hub
from server.flows.hearing import Hearing
from server.flows.ports import Work
from tests.server.builders import NOON

pytestmark = pytest.mark.anyio
PATIENCE_SECONDS = 20.0
STORE = "a-store"


class Held:
    """A database whose answers to reads wait for their gate when they are there."""

    def __init__(self, database: Database) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.read = asyncio.Event()
        self._database = database

    async def read_async(self, flow: Callable[[Work], Any]) -> Any:
        """Read now, answer when the gate is open."""
        found = await self._database.read_async(flow)
        self.read.set()
        await self.gate.wait()
        return found


async def told(database: Database, hub: Hub, kind: str, at: datetime = NOON) -> None:
    """Leave an event and wake the hub, as a commit does."""
    await database.write_async(lambda work: work.events.tell(STORE, kind, {}, at=at))
    hub.wake()


async def test_a_listener_hears_each_event_once_when_it_joins_while_the_end_is_looked_for(database: Database) -> None:
    held = Held(database)
    hub = Hub(cast("Any", held), poll_seconds=PATIENCE_SECONDS)
    await hub.start()
    heard: list[str] = []
    all_heard = asyncio.Event()

    async def tell(data: bytes | None) -> None:
        if data is not None and data != HELLO:
            heard.append(data.decode().split("\n")[1])
            if heard[-1] == "event: last":
                all_heard.set()

    held.gate.clear()
    held.read.clear()
    await told(database, hub, "first")
    await held.read.wait()  # its end is known, and told in a moment
    await hub.listen(Hearing(STORE), None, tell).begin()
    held.gate.set()
    await told(database, hub, "last")
    await asyncio.wait_for(all_heard.wait(), PATIENCE_SECONDS)
    await hub.stop()

    assert heard == ["event: first", "event: last"]


@pytest.mark.parametrize("turns", range(5))
async def test_it_stops_when_an_event_comes_at_that_moment(database: Database, turns: int) -> None:
    hub = Hub(database, poll_seconds=PATIENCE_SECONDS)
    await hub.start()
    await asyncio.sleep(0)  # it waits for news now

    hub._grown.set()
    for _ in range(turns):
        await asyncio.sleep(0)

    async with asyncio.timeout(PATIENCE_SECONDS / 2):
        await hub.stop()
