"""One request to the store, and what becomes of it: an answer, a refusal in the store's words, or silence."""

from typing import Any, Final

import httpx

from kiosk.ports import ShopAnsweredBadlyError, ShopRefusedError, ShopUnreachableError
from kiosk.visit.values import Facts

_RETRY: Final = frozenset({"idempotency_in_flight", "not_ready", "internal"})
_SAID_NO: Final = frozenset({"message_not_sent", "messages_spent"})  # the store is there; its messenger is not
_SERVER_BROKE: Final = 500
_REFUSED: Final = 400
_AWAY: Final = frozenset({502, 503, 504})  # somebody in between answers for a store that is away or not ready


def send(
    client: httpx.Client,
    method: str,
    path: str,
    *,
    body: object = None,
    query: dict[str, str] | None = None,
    key: str | None = None,
) -> httpx.Response:
    """Send one request and return its answer; ``key`` is its Idempotency-Key.

    Raises:
        ShopUnreachableError: No answer, or none of the store itself.
        ShopAnsweredBadlyError: A broken server.
        ShopRefusedError: The server said no.
    """
    headers = {"Idempotency-Key": key} if key is not None else {}
    try:
        response = client.request(method, path, json=body, params=query, headers=headers)
    except httpx.HTTPError as problem:
        raise ShopUnreachableError(type(problem).__name__) from problem
    if response.status_code >= _SERVER_BROKE and (refusal := _refusal(response)).code in _SAID_NO:
        raise refusal
    if response.status_code >= _SERVER_BROKE:
        away = response.status_code in _AWAY
        raise (ShopUnreachableError if away else ShopAnsweredBadlyError)(f"status {response.status_code}")
    if response.status_code >= _REFUSED:
        raise _refusal(response)
    return response


def _refusal(response: httpx.Response) -> ShopRefusedError:
    try:
        problem: Any = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    code = str(problem.get("code", f"status_{response.status_code}"))
    known = {"type", "title", "status", "code", "hint", "errors", "trace_id"}
    facts: Facts = {name: fact for name, fact in problem.items() if name not in known and isinstance(fact, str | int)}
    if "Retry-After" in response.headers and response.headers["Retry-After"].isdigit():
        facts["retry_after_seconds"] = int(response.headers["Retry-After"])
    return ShopRefusedError(code, facts, retry=code in _RETRY)
