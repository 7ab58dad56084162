"""The way to a busy route: found by its whole path in the outermost layer, before the application is asked.

The same route of the description stays where it is and says the same. The layers of the application, looking through
all routes and solving what one depends on cost twice what answering a payment does; here the endpoint asks for what it
needs by itself, and only what it refuses goes the long way, where errors become problems.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

REFUSAL = "refusal"


class Shortcut(BaseRoute):
    """One method of one path without parameters.

    Args:
        method: In capitals.
        path: The whole of it, as it stands in the description.
        answer: Answers a request whose body is whole.
    """

    def __init__(self, method: str, path: str, answer: Callable[[Request, bytes], Awaitable[Response]]) -> None:
        self.path = path
        self.method = method
        self._answer = answer
        self._found: Scope = {"route": self}

    async def answer(self, scope: Scope, body: bytes) -> Response | None:
        """Return the answer; None where the request is refused, which the application then tells (`handle`)."""
        scope["route"] = self
        try:
            return await self._answer(Request(scope), body)
        except Exception as error:  # noqa: BLE001 - it is raised again where errors become problems
            scope["state"][REFUSAL] = error
            return None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether a request is for here: it is one that was refused."""
        return (Match.FULL, self._found) if REFUSAL in scope.get("state", ()) else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Raise what the answer ended with, so that it becomes a problem as anywhere else."""
        raise scope["state"].pop(REFUSAL)
