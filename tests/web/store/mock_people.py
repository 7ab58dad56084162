"""What the store tells of money between people, canned: a request to answer, money that waits, money that arrived."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI

JSON = dict[str, Any]


def at(**before: float) -> str:
    """Return the instant that lies the given span before now; negative spans lie ahead."""
    return (datetime.now(UTC) - timedelta(**before)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def between() -> JSON:
    """Return what stands between the shopper and other people."""
    sent = {"way": "sent", "amount_minor": 2000, "memo": "pizza 🍕", "memo_hidden": False, "at": at(hours=2)}
    asked = {"amount_minor": 1250, "memo_hidden": False, "state": "open", "is_open": True, "at": at(days=2)}
    asked |= {"until": at(days=-12), "last4": None, "can_remind_at": None}
    return {
        "transfers": [
            sent | {"transfer_id": "t-1", "who": "", "last4": "7788", "state": "waiting", "until": at(days=-6)},
            sent | {"transfer_id": "t-2", "who": "Luc", "last4": "7102", "state": "claimed", "until": None},
            sent
            | {"transfer_id": "t-3", "way": "got", "who": "Ben M.", "last4": None, "state": "claimed", "until": None}
            | {"memo": "merci pour le taxi de samedi soir et pour les croissants du lendemain 🥐"},
        ],
        "requests": [
            asked | {"request_id": "r-1", "way": "asked_of_me", "who": "Ben M.", "memo": "taxi 🚕"},
            asked
            | {"request_id": "r-2", "way": "asked", "who": "Luc", "last4": "7102", "memo": ""}
            | {"can_remind_at": at(days=1)},
        ],
        "contacts": [{"contact_id": "c-1", "name": "Luc", "last4": "7102"}],
        "sending": {"adult_at": at(days=9), "blocked_at": None},
    }


def people(app: FastAPI) -> None:
    """Serve it, with an order that is not clear and a sum above what a number and a PIN may pay."""

    @app.get("/v1/transfers")
    async def mine() -> JSON:
        return between()

    @app.post("/v1/splits", status_code=201)
    async def split(body: JSON) -> JSON:
        assert set(body) == {"split_id", "ticket_id", "friends", "mine"}
        return {"items": between()["requests"][1:], "own_minor": 0}

    @app.post("/v1/orders:parse")
    async def parse(body: JSON) -> JSON:
        assert set(body) == {"text"}
        asks = [{"kind": "amount_unclear", "choices_minor": [2000, 2_000_000]}]
        read = {"act": "send", "amount_minor": None, "to": "luc", "phone": None, "memo": "pizza", "asks": asks}
        return read | {"contact": between()["contacts"][0]}

    @app.post("/v1/transfers:look")
    async def look(body: JSON) -> JSON:
        assert set(body) == {"contact_id", "amount_minor"}
        left = {"person_left_minor": 25_000, "day_left_minor": 50_000, "month_left_minor": 100_000}
        seen = {"who": "Luc (L*** M.)", "last4": "7102", "they_see": "Lina D.", "waits_days": 7, "refusal": None}
        return left | seen | {"balance_minor": 4282, "needs": ["pin", "phone_code"]}
