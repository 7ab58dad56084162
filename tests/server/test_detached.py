"""A live stream takes its connection over: nothing of the request stays, and it ends with whoever ends it."""

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from server.api.detached import Connection, DetachedStream, StoreProtocol, Tell
from server.api.edge import Edge
from server.api.metrics import Metrics
from tests.server.people.served import Announced

pytestmark = pytest.mark.anyio
PATIENCE_SECONDS = 60.0
ASKED = b"GET /taken-over HTTP/1.1\r\nHost: store\r\n\r\n"


@dataclass
class Heard:
    """One who listens, as the hub's listeners do; told from outside."""

    tell: Tell
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def begin(self) -> None:
        """Greet."""
        await self.tell(b"hello\n")

    def end(self) -> None:
        """Be gone."""
        self.left.set()


@dataclass
class Streams:
    """A running server whose every address is a live stream, and all who listen to it."""

    port: int
    server: Announced
    metrics: Metrics
    listening: list[Heard] = field(default_factory=list)

    async def open(self, asked: bytes = ASKED) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Ask for a stream and read as far as its greeting."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(asked)
        head = await asyncio.wait_for(reader.readuntil(b"6\r\nhello\n\r\n"), PATIENCE_SECONDS)
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"content-type: text/event-stream" in head
        assert b"x-trace-id: " in head
        assert b"connection: close\r\n" in head  # whoever reads to the end must not ask for more on it
        return reader, writer


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Streams]:
    """Serve live streams on a port of their own, as the store does, until the end of the block or the server."""
    listening = socket.create_server(("127.0.0.1", 0))

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        def listen(tell: Tell) -> Heard:
            streams.listening.append(Heard(tell))
            return streams.listening[-1]

        await DetachedStream(listen, {})(scope, receive, send)

    metrics = Metrics()
    edge = Edge(answer, body_limit_bytes=100, metrics=metrics)
    server = Announced(uvicorn.Config(edge, http=StoreProtocol, lifespan="off", log_level="warning", access_log=False))
    streams = Streams(listening.getsockname()[1], server, metrics)
    serves = asyncio.create_task(server.serve([listening]))
    assert await asyncio.to_thread(server.ready.wait, PATIENCE_SECONDS)
    try:
        yield streams
    finally:
        server.should_exit = True
        await asyncio.wait_for(serves, PATIENCE_SECONDS)  # no bound of its own: it would wait for a stream for ever


async def test_nothing_of_the_request_stays_when_a_stream_has_begun() -> None:
    async with serving() as streams:
        reader, writer = await streams.open()

        gc.collect()
        kept = [each for each in gc.get_objects() if isinstance(each, StoreProtocol | RequestResponseCycle)]
        ours = [each for each in kept if (vars(each)["scope"] or {}).get("path") == "/taken-over"]
        await streams.listening[0].tell(b"news\n")
        told = await asyncio.wait_for(reader.readuntil(b"5\r\nnews\n\r\n"), PATIENCE_SECONDS)

        assert ours == []
        assert not streams.server.server_state.tasks
        assert told
        assert 'status="200"} 1.0' in streams.metrics.text({})
        writer.close()


async def test_a_listener_ends_when_whoever_listens_leaves() -> None:
    async with serving() as streams:
        _, writer = await streams.open()

        writer.close()
        await asyncio.wait_for(streams.listening[0].left.wait(), PATIENCE_SECONDS)
        await streams.listening[0].tell(b"to nobody\n")

        assert not streams.server.server_state.connections


async def test_a_stream_ends_as_a_whole_answer_when_it_is_told_none() -> None:
    async with serving() as streams:
        reader, writer = await streams.open()

        await streams.listening[0].tell(None)
        rest = await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)

        assert rest == b"0\r\n\r\n"
        assert streams.listening[0].left.is_set()
        writer.close()


async def test_a_stream_ends_as_a_whole_answer_when_the_server_stops() -> None:
    async with serving() as streams:
        reader, writer = await streams.open()

        streams.server.should_exit = True
        rest = await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)

        assert rest == b"0\r\n\r\n"
        writer.close()


async def test_a_stream_goes_on_when_more_was_asked_for_behind_it() -> None:
    async with serving() as streams:
        reader, writer = await streams.open(ASKED + ASKED)

        writer.write(ASKED)
        await streams.listening[0].tell(b"news\n")

        assert await asyncio.wait_for(reader.readexactly(10), PATIENCE_SECONDS) == b"5\r\nnews\n\r\n"
        assert len(streams.listening) == 1
        writer.close()


async def test_what_is_told_waits_when_the_listener_is_slow() -> None:
    async with serving() as streams:
        _, writer = await streams.open()
        (connection,) = streams.server.server_state.connections
        assert isinstance(connection, Connection)
        connection.pause_writing()  # as the transport says when its buffer is full

        telling = asyncio.ensure_future(streams.listening[0].tell(b"news\n"))
        await asyncio.sleep(0)
        waits = not telling.done()
        connection.resume_writing()
        await asyncio.wait_for(telling, PATIENCE_SECONDS)

        assert waits
        writer.close()


@pytest.mark.parametrize("is_ended", [False, True])
async def test_a_listener_ends_when_they_take_nothing_for_too_long(is_ended: bool) -> None:  # noqa: FBT001 - a case
    ours, theirs = socket.socketpair()
    connections: set[object] = set()
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
    connection = Connection(transport, connections, stuck_seconds=0.01)
    transport.set_protocol(connection)
    listening = Heard(connection.tell)
    await connection.carry(listening)

    await connection.tell(bytes(16 << 20))  # more than any socket holds
    if is_ended:
        connection.shutdown()  # as when the server stops: it sends what waits first

    with theirs:
        await asyncio.wait_for(listening.left.wait(), PATIENCE_SECONDS)
    assert not connections


async def test_a_stream_says_how_to_serve_it_when_the_server_speaks_another_protocol() -> None:
    async def nobody(_: object) -> None:
        raise AssertionError

    stream = DetachedStream(Heard, {})

    with pytest.raises(RuntimeError, match="StoreProtocol"):
        await stream.start({"type": "http"}, nobody)
