"""Every request carries a session's token; the session is opened by a signature and renewed in time, by itself."""

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from kiosk.adapters.pairing import Identity

RENEW_AFTER: Final = 2 / 3  # of a session's life: a store that is away for a third of it is not missed
T = TypeVar("T")

SHUT_OUT: Final = frozenset({"kiosk_unknown", "kiosk_revoked", "signature_wrong"})
"""Refusals that no repetition mends; any other is a store that cannot let us in just now."""
_UNKNOWN: Final = 401
_REFUSED: Final = 400


@dataclass(frozen=True, slots=True)
class _Challenge:
    challenge: str


@dataclass(frozen=True, slots=True)
class _Session:
    token: str
    expires_in_seconds: float


class SignIn(httpx.Auth):
    """Shared by all clients of one device. Where the store refuses the device, its refusal is the request's answer."""

    def __init__(self, device: Identity, clock: Callable[[], float] = time.monotonic) -> None:
        self._device = device
        self._clock = clock  # monotonic: a wall clock that is set must not end a session
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with a token; sign in before it when there is none, and once more when it is not known."""
        for is_last in (False, True):
            token = self._token
            if not token or self._clock() >= self._renew_at:
                refusal = yield from self._sign_in(request, token)
                if refusal is not None:
                    return  # httpx takes the last answer for the request's own
            request.headers["Authorization"] = f"Bearer {self._token}"
            sent = self._token
            response = yield request
            if response.status_code != _UNKNOWN or is_last:
                return
            response.read()
            if _code_of(response) != "kiosk_unknown":
                return  # a wrong PIN is a 401, too, and nothing that a signature mends
            with self._lock:
                if self._token == sent:
                    self._token = ""

    def _sign_in(
        self, request: httpx.Request, token: str
    ) -> Generator[httpx.Request, httpx.Response, httpx.Response | None]:
        with self._lock:
            if self._token != token and self._token:
                return None  # another thread was quicker
            url = request.url.join("/v1/device-challenges")
            asked = yield httpx.Request("POST", url, json={"kiosk_id": self._device.kiosk_id})
            challenge = _checked(_Challenge, asked)
            if challenge is None:
                return asked
            body = {
                "kiosk_id": self._device.kiosk_id,
                "challenge": challenge.challenge,
                "signature": self._device.sign(challenge.challenge),
            }
            opened = yield httpx.Request("POST", request.url.join("/v1/device-sessions"), json=body)
            session = _checked(_Session, opened)
            if session is None:
                return opened
            self._token = session.token
            self._renew_at = self._clock() + session.expires_in_seconds * RENEW_AFTER
            return None


def _checked(kind: type[T], response: httpx.Response) -> T | None:
    response.read()
    if response.status_code >= _REFUSED:
        if (code := _code_of(response)) not in SHUT_OUT:
            raise httpx.RemoteProtocolError(f"the store lets nobody in now: {response.status_code} {code}")
        return None
    try:
        return TypeAdapter(kind).validate_json(response.content)
    except ValidationError as problem:
        raise httpx.RemoteProtocolError("the store's answer is not as agreed") from problem


def _code_of(response: httpx.Response) -> str:
    try:
        return str(response.json().get("code"))
    except (ValueError, AttributeError):
        return ""
