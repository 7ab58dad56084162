"""A small Stripe on the loopback: it opens pages, minds keys, and signs notices as Stripe does."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

API_KEY = "sk_test_of_the_tests"
SECRET = "whsec_of_the_tests"


@dataclass
class FakeStripe:
    """What it was asked, by idempotency key; `broken` answers with an error of its own."""

    pages: dict[str, tuple[dict[str, str], dict[str, Any]]] = field(default_factory=dict)
    asked: int = 0
    broken: bool = False

    def app(self) -> FastAPI:
        """Return its API."""
        app = FastAPI()

        @app.post("/v1/checkout/sessions")
        async def sessions(request: Request) -> JSONResponse:
            self.asked += 1
            if self.broken:
                return JSONResponse({"error": {"type": "invalid_request_error", "message": "no"}}, 400)
            if request.headers["authorization"] != f"Bearer {API_KEY}":
                return JSONResponse({"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}, 401)
            form = dict(parse_qsl((await request.body()).decode()))
            key = request.headers["idempotency-key"]
            if key not in self.pages:
                number = len(self.pages) + 1
                page = {
                    "id": f"cs_test_{number}",
                    "object": "checkout.session",
                    "url": f"https://checkout.invalid/{number}",
                    "payment_intent": None,
                    "client_reference_id": form["client_reference_id"],
                }
                self.pages[key] = (form, page)
            before, page = self.pages[key]
            if before != form:
                return JSONResponse({"error": {"type": "idempotency_error", "message": "another body"}}, 400)
            return JSONResponse(page)

        return app


def completed(topup_id: str, minor: int, *, currency: str = "eur", status: str = "paid") -> dict[str, Any]:
    """Return the event of a page on which somebody has paid."""
    told = {
        "id": f"cs_{topup_id}",
        "object": "checkout.session",
        "client_reference_id": topup_id,
        "payment_status": status,
        "payment_intent": f"pi_{topup_id}",
        "amount_total": minor,
        "currency": currency,
        "metadata": {"topup_id": topup_id},
    }
    return _event("checkout.session.completed", told)


def expired(topup_id: str) -> dict[str, Any]:
    """Return the event of a page that nobody used."""
    told = {"id": f"cs_{topup_id}", "client_reference_id": topup_id, "currency": "eur", "payment_status": "unpaid"}
    return _event("checkout.session.expired", told)


def refunded(topup_id: str, sum_minor: int) -> dict[str, Any]:
    """Return the event of a refund; the sum is of all refunds so far."""
    told = {
        "id": f"ch_{topup_id}",
        "object": "charge",
        "payment_intent": f"pi_{topup_id}",
        "amount_refunded": sum_minor,
        "currency": "eur",
        "metadata": {"topup_id": topup_id},
    }
    return _event("charge.refunded", told)


def disputed(topup_id: str, minor: int, *, back: bool = False) -> dict[str, Any]:
    """Return the event of a bank that takes money back, or gives it back again."""
    told = {
        "id": f"dp_{topup_id}",
        "object": "dispute",
        "payment_intent": f"pi_{topup_id}",
        "amount": minor,
        "currency": "eur",
    }
    return _event(f"charge.dispute.funds_{'reinstated' if back else 'withdrawn'}", told)


def _event(kind: str, told: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"evt_{kind}_{told['id']}", "object": "event", "type": kind, "data": {"object": told}}


def signed(event: dict[str, Any], *, secret: str = SECRET, at: float | None = None) -> tuple[bytes, dict[str, str]]:
    """Return an event's bytes and the header that Stripe signs them with."""
    body = json.dumps(event)
    stamp = int(time.time() if at is None else at)
    mac = hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
    return body.encode(), {"Stripe-Signature": f"t={stamp},v1={mac}", "Content-Type": "application/json"}
