"""A stream that outlives the request that asked for it.

A live stream is idle for minutes, and what answered its request (routing, dependencies, the request itself) would be
kept as long, twice as large as the stream. So the answer only leaves its stream in the scope, and the outermost layer
(`server.api.edge`) sends it when everything above has gone.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

STREAM = "stream"
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
    """Server-sent events, sent by the outermost layer.

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

    async def pump(self, receive: Receive, send: Send) -> None:
        """Send what comes until it ends or nobody is there any more: an answer that is whole is as good as left."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})

        async def tell(data: bytes | None) -> None:
            await send({"type": "http.response.body", "body": data or b"", "more_body": data is not None})

        listening = self._listen(tell)
        try:
            await listening.begin()
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            listening.end()
