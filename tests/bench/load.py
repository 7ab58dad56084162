"""A load generator as a process of its own: ``python -m tests.bench.load PATH BODIES CLIENTS SECONDS TOKEN PORT...``.

Each client holds one connection and sends its next request when the answer to the last has come. BODIES is a file with
one JSON text a line; what runs out is not sent twice. It speaks just enough HTTP/1.1 and costs some 40 us a request, so
that the server is what is measured although both share the machine. The outcome goes to the standard output as JSON.
"""

import asyncio
import json
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

import uvloop

END_OF_HEAD = b"\r\n\r\n"


@dataclass(slots=True)
class Outcome:
    """What came back.

    Attributes:
        statuses: How many answers of each status.
        seconds: From the first request to the last answer.
        latencies_ms: Of each request, sorted.
        refused: The beginning of the first answer that was no success.
    """

    statuses: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    refused: str = ""

    def percentile(self, percent: float) -> float:
        """Return the latency that so many percent of the requests do not exceed, in milliseconds."""
        return self.latencies_ms[min(len(self.latencies_ms) - 1, int(len(self.latencies_ms) * percent / 100))]


class Client(asyncio.Protocol):
    """One connection: send, wait for the whole answer, send the next."""

    def __init__(self, waiting: deque[bytes], until: float, outcome: Outcome) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        self._until = until
        self._outcome = outcome
        self._read = bytearray()
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is none by inheritance
        self._next()

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(END_OF_HEAD)
        if end < 0:
            return
        head = bytes(self._read[:end]).lower()
        at = head.find(b"content-length: ") + 16
        length = int(head[at : at + 8].split(b"\r", 1)[0])
        if len(self._read) < end + 4 + length:
            return
        status = head[9:12].decode()
        self._outcome.statuses[status] = self._outcome.statuses.get(status, 0) + 1
        self._outcome.latencies_ms.append((time.perf_counter() - self._sent_at) * 1000)
        if status[0] != "2" and not self._outcome.refused:
            self._outcome.refused = bytes(self._read[end + 4 :]).decode(errors="replace")[:400]
        self._read.clear()
        self._next()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _next(self) -> None:
        assert self._transport is not None
        if not self._waiting or time.perf_counter() > self._until:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(self._waiting.popleft())


async def drive(requests: Sequence[bytes], ports: Sequence[int], *, clients: int, seconds: float) -> Outcome:
    """Send the requests over so many connections, spread over the ports, until they or the time run out."""
    outcome, waiting = Outcome(), deque(requests)
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    made = [
        await loop.create_connection(
            lambda: Client(waiting, began + seconds, outcome), "127.0.0.1", ports[i % len(ports)]
        )
        for i in range(clients)
    ]
    await asyncio.gather(*(client.done for _, client in made))
    outcome.seconds = time.perf_counter() - began
    outcome.latencies_ms.sort()
    return outcome


def a_request(path: str, body: str, *, token: str, key: str) -> bytes:
    """Return one POST as it goes over the wire."""
    data = body.encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: store\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


def main(arguments: Sequence[str]) -> int:
    """Read the bodies, drive, and tell."""
    path, bodies, clients, seconds, token, *ports = arguments
    texts = Path(bodies).read_text(encoding="utf-8").splitlines()
    requests = [a_request(path, text, token=token, key=str(json.loads(text)["payment_id"])) for text in texts]
    outcome = uvloop.run(drive(requests, [int(port) for port in ports], clients=int(clients), seconds=float(seconds)))
    sys.stdout.write(json.dumps(asdict(outcome)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
