"""Transactions: one at a time on SQLite, several on PostgreSQL, and always off the event loop."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from server.db.engine import is_gone, open_engine
from server.db.settler import MOST_WAITING, Settler
from server.db.turns import holder_of
from server.db.unit_of_work import UnitOfWork
from server.flows.errors import FlowError
from server.flows.ports import Together

log = logging.getLogger(__name__)

Result = TypeVar("Result")

TRIES = 4
"""A serialisation failure or deadlock is somebody else's turn, not an error: the whole transaction is run again."""
RETRYABLE = {"40001", "40P01", "55P03", "23505"}
"""The last is a key that somebody else took between our reading and our writing: now it is there to be read."""
SCRUB_SECONDS = 10.0
"""How long deleted bytes may wait for whoever still reads them, or carries the log; then they go with the next time."""
SCRUB_PAUSE_SECONDS = 0.02
SNAPSHOT = {"isolation_level": "REPEATABLE READ"}
"""All statements of a read see the same commits. On PostgreSQL nothing that only reads is ever refused for it."""


class Database:
    """The store's memory. `write` runs one flow in one transaction; `read` runs one against a snapshot."""

    def __init__(self, url: str | Engine, *, readers: int = 4, settlers: int = 2, copy_url: str = "") -> None:
        self.engine: Engine = open_engine(url) if isinstance(url, str) else url
        self._copy: Engine | None = open_engine(copy_url) if copy_url else None
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writers = ThreadPoolExecutor(1 if self.is_sqlite else 4, thread_name_prefix="db-write")
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="db-read")
        self._settlers = (
            self._writers if self.is_sqlite else ThreadPoolExecutor(settlers, thread_name_prefix="db-settle")
        )
        self._settler = Settler(
            self.engine,
            self._settlers,
            at_once=1 if self.is_sqlite else settlers,
            alone=partial(self.write, posts_late=True),
            told=self._tell,
        )
        self._waiting = 0
        self.after_commit: list[Callable[[], None]] = []
        """Called (from the writer's thread) after a commit that left events in the outbox."""

    def write(self, flow: Callable[[UnitOfWork], Result], *, posts_late: bool = False) -> Result:
        """Run `flow` in a transaction of its own; all of it is durable when this returns, or none of it happened.

        Args:
            flow: What is done.
            posts_late: Whether the ledger waits until all other rows are taken (`LateLedger`).
        """
        for left in reversed(range(TRIES)):
            try:
                with self.engine.begin() as connection:
                    work = UnitOfWork(connection, posts_late=posts_late)
                    result = flow(work)
                    told = work.flush()
            except DBAPIError as error:
                if left == 0 or getattr(error.orig, "sqlstate", None) not in RETRYABLE:
                    raise
            else:
                if told:
                    self._tell()
                return result
        raise AssertionError("the last try returns or raises")

    def read(self, flow: Callable[[UnitOfWork], Result]) -> Result:
        """Run `flow` against one snapshot."""
        return self._read(self.engine, flow)

    def read_late(self, flow: Callable[[UnitOfWork], Result]) -> Result:
        """Run `flow` against one snapshot of the copy, which may lag; of the database itself while the copy is away."""
        if self._copy is not None:
            try:
                return self._read(self._copy, flow)
            except DBAPIError as error:
                if not is_gone(error):
                    raise
                log.warning("the copy of the database is away: %s", error)
        return self.read(flow)

    def _read(self, engine: Engine, flow: Callable[[UnitOfWork], Result]) -> Result:
        options: dict[str, Any] = {"read_only": True} if self.is_sqlite else SNAPSHOT
        with engine.connect().execution_options(**options) as connection, connection.begin():
            return flow(UnitOfWork(connection))

    async def write_async(self, flow: Callable[[UnitOfWork], Result]) -> Result:
        """`write`, off the event loop, on the writer's thread.

        Raises:
            FlowError: `busy`.
        """
        if self._waiting >= MOST_WAITING:
            raise FlowError("busy", f"{MOST_WAITING} writes wait already.", retry_after_seconds=1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writers, self.write, flow)
        finally:
            self._waiting -= 1

    async def read_async(self, flow: Callable[[UnitOfWork], Result]) -> Result:
        """`read`, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read, flow)

    async def read_late_async(self, flow: Callable[[UnitOfWork], Result]) -> Result:
        """`read_late`, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_late, flow)

    async def settle_async(self, request: Together[Result]) -> Result:
        """Run a request in one transaction with those that wait at the same moment.

        Raises:
            FlowError: `busy`.
        """
        return await self._settler.settle(request)

    def settle(self, requests: Sequence[Together[Any]]) -> list[object]:
        """Run requests in one transaction; return for each what it returned, or the exception that it ended with."""
        return self._settler.settle_now(requests)

    @property
    def tally(self) -> Mapping[str, int]:
        """How many batches there were, and how many requests were settled in them or alone."""
        return self._settler.tally

    def hung_writer(self) -> tuple[int, float] | None:
        """Return the process that has been writing for longer than others wait, and for how many seconds.

        PostgreSQL ends by itself what hangs (`open_engine`).
        """
        held = holder_of(self.engine)
        return None if held is None else (held.pid, held.seconds)

    def _tell(self) -> None:
        for tell in self.after_commit:
            tell()

    def scrub(self) -> None:
        """Let nothing of what was deleted stand in a file: SQLite's log still has the pages as they were before.

        Outside any transaction; where a reader is under way, what it still needs goes with the next time.
        PostgreSQL frees its pages by itself (autovacuum) and writes over its log.
        """
        if self.is_sqlite:
            until = time.monotonic() + SCRUB_SECONDS
            with self.engine.connect() as connection:
                cursor = connection.connection.cursor()
                # Somebody else may be carrying the log just now (`checkpoint`, here or in another process).
                while cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] and time.monotonic() < until:
                    time.sleep(SCRUB_PAUSE_SECONDS)

    async def scrub_async(self) -> None:
        """`scrub`, on the writer's thread, so that no write is under way."""
        await asyncio.get_running_loop().run_in_executor(self._writers, self.scrub)

    def checkpoint(self) -> None:
        """Carry what SQLite's log holds into the file, while others read and write.

        Else a commit does it, in its turn to write: every fourth of a rush took several times as long as the others.
        """
        if self.is_sqlite:
            with self.engine.connect() as connection:
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")

    async def checkpoint_async(self) -> None:
        """`checkpoint`, off the event loop."""
        await asyncio.get_running_loop().run_in_executor(self._readers, self.checkpoint)

    def close(self) -> None:
        """Finish what is under way and let go of the connections."""
        self._settlers.shutdown()
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()
        if self._copy is not None:
            self._copy.dispose()
