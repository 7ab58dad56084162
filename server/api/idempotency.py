"""The same request twice is answered once: the answer is stored in the transaction of its change and replayed.

A refusal rolls everything back and is not stored: it changed nothing, and what was missing (money, a person's check)
may be there when the same request comes again.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.types import Scope

from server.api.dependencies import house
from server.api.house import House
from server.flows.errors import FlowError
from server.flows.ports import Caller, StoredAnswer, Work
from server.flows.written import Written


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out: a status, a JSON body, and headers."""

    status: int
    body: Any  # JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Return it as a response."""
        if isinstance(self.body, Written):
            return Response(self.body.text, self.status, dict(self.headers), JSONResponse.media_type)
        return JSONResponse(self.body, self.status, dict(self.headers))


async def once(request: Request, caller: Caller, flow: Callable[[Work], Answer]) -> Response:
    """Run `flow` in a transaction and keep its answer, or replay the answer of the first time.

    Raises:
        FlowError: `idempotency_in_flight` while this process is answering the first, `idempotency_conflict` when the
            key was used for another request.
    """
    with in_flight(request, caller):
        return await once_claimed(request, caller, flow)


async def once_claimed(request: Request, caller: Caller, flow: Callable[[Work], Answer]) -> Response:
    """`once`, for whoever has entered `in_flight` already."""
    at_home = house(request)
    run = partial(_run, at_home, caller.name, request.state.idempotency_key, await fingerprint(request), flow)
    answer = await at_home.database.write_async(run)
    return answer.response()


async def replay_of(request: Request, caller: Caller) -> Response | None:
    """Return the stored answer to this request, if there is one; for work that is better not begun twice.

    Raises:
        FlowError: `idempotency_conflict`.
    """
    at_home = house(request)
    key = request.state.idempotency_key
    stored = await at_home.database.read_async(lambda work: work.answers.find(caller.name, key))
    return None if stored is None else replay(stored, await fingerprint(request)).response()


def in_flight(request: Request, caller: Caller) -> AbstractContextManager[None]:
    """Keep a second request under the same key out while this process answers the first."""
    return in_flight_as(house(request), caller.name, request.state.idempotency_key)


@contextmanager
def in_flight_as(at_home: House, sender: str, key: str) -> Iterator[None]:
    """`in_flight`, for a sender who is known by something else than their name."""
    under_way = at_home.under_way
    entry = (sender, key)
    if entry in under_way:
        raise FlowError("idempotency_in_flight", "The first request under this key is still being answered.")
    under_way.add(entry)
    try:
        yield
    finally:
        under_way.discard(entry)


def _run(at_home: House, caller: str, key: str, asked: str, flow: Callable[[Work], Answer], work: Work) -> Answer:
    if (stored := work.answers.claim(caller, key, asked, at=at_home.now())) is not None:
        return replay(stored, asked)
    answer = flow(work)
    work.answers.keep(caller, key, status=answer.status, body=answer.body, headers=answer.headers)
    return answer


def replay(stored: StoredAnswer, asked: str) -> Answer:
    """Return what was answered to the first request under a key.

    Raises:
        FlowError: `idempotency_conflict` when that was another request.
    """
    if stored.request_hash != asked:
        raise FlowError("idempotency_conflict", "This key came first with another request.")
    return Answer(stored.status, stored.body, {**stored.headers, "Idempotent-Replay": "true"})


_canonical = json.JSONEncoder(sort_keys=True).encode


async def fingerprint(request: Request) -> str:
    """Hash what is asked for; blanks and the order of fields do not make another request.

    The hash is keyed: some requests carry a phone number and a PIN, and a plain hash of those is soon guessed.
    """
    return fingerprint_of(house(request), request.scope, await request.body())


def fingerprint_of(at_home: House, scope: Scope, body: bytes) -> str:
    """`fingerprint`, of a request whose body is there."""
    canonical = _canonical(json.loads(body)) if body else ""
    return at_home.people.phones.keyed("request", f"{scope['method']} {scope['path']}\n{canonical}")
