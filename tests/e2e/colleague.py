"""A colleague with a phone: what staff do to a kiosk and its baskets, over a wire of their own."""

import json
import urllib.request
from typing import Any
from uuid import uuid4

from tests.e2e.stack import Stack, get_json

LOGIN = "amal"


class Colleague:
    """Somebody who works in the shop, signed in to the store."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._token = ""
        told = self._ask("POST", "/v1/staff/sessions", {"login": LOGIN, "password": stack.logins[LOGIN]})
        self._token = str(told["token"])

    def badge(self) -> str:
        """Return what a kiosk reads within a minute, once."""
        return str(self._ask("POST", "/v1/staff/badges", {})["badge"])

    def close(self, *, closed: bool) -> None:
        """Close the kiosk to shoppers, or open it again."""
        kiosk_id = get_json(f"{self._stack.kiosk.url}/screen")["kiosk"]["kiosk_id"]
        self._ask("POST", f"/v1/kiosks/{kiosk_id}:tell", {"paused": closed})

    def refuse_ages(self) -> None:
        """Say of each basket that waits for it that its shopper is too young."""
        for call in self._ask("GET", "/v1/interventions?state=open", None)["items"]:
            if call["type"] == "age_check":
                where = f"/v1/interventions/{call['intervention_id']}"
                self._ask("POST", f"{where}:claim", {})
                self._ask("POST", f"{where}:resolve", {"resolution": "refused"})

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        headers |= {"Authorization": f"Bearer {self._token}"} if self._token else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._stack.server.url}{path}", data, headers, method=method)  # noqa: S310 - our own loopback
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
            found: dict[str, Any] = json.loads(answer.read() or b"{}")
            return found
