"""A stream that outlives the request that asked for it.

A live stream is idle for minutes, and what answered its request (routing, dependencies, the request itself) would be
kept as long, twice as large as the stream. So the answer only leaves its stream in the scope, and the outermost layer
(`server.api.edge`) sends it when everything above has gone.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

STREAM = "stream"


class DetachedStream(Response):
    """Server-sent events, sent by the outermost layer."""

    media_type = "text/event-stream"

    def __init__(self, stream: AsyncIterator[bytes], headers: Mapping[str, str]) -> None:
        super().__init__(headers=headers)
        del self.headers["content-length"]  # nobody knows how long it will be
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Leave the stream to the outermost layer."""
        scope["state"][STREAM] = self

    async def pump(self, receive: Receive, send: Send) -> None:
        """Send what comes until it ends or nobody is there any more."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        sending = asyncio.ensure_future(self._send_on(send))
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            await asyncio.wait((sending, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, gone):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending

    async def _send_on(self, send: Send) -> None:
        async for part in self._stream:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
