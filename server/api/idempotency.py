"""The same request twice is answered once: the answer is stored in the transaction of its change and replayed.

A refusal rolls everything back and is not stored: it changed nothing, and what was missing (money, a person's check)
may be there when the same request comes again.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from server.api.dependencies import house
from server.api.house import House
from server.flows.errors import FlowError
from server.flows.ports import Caller, StoredAnswer, Work


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out: a status, a JSON body, and headers."""

    status: int
    body: Any  # JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Return it as a response."""
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
    run = partial(_run, at_home, caller.name, request.state.idempotency_key, await _fingerprint(request), flow)
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
    return None if stored is None else _replay(stored, await _fingerprint(request)).response()


@contextmanager
def in_flight(request: Request, caller: Caller) -> Iterator[None]:
    """Keep a second request under the same key out while this process answers the first."""
    under_way = house(request).under_way
    entry = (caller.name, request.state.idempotency_key)
    if entry in under_way:
        raise FlowError("idempotency_in_flight", "The first request under this key is still being answered.")
    under_way.add(entry)
    try:
        yield
    finally:
        under_way.discard(entry)


def _run(at_home: House, caller: str, key: str, fingerprint: str, flow: Callable[[Work], Answer], work: Work) -> Answer:
    if (stored := work.answers.claim(caller, key, fingerprint, at=at_home.now())) is not None:
        return _replay(stored, fingerprint)
    answer = flow(work)
    work.answers.keep(caller, key, status=answer.status, body=answer.body, headers=answer.headers)
    return answer


def _replay(stored: StoredAnswer, fingerprint: str) -> Answer:
    if stored.request_hash != fingerprint:
        raise FlowError("idempotency_conflict", "This key came first with another request.")
    return Answer(stored.status, stored.body, {**stored.headers, "Idempotent-Replay": "true"})


async def _fingerprint(request: Request) -> str:
    """Hash what is asked for; blanks and the order of fields do not make another request.

    The hash is keyed: some requests carry a phone number and a PIN, and a plain hash of those is soon guessed.
    """
    body = await request.body()
    canonical = json.dumps(json.loads(body), sort_keys=True) if body else ""
    asked = f"{request.method} {request.url.path}\n{canonical}"
    return house(request).people.phones.keyed("request", asked)
