"""A stream that outlives the request that asked for it.

A live stream is idle for minutes, and what answered its request (routing, dependencies, the task, uvicorn's parser and
both its objects) would be kept as long, ten times as large as the stream. So the answer leaves its stream in the scope;
the outermost layer (`server.api.edge`) sends its head when everything above has gone, and then the stream takes the
connection over: `StoreProtocol` is uvicorn's HTTP with that one thing more.
"""

import asyncio
import weakref
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Protocol, cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

STREAM = "stream"
STUCK_SECONDS = 60.0
"""Who takes nothing of what waits for so long is gone: four pings were for them. A browser comes back by itself."""
TAKE_OVER = "sesame.take_over"
"""The ASGI extension under which a request is told how to take its connection over."""
Tell = Callable[[bytes | None], Awaitable[None]]


class Listening(Protocol):
    """Somebody who is told what comes until they leave, or until they are told None."""

    async def begin(self) -> None:
        """Send what there is, and from then on what comes."""
        ...

    def end(self) -> None:
        """Send nothing more."""
        ...


class DetachedStream(Response):
    """Server-sent events, sent by the connection itself.

    Args:
        listen: Makes the listener of what it is given to tell by.
        headers: Of the answer.
    """

    media_type = "text/event-stream"

    def __init__(self, listen: Callable[[Tell], Listening], headers: Mapping[str, str]) -> None:
        super().__init__(headers=headers)
        del self.headers["content-length"]  # nobody knows how long it will be
        self._listen = listen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Leave the stream to the outermost layer."""
        scope["state"][STREAM] = self

    async def start(self, scope: Scope, send: Send) -> None:
        """Send the head and what there is; what comes later is sent without this request.

        Raises:
            RuntimeError: The application is served by another protocol than `StoreProtocol`.
        """
        take_over = scope.get("extensions", {}).get(TAKE_OVER)
        if take_over is None:
            message = "live streams take their connection over: serve with python -m server run, or with StoreProtocol"
            raise RuntimeError(message)
        # Nothing else is answered on this connection: a proxy must not keep it for its next request.
        headers = [*self.raw_headers, (b"connection", b"close")]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        connection: Connection | None = take_over()
        if connection is not None:
            await connection.carry(self._listen(connection.tell))


class StoreProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, whose requests may take their connection over."""

    def on_headers_complete(self) -> None:
        """Begin a request, which is told how to take over."""
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:
            # Weak, as the request holds its scope: a ring would leave every request to the collector of cycles.
            self.scope["extensions"] = {TAKE_OVER: partial(_take_over, weakref.ref(self.cycle))}  # type: ignore[dict-item] # ASGI lets a server add extensions of its own


def _take_over(asked: "weakref.ref[RequestResponseCycle]") -> "Connection | None":
    """Return the connection of a request that has sent its head; None when nobody is there any more."""
    cycle = asked()
    if cycle is None or cycle.disconnected:
        return None
    before = cast("StoreProtocol", cycle.transport.get_protocol())  # it has made the request
    connection = Connection(cycle.transport, before.connections)
    cycle.flow.resume_reading()  # else nobody would notice that they leave
    cycle.transport.set_protocol(connection)
    # For uvicorn the connection has ended, with an error so that it does not close it: it lets go of all that it keeps.
    before.connection_lost(ConnectionResetError())
    cycle.disconnected = True  # where more was asked for behind it, the one that ended is another
    return connection


class Connection(asyncio.Protocol):
    """A connection that only sends: chunks of HTTP/1.1, as the head has announced.

    Args:
        transport: Where it sends.
        connections: All that uvicorn ends when the server stops.
        stuck_seconds: How long somebody may take nothing of what waits for them.
    """

    __slots__ = ("_connections", "_listening", "_patience", "_room", "_stuck_seconds", "_transport")

    def __init__(
        self, transport: asyncio.Transport, connections: "set[Any]", *, stuck_seconds: float = STUCK_SECONDS
    ) -> None:
        self._transport = transport
        self._connections = connections
        self._stuck_seconds = stuck_seconds
        self._listening: Listening | None = None
        self._room: asyncio.Event | None = None
        self._patience: asyncio.TimerHandle | None = None
        connections.add(self)

    async def carry(self, listening: Listening) -> None:
        """Let somebody hear until they leave."""
        self._listening = listening
        await listening.begin()

    async def tell(self, data: bytes | None) -> None:
        """Send some bytes as soon as there is room for them; None ends the stream. To who has left, nothing is sent."""
        if self._room is not None:
            await self._room.wait()
        if self._transport.is_closing():
            return
        if data is None:
            self.shutdown()
        else:
            self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    def shutdown(self) -> None:
        """End the stream once what waits was taken; uvicorn asks for it when the server stops."""
        if self._transport.is_closing():
            return
        self._transport.write(b"0\r\n\r\n")
        self._transport.close()
        self._lose_patience()

    def pause_writing(self) -> None:
        """Hold back what is told: the listener is slow."""
        self._room = asyncio.Event()
        self._lose_patience()

    def resume_writing(self) -> None:
        """Send on."""
        if not self._transport.is_closing():
            self._wait_on()
        self._let_in()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - why they left makes no difference
        """Forget who has left."""
        self._connections.discard(self)
        self._wait_on()
        self._let_in()
        if self._listening is not None:
            self._listening.end()
            self._listening = None  # each holds the other

    def _lose_patience(self) -> None:
        """Cut the connection off, unless it goes on or ends by itself: nobody may hold it, and what waits, for ever."""
        if self._patience is None:
            self._patience = asyncio.get_running_loop().call_later(self._stuck_seconds, self._transport.abort)

    def _wait_on(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _let_in(self) -> None:
        if self._room is not None:
            self._room.set()
            self._room = None
