"""A whole store server that a test asks over HTTP."""

import socket
from dataclasses import dataclass
from threading import Event

import httpx
import uvicorn

from server.api.house import House


class Announced(uvicorn.Server):
    """A server that says when it is ready, so that no test waits longer than it must."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@dataclass(frozen=True, slots=True)
class Served:
    """A running store server, seen from outside and from inside."""

    http: httpx.Client
    house: House
