"""What idle listeners cost: ``python -m tests.bench.listeners [COUNT]``; 5 000 unless said otherwise.

Every one is a kiosk's stream of live events over a connection of its own, to a real server process over the
demonstration's goods. Printed is the memory of that process before and with all of them, and that each still hears.
"""

import asyncio
import resource
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from server.db.database import Database
from server.demo.stock import STORE
from tests.bench.checkouts import TOKEN, prepare_shop
from tests.server.processes import Server

AT_ONCE = 50
PATIENCE_SECONDS = 120.0


def main() -> None:
    """Open the streams, wait until all are idle, tell one event, count who heard it, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    with tempfile.TemporaryDirectory(prefix="sesame-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'store.db'}"
        prepare_shop(url)
        server = Server(url, folder)
        database = Database(url)
        try:
            before = resident_mb(server.pid)
            heard, with_all, seconds = asyncio.run(listen(server, database, count))
        finally:
            database.close()
            server.stop()
    added = with_all - before
    print(
        f"{count} idle listeners: {added:.0f} MB more ({added * 1024 / count:.1f} KiB each), {with_all:.0f} MB in all; "
        f"{heard} heard one event, the last after {seconds:.1f} s"
    )


async def listen(server: Server, database: Database, count: int) -> tuple[int, float, float]:
    """Return how many heard an event, the server's memory while all were idle, and when the last had heard."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def open_one() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            path = f"/v1/stores/{STORE.store_id}/events"
            writer.write(f"GET {path} HTTP/1.1\r\nHost: store\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
            await asyncio.wait_for(reader.readuntil(b"retry: "), PATIENCE_SECONDS)
            return reader, writer

    opened = await asyncio.gather(*(open_one() for _ in range(count)))
    # Idle is what is measured, and who is idle is still told now and then that the store is there.
    await asyncio.gather(*(asyncio.wait_for(reader.readuntil(b": ping"), PATIENCE_SECONDS) for reader, _ in opened))
    with_all = resident_mb(server.pid)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.to_thread(
        database.write, lambda work: work.events.tell(STORE.store_id, "bench.told", {}, at=datetime.now(UTC))
    )
    waiting = (asyncio.wait_for(reader.readuntil(b"bench.told"), PATIENCE_SECONDS) for reader, _ in opened)
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    seconds = loop.time() - began
    for _, writer in opened:
        writer.close()
    return sum(isinstance(outcome, bytes) for outcome in outcomes), with_all, seconds


def resident_mb(pid: int) -> float:
    """Return the memory that a process holds, in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
