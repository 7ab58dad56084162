"""The way to a busy route: found by its whole path before all others, answered without the solving of dependencies.

The same route of the description stays where it is and says the same. Looking through all routes and solving what one
depends on costs twice what answering a payment does; here the endpoint asks for what it needs by itself.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send


class Shortcut(BaseRoute):
    """One method of one path without parameters; what it raises becomes a problem as anywhere else.

    Args:
        method: In capitals.
        path: The whole of it, as it stands in the description.
        answer: Answers the request.
    """

    def __init__(self, method: str, path: str, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self.path = path
        self._method = method
        self._answer = answer
        self._found: Scope = {"route": self}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether a request is for here; of another method nothing is known here."""
        if scope["type"] == "http" and scope["path"] == self.path and scope["method"] == self._method:
            return Match.FULL, self._found
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)
