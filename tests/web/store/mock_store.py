"""A store server without a store: canned answers in the shapes of the wire contract, and acts that change them.

The pages of `server/web` are driven against it, so that every state of every page can be shown at will. It keeps the
rules that a page must react to (one winner of a call, one holder of a gift, strict field names) and no others.
"""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import segno
from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles

from server.flows.configure import default_config_json
from server.flows.ports.shelf import StoreLimits
from tests.web.store.mock_people import people

DIST = Path(__file__).resolve().parents[3] / "server" / "web" / "dist"
JSON = dict[str, Any]  # bodies on the wire, as the pages see them

LABEL = {"fr": "2 € de remise sur vos courses", "en": "€2 off your shopping", "zh": "购物立减 2 欧元"}
CONDITIONS = {
    "fr": "Dès 10,00 € d’achat, une fois, jusqu’au 6 décembre 2026.",
    "en": "From €10.00, once, until 6 December 2026.",
    "zh": "满 €10.00 可用，限用一次，有效期至 2026-12-06。",
}
WORDS = ["🍎", "🚲", "🌙", "🎈"]


def at(**before: float) -> str:
    """Return the instant that lies the given span before now; negative spans lie ahead."""
    return (datetime.now(UTC) - timedelta(**before)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def a_kiosk(
    number: int, screen: str | None, *, items: int = 0, total_minor: int = 0, minutes: float = 1, **more: Any
) -> JSON:
    devices = {"scan_camera": "on" if screen == "shopping" else "off", "face_camera": "off", **more.pop("devices", {})}
    state = screen and {
        "screen": screen,
        "locale": "fr",
        "basket_id": f"basket-{number}" if items else None,
        "items": items,
        "total_minor": total_minor,
        "emoji": WORDS if items else [],
        "devices": devices,
        "since": at(minutes=minutes),
    }
    seen = at(seconds=3)
    return {
        "kiosk_id": f"kiosk-{number}",
        "paused": False,
        "pause_reason": None,
        "message": "",
        "name": f"Borne {number}",
        "state": state or None,
        "last_seen_at": seen,
        "online": True,
        **more,
    }


def a_call(type_: str, kiosk: int, *, minutes: float = 1, claimed_by: str | None = None, **detail: Any) -> JSON:
    return {
        "intervention_id": f"{type_}-{kiosk}",
        "type": type_,
        "kiosk_id": f"kiosk-{kiosk}",
        "basket_id": f"basket-{kiosk}",
        "line_id": None,
        "state": "claimed" if claimed_by else "open",
        "opened_at": at(minutes=minutes),
        "claimed_by": claimed_by,
        "resolved_at": None,
        "resolution": None,
        "detail": detail,
    }


FREE = ("per_day", "width", "per_store", "per_household")
SAYS = {
    "fr": "Dès 10,00 € d'achat, une fois. Le lundi, samedi.",
    "en": "From €10.00, once. On Monday, Saturday.",
    "zh": "满 €10.00 可用。仅限周一、周六。",
}
TERMS = (
    "holdout_percent",
    "skus",
    "categories",
    "stacking",
    "on_refund",
    "conditions",
    "joint",
    "priority",
    "max_per_basket",
)


def a_campaign(
    number: int, *, state: str = "live", spent_minor: int = 6200, reserved_minor: int = 400, **more: Any
) -> JSON:
    return {
        "campaign_id": f"campaign-{number}",
        "name": f"Rentrée {number}",
        "label": LABEL,
        "effect": {"kind": "amount", "value": 200},
        "min_basket_minor": 1000,
        "budget_minor": 20000,
        "limits": {"coupons": 100, "per_person": 1, "generations": 2} | dict.fromkeys(FREE),
        "holdout_percent": 5,
        "skus": [],
        "categories": [],
        "stacking": "with_all",
        "on_refund": "restore",
        "conditions": None,
        "joint": None,
        "priority": 0,
        "max_per_basket": None,
        "says": SAYS,
        "starts_at": at(days=3),
        "ends_at": at(days=-11),
        "share_mode": "copy",
        "issue_on_ticket": True,
        "ticket_from_minor": 500,
        "state": state,
        "funnel": {"issued": 84, "shared": 61, "opened": 140, "claimed": 47, "redeemed": 31, "expired": 5},
        "reserved_minor": reserved_minor,
        "spent_minor": spent_minor,
        **more,
    }


def a_line(number: int, name: str, *, quantity: int = 1, unit_minor: int, off_minor: int = 0, **more: Any) -> JSON:
    changes = [
        {"rule_id": "p-1", "label": {"fr": "3 pour 2", "en": "3 for 2", "zh": "买三付二"}, "amount_minor": -off_minor}
    ]
    return {
        "line_id": f"line-{number}",
        "sku": f"sku-{number}",
        "code": "3017620422003",
        "name": name,
        "brand": "Nutella",
        "pack": "400 g",
        "quantity": quantity,
        "weight_g": None,
        "unit_price_minor": unit_minor,
        "unit_text": {"fr": "9,98 €/kg", "en": "€9.98/kg", "zh": "€9.98/公斤"},
        "gross_minor": quantity * unit_minor,
        "due_minor": quantity * unit_minor - off_minor,
        "vat_rate_bp": 550,
        "demo_price": True,
        "min_age": None,
        "adjustments": changes if off_minor else [],
        **more,
    }


def a_ticket() -> JSON:
    lines = [
        a_line(1, "Pâte à tartiner aux noisettes et au cacao", quantity=3, unit_minor=399, off_minor=399),
        a_line(2, "Pommes Gala", unit_minor=249, brand="", pack="vrac", weight_g=640, gross_minor=159, due_minor=159),
        a_line(3, "Eau minérale naturelle", quantity=2, unit_minor=89, brand="Évian", pack="1,5 l"),
    ]
    total = sum(line["due_minor"] for line in lines)
    return {
        "ticket_id": "ticket-1",
        "number": 17,
        "store": "Magasin 12",
        "payee": "Sésame Démo · Magasin 12",
        "issued_at": at(minutes=4),
        "lines": lines,
        "vat": [{"rate_bp": 550, "net_minor": total - 59, "tax_minor": 59, "gross_minor": total}],
        "total_minor": total,
        "tenders": [{"account": "main", "amount_minor": total}],
        "chain": {"position": 42, "hash": "9f2c" * 16},
        "offline": {
            "number": "kiosk-1-7",
            "taken_at": at(minutes=4),
            "draw": {
                "roll": 7312,
                "chance_bp": 250,
                "words": f"sesame-offline-check\n{'5f' * 16} 20780 1",
                "proof": "Qk" * 43,
                "key": "k" * 43,
            },
        },
        "demo_prices": True,
        "coupon_share_url": "/c/open-gift",
    }


WORTH: dict[str, JSON] = {
    "funnel": {
        "steps": [
            {"name": "given", "count": 120, "people": 118},
            {"name": "sent", "count": 60, "people": 55},
            {"name": "seen", "count": 190, "people": None},
            {"name": "claimed", "count": 80, "people": 80},
            {"name": "redeemed", "count": 41, "people": 41},
            {"name": "expired", "count": 0, "people": 0},
            {"name": "revoked", "count": 0, "people": 0},
            {"name": "held_out", "count": 6, "people": 6},
        ],
        "k_factor": 0.67,
        "cycle_seconds": 9000,
        "new_customers": 12,
        "spent_minor": 8200,
        "cost_per_new_customer_minor": 683,
    },
    "tree": {
        "generations": [
            {"generation": 0, "received": 40, "redeemed": 20, "k_factor": 1.5},
            {"generation": 1, "received": 60, "redeemed": 18, "k_factor": 0.33},
            {"generation": 2, "received": 20, "redeemed": 3, "k_factor": 0.0},
        ],
        "branches": [{"node": "3ea0e68a9ad1", "parent_node": None, "generation": 0, "children": 9}],
    },
    "lift": {
        "smallest_group": 20,
        "received": {"people": 118},
        "held_out": {"people": 24},
        "came_back": {"difference": 0.12, "low": 0.03, "high": 0.21, "is_more_than_chance": True},
        "spent_minor": {"difference": 240.0, "low": -60.0, "high": 540.0, "is_more_than_chance": False},
    },
}


def an_account() -> JSON:
    return {
        "customer_id": "customer-1",
        "name": "Lina Durand",
        "masked": "L*** D.",
        "phone_last4": "5678",
        "balance_minor": 4282,
        "currency": "EUR",
        "face": {"enrolled": True, "since": at(days=20)},
        "consents": [
            {"purpose": "face_payment", "version": "2026-11-1", "given_at": at(days=20), "withdrawn_at": None}
        ],
        "coupons": [
            {
                "code": "ABCD-EFGH",
                "label": LABEL,
                "state": "issued",
                "expires_at": at(days=-9),
                "share_mode": "gift",
                "share_url": None,
                "campaign": "Rentrée 1",
            },
            {
                "code": "JKLM-NPQR",
                "label": LABEL,
                "state": "redeemed",
                "expires_at": at(days=-9),
                "share_mode": "copy",
                "share_url": None,
                "campaign": "Rentrée 2",
            },
        ],
        "cashback": {
            "balance_minor": 156,
            "entries": [
                {
                    "at": at(minutes=4),
                    "kind": "cashback",
                    "amount_minor": 62,
                    "parts": [{"name": LABEL, "amount_minor": 55}, {"name": LABEL, "amount_minor": 7}],
                    "ticket_url": "/t/ticket-1",
                }
            ],
        },
        "cashback_left_this_year_minor": 299_844,
        "sandbox_cards": True,
        "vouchers": [
            {
                "purse_id": "purse-1",
                "name": LABEL,
                "message": "Bonnes fêtes !",
                "balance_minor": 2000,
                "stores": [],
                "skus": [],
                "categories": ["pasta"],
                "expires_at": at(days=-9),
            }
        ],
        "entries": [
            {
                "at": at(minutes=4),
                "kind": "payment",
                "label": "Magasin 12",
                "amount_minor": -1135,
                "balance_minor": 4282,
                "ticket_url": "/t/ticket-1",
                "memo": "",
            },
            {
                "at": at(hours=5),
                "kind": "peer_got",
                "label": "Ben M.",
                "amount_minor": 1250,
                "balance_minor": 5417,
                "ticket_url": None,
                "memo": "pizza 🍕",
            },
            {
                "at": at(days=1),
                "kind": "topup",
                "label": "",
                "amount_minor": 5000,
                "balance_minor": 4167,
                "memo": "",
                "ticket_url": None,
            },
        ],
    }


def an_offer(state: str = "open", mode: str = "gift") -> JSON:
    ends = at(days=2) if state == "expired" else at(days=-9)
    return {
        "label": LABEL,
        "conditions": CONDITIONS,
        "store": "Magasin 12",
        "ends_at": ends,
        "mode": mode,
        "state": state,
        "demo_prices": True,
    }


def offers() -> dict[str, JSON]:
    states = ["claimed", "expired", "ended", "used_up"]
    return {"open-gift": an_offer(), "open-copy": an_offer(mode="copy"), **{state: an_offer(state) for state in states}}


ERRORS = [
    {
        "code": "coupon_expired",
        "status": 409,
        "title": "The coupon's time is over",
        "hint": "Remove it and quote again.",
    },
    {
        "code": "basket_changed",
        "status": 412,
        "title": "The basket changed meanwhile",
        "hint": "Read it again and show the new total.",
    },
    {
        "code": "pin_locked",
        "status": 423,
        "title": "Too many wrong PINs",
        "hint": "Wait until `until`, or pay at the desk.",
    },
    {
        "code": "too_many_requests",
        "status": 429,
        "title": "Too many tries",
        "hint": "Wait as long as `Retry-After` says.",
    },
]


@dataclass
class MockStore:
    """What the pages can see and change. Tests read and write it directly; `reset` puts the first day back."""

    kiosks: list[JSON] = field(default_factory=list)
    calls: dict[str, JSON] = field(default_factory=dict)
    campaigns: list[JSON] = field(default_factory=list)
    account: JSON = field(default_factory=dict)
    offers: dict[str, JSON] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    acts: dict[str, str] = field(default_factory=dict)
    resolutions: list[JSON] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    cut: tuple[str, str, bool] | None = None
    batches: list[JSON] = field(default_factory=list)
    people: int = 1
    roles: list[str] = field(default_factory=list)
    face_keys_allowed: list[tuple[str, str]] = field(default_factory=list)
    asked_by: str = "amal"
    decided: list[tuple[str, str]] = field(default_factory=list)
    config: JSON = field(default_factory=dict)
    wanted: list[JSON] = field(default_factory=list)
    """Settings that were asked for."""
    returned: list[JSON] = field(default_factory=list)
    """What shoppers gave back to themselves."""
    sold: list[JSON] = field(default_factory=list)
    sheets: list[tuple[str, str, str]] = field(default_factory=list)
    """First day, last day and language of what a merchant saved."""
    given_back: list[JSON] = field(default_factory=list)
    proven: str = ""
    """The code by which a number was proven; empty: none is asked for."""
    listeners: set[asyncio.Queue[str]] = field(default_factory=set)
    loop: asyncio.AbstractEventLoop | None = None

    def reset(self) -> None:
        """Put the first day back."""
        self.asked_by, self.decided = "amal", []
        self.kiosks = [
            a_kiosk(1, "shopping", items=6, total_minor=2310, minutes=3),
            a_kiosk(2, "welcome", minutes=11),
            a_kiosk(3, "desk", items=9, total_minor=4127, minutes=2),
            a_kiosk(4, "looking", items=2, total_minor=698, minutes=0.2, devices={"face_camera": "on"}),
            a_kiosk(5, "welcome", minutes=30, devices={"scan_camera": "lost"}),
            a_kiosk(6, "shopping", online=False, last_seen_at=at(minutes=7)),
        ]
        calls = [
            a_call(
                "age_check",
                1,
                minutes=0.7,
                product={"name": "Côtes du Rhône rouge", "brand": "Guigal", "pack": "75 cl"},
                min_age=18,
            ),
            a_call("payment_at_desk", 3, minutes=2, total_minor=4127, emoji=WORDS),
            a_call("unknown_item", 4, minutes=5, claimed_by="Amina", code="2099999000019"),
        ]
        self.calls = {call["intervention_id"]: call for call in calls}
        self.campaigns = [
            a_campaign(1),
            a_campaign(2, state="paused", spent_minor=19400, reserved_minor=200),
            a_campaign(
                3,
                state="draft",
                spent_minor=0,
                reserved_minor=0,
                share_mode="gift",
                funnel=dict.fromkeys(["issued", "shared", "opened", "claimed", "redeemed", "expired"], 0),
            ),
        ]
        self.account = an_account()
        self.offers = offers()
        self.holders = {}
        self.acts = {}
        self.resolutions = []
        self.opened = []
        self.roles = ["staff_assist", "staff_manager", "marketer", "sponsor_admin", "merchant_owner"]
        self.sold = some_sales()
        self.sheets = []
        self.given_back = []
        self.people = 1
        self.is_paid_out = False
        self.closed: list[JSON] = []
        self.batches = [a_batch(1, "sent"), a_batch(2, "funded")]
        self.proven = ""
        self.config = a_config()
        self.wanted = []
        self.returned = []

    def tell(self, event: str, fact: JSON) -> None:
        """Send an event to every page that listens; from any thread."""
        text = f"event: {event}\ndata: {json.dumps(fact)}\n\n"
        if self.loop is not None:
            for queue in list(self.listeners):
                self.loop.call_soon_threadsafe(queue.put_nowait, text)

    def sell(self, sale: JSON) -> None:
        """Somebody pays."""
        self.sold.insert(0, sale)
        self.tell("payment.captured", {"payment_id": sale["payment_id"], "amount_minor": sale["amount_minor"]})

    def open_call(self, call: JSON) -> None:
        """A kiosk calls for help."""
        self.calls[call["intervention_id"]] = call
        self.tell("intervention.opened", call)


def a_config() -> JSON:
    """Return what holds in a store, as the server tells it."""
    rules = {
        "layouts": ["21IIIIIWWWWWC"],
        "add_ons": ["977+II"],
        "max_off_bp": 10_000,
        "tender_order": ["voucher", "cashback", "main"],
        "offline": {"person_day_minor": 3000, "kiosk_day_minor": 30_000},
    }
    return {"rules": rules, "limits": StoreLimits().as_json(), "defaults": default_config_json()}


def problem(status: int, code: str, **facts: Any) -> HTTPException:
    body = {
        "type": f"/errors#{code}",
        "title": code,
        "status": status,
        "code": code,
        "detail": code,
        "hint": "",
        "errors": [],
        "trace_id": "t",
        **facts,
    }
    return HTTPException(status, detail=body)


def exactly(body: JSON, *names: str) -> JSON:
    """Refuse a body with other fields than the contract names: the real server is as strict."""
    if set(body) != set(names):
        raise problem(422, "malformed_request", unexpected=sorted(set(body) ^ set(names)))
    return body


def create_app(store: MockStore) -> FastAPI:
    app = FastAPI()
    _pages(app)
    _crew(app, store)
    _refunds(app, store)
    _settings(app, store)
    _staff(app, store)
    _books(app)
    _privacy(app)
    _told(app, store)
    _sponsors(app, store)
    _drafts(app, store)
    _campaigns(app, store)
    _shares(app, store)
    _merchant(app, store)
    _counters(app)
    _shopper(app, store)
    _passes(app)
    _household(app, store)
    _leaving(app, store)
    people(app)
    _numbers(app, store)
    _holdings(app, store)

    @app.exception_handler(HTTPException)
    async def answer(_request: Request, error: HTTPException) -> JSONResponse:
        body: Any = error.detail  # our problems are documents, the framework's are texts
        return JSONResponse(body, error.status_code, media_type="application/problem+json")

    @app.get("/v1/errors")
    async def errors() -> JSON:
        return {"items": ERRORS}

    @app.get("/v1/tickets/{ticket_id}")
    async def ticket(ticket_id: str) -> JSON:
        if ticket_id != "ticket-1":
            raise problem(404, "not_found")
        return a_ticket()

    @app.get("/v1/handovers/{token}")
    async def handover(token: str) -> JSON:
        if token != "waiting":
            raise problem(410, "handover_over")
        ticket = a_ticket()
        kept = {key: ticket[key] for key in ("payee", "lines", "total_minor")}
        why = {"fr": "Dès 20 € d’achat.", "en": "From €20.", "zh": "满 20 欧元可用。"}
        coupons = [
            {"label": LABEL, "state": "applied", "why": None, "saved_minor": 200},
            {"label": LABEL, "state": "not_applicable", "why": why, "saved_minor": 0},
        ]
        return kept | {
            "currency": "EUR",
            "coupons": coupons,
            "saved_minor": 599,
            "texts": ["SESAME:1/2:a", "SESAME:2/2:b"],
        }

    return app


def _pages(app: FastAPI) -> None:
    pages = {
        "/": "index",
        "/staff": "staff",
        "/marketing": "marketing",
        "/sponsor": "sponsor",
        "/merchant": "merchant",
        "/me": "me",
        "/c/{token}": "claim",
        "/t/{ticket_id}": "ticket",
        "/b/{token}": "basket",
        "/errors": "errors",
    }

    def page(name: str) -> Any:
        async def show() -> HTMLResponse:
            written = (DIST / f"{name}.html").read_text(encoding="utf-8")
            return HTMLResponse(written.replace("<html ", '<html data-zone="Europe/Paris" ', 1))

        return show

    for path, name in pages.items():
        app.get(path)(page(name))
    app.mount("/assets", StaticFiles(directory=DIST / "assets"))

    @app.get("/qr.svg")
    async def qr(text: str) -> Response:
        drawn = io.BytesIO()
        segno.make(text, micro=False).save(drawn, kind="svg", border=2, xmldecl=False)
        return Response(drawn.getvalue(), media_type="image/svg+xml")


def _crew(app: FastAPI, store: MockStore) -> None:
    @app.get("/v1/staff/me")
    async def me() -> JSON:
        session = {"session_id": "s1", "opened_at": at(hours=0), "factor": "totp", "agent": "Firefox", "is_this": True}
        other = session | {"session_id": "s2", "agent": "Chromium", "is_this": False}
        key = {"credential_id": "k1", "name": "Phone", "added_at": at(hours=0), "used_at": None}
        return {"totp": True, "recovery_left": 9, "passkeys": [key], "sessions": [session, other]}

    @app.post("/v1/staff/badges", status_code=201)
    async def badge() -> JSON:
        text = "SESAME:A:7KQ29DXM7KQ29DXM7KQ2"
        return {"badge": text, "qr": segno.make(text).svg_data_uri(border=4), "expires_at": at(minutes=-1)}

    numbers: list[str] = []

    @app.get("/v1/staff/kiosk-pin")
    async def number() -> JSON:
        return {"number": numbers[-1] if numbers else None}

    @app.put("/v1/staff/kiosk-pin")
    async def pin(body: JSON) -> JSON:
        exactly(body, "pin")
        if body["pin"] == "123456":
            raise problem(422, "pin_weak")
        numbers.append("0427")
        return {"number": "0427"}

    @app.post("/v1/pairing-codes", status_code=201)
    async def pairing_code(body: JSON) -> JSON:
        exactly(body, "kind", "name")
        picture = segno.make("SESAME:P:7KQ2-9DXM").svg_data_uri(border=4)
        return {"code": "7KQ2-9DXM", "qr": picture, "kiosk_id": "kiosk-7", "expires_at": at(minutes=-15)}

    @app.get("/v1/requests")
    async def requests() -> JSON:
        asked = {
            "request_id": "r1",
            "kind": "refund",
            "state": "waiting",
            "asked_by": store.asked_by,
            "asked_at": at(hours=0),
        }
        one = asked | {"amount_minor": 7980, "reason": "broken", "changes": []}
        return {"items": [] if store.decided else [one]}

    @app.post("/v1/requests/{request_id}:{verb}")
    async def decide(request_id: str, verb: str) -> JSON:
        store.decided.append((request_id, verb))
        refund = {"paid_out_minor": 7980 if verb == "approve" else 0, "currency": "EUR"}
        return {"request_id": request_id, "state": "done", "refund": refund}


def _refunds(app: FastAPI, store: MockStore) -> None:
    @app.get("/v1/tickets")
    async def ticket_by_number(number: int) -> JSON:
        if number != 103:
            raise problem(404, "ticket_not_found")
        line = {"line_id": "l1", "name": "Nutella", "quantity": 2, "amount_minor": 798, "left": 2}
        ticket = {"ticket_id": "ticket-103", "ticket_number": 103, "currency": "EUR", "issued_at": at(hours=2)}
        return ticket | {"lines": [line]}

    @app.post("/v1/refunds", status_code=201)
    async def refund(body: JSON, idempotency_key: Annotated[str, Header()]) -> JSONResponse:
        exactly(body, "refund_id", "ticket_id", "lines", "reason")
        assert idempotency_key == body["refund_id"]
        store.returned.append(body)
        amount_minor = 399 * body["lines"][0]["quantity"]
        if amount_minor > 399:
            return JSONResponse({"request_id": body["refund_id"], "amount_minor": amount_minor}, 202)
        tenders = [{"account": "main", "amount_minor": amount_minor}]
        return JSONResponse({"amount_minor": amount_minor, "tenders": tenders, "paid_out_minor": 0}, 201)


def _settings(app: FastAPI, store: MockStore) -> None:
    @app.get("/v1/config")
    async def config() -> JSON:
        return store.config

    @app.put("/v1/config", status_code=202)
    async def change_config(body: JSON) -> JSON:
        exactly(body, "request_id", "reason", "rules", "limits")
        if body["limits"]["single_minor"] > 5000:
            fault = {
                "field": "limits.single_minor",
                "message": "6000 is too much",
                "fix": "Choose at most 5000.",
                "most": 5000,
            }
            raise problem(422, "config_malformed", errors=[fault])
        store.wanted.append(body)
        return {"request_id": body["request_id"], "state": "waiting"}

    @app.post("/v1/customers/me/refunds", status_code=201)
    async def give_back(body: JSON) -> JSON:
        exactly(body, "refund_id", "ticket_id", "lines", "reason")
        store.returned.append(body)
        return {"refund_id": body["refund_id"], "amount_minor": 120}


def _books(app: FastAPI) -> None:
    closed: list[JSON] = []

    @app.get("/v1/closings")
    async def closings() -> JSON:
        return {"items": closed, "next_cursor": None}

    @app.post("/v1/closings", status_code=201)
    async def close(body: JSON) -> JSON:
        exactly(body, "closing_id")
        if closed:
            raise problem(409, "nothing_to_close")
        numbers = {"number": 1, "first_ticket": 1, "last_ticket": 3, "tickets": 3, "refunds": 1}
        sums = {"sold_minor": 1860, "refunded_minor": 120, "total_minor": 1740, "running_total_minor": 1740}
        tenders = [{"tender": "cash", "amount_minor": 500}, {"tender": "main", "amount_minor": 1240}]
        proof = {"closed_at": at(hours=0), "closed_by": "bilal", "hash": "ab" * 32}
        closed.append(body | {"currency": "EUR"} | numbers | sums | {"tenders": tenders} | proof)
        return closed[0]


def _privacy(app: FastAPI) -> None:
    consent = {"purpose": "face_payment", "version": "2026-10"}

    @app.get("/v1/privacy/consents")
    async def consents() -> JSON:
        return {"items": [consent | {"given": 12, "withdrawn": 2, "in_force": 10}]}

    @app.get("/v1/privacy/erasures")
    async def erasures() -> JSON:
        kiosks = [
            {"kiosk_id": "kiosk-1", "name": "Borne 1", "acknowledged_at": at(hours=1), "shut_out_at": None},
            {"kiosk_id": "kiosk-2", "name": "Borne 2", "acknowledged_at": None, "shut_out_at": None},
            {"kiosk_id": "kiosk-3", "name": "Borne 3", "acknowledged_at": None, "shut_out_at": at(hours=0)},
        ]
        erasure = {"erasure_id": "e-1", "customer_id": "c-9", "erased_at": at(hours=1), "references": 1}
        return {"items": [erasure | {"kiosks": kiosks}], "more": True}

    @app.get("/v1/privacy/customers/{customer_id}")
    async def file(customer_id: str) -> JSON:
        if customer_id != "c-1":
            raise problem(404, "shopper_unknown")
        given = {"receipt_id": "r-1", "given_at": at(hours=3), "withdrawn_at": None}
        diary = [{"at": at(hours=2), "act": "inspected", "where": "staff:odile"}]
        return {"customer_id": customer_id, "consents": [consent | given], "diary": diary}


def _told(app: FastAPI, store: MockStore) -> None:
    @app.post("/v1/kiosks/{kiosk_id}:tell")
    async def tell(kiosk_id: str, body: JSON) -> JSON:
        kiosk = next(one for one in store.kiosks if one["kiosk_id"] == kiosk_id)
        if "paused" in body:
            kiosk |= {"paused": body["paused"], "pause_reason": body.get("reason")}
        kiosk |= {"message": body.get("message", kiosk["message"])}
        return {name: kiosk[name] for name in ("kiosk_id", "paused", "pause_reason", "message")}

    @app.post("/v1/kiosks/{kiosk_id}:allow-face-key", status_code=201)
    async def allow_face_key(kiosk_id: str, body: JSON) -> JSON:
        exactly(body, "reason")
        store.face_keys_allowed.append((kiosk_id, body["reason"]))
        return {"kiosk_id": kiosk_id, "allowed_until": at(hours=1)}


def _staff(app: FastAPI, store: MockStore) -> None:
    @app.post("/v1/staff/sessions", status_code=201)
    async def log_in(body: JSON) -> JSON:
        exactly(body, "login", "password")
        if body["password"] != "open":
            raise problem(401, "login_wrong")
        return {"token": "staff-token", "name": "Bilal", "roles": store.roles, "expires_at": at(hours=-8)}

    @app.get("/v1/stores/demo/events")
    async def events(authorization: Annotated[str, Header()]) -> StreamingResponse:
        if authorization != "Bearer staff-token":
            raise problem(401, "unauthorized")
        return StreamingResponse(_stream(store), media_type="text/event-stream")

    @app.get("/v1/kiosks")
    async def kiosks() -> JSON:
        return {"items": store.kiosks}

    @app.get("/v1/interventions")
    async def interventions(state: str) -> JSON:
        return {"items": [call for call in store.calls.values() if call["state"] == state]}

    @app.post("/v1/interventions/{intervention_id}:claim")
    async def claim(intervention_id: str) -> JSON:
        call = store.calls[intervention_id]
        if call["state"] != "open":
            raise problem(409, "intervention_taken", by=call["claimed_by"], at=call.get("claimed_at") or at(seconds=3))
        call |= {"state": "claimed", "claimed_by": "Bilal"}
        store.tell("intervention.claimed", call)
        return call

    @app.post("/v1/interventions/{intervention_id}:resolve")
    async def resolve(intervention_id: str, body: JSON) -> JSON:
        exactly(body, "resolution", "reason", "tender", "amount_minor")
        call = store.calls[intervention_id]
        call |= {"state": "resolved", "resolution": body["resolution"], "resolved_at": at()}
        store.resolutions.append({"intervention_id": intervention_id, **body})
        store.tell("intervention.resolved", call)
        return call


async def _stream(store: MockStore) -> AsyncIterator[str]:
    store.loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str] = asyncio.Queue()
    store.listeners.add(queue)
    try:
        yield ": hello\n\n"
        while True:
            yield await queue.get()
    finally:
        store.listeners.discard(queue)


def _drafts(app: FastAPI, store: MockStore) -> None:
    @app.post("/v1/campaigns:preview")
    async def preview(body: JSON) -> JSON:
        return {"says": SAYS if body["conditions"]["days"] == [1, 6] else None, "errors": []}

    @app.get("/v1/campaigns/segments")
    async def segments() -> JSON:
        people = {"regular": 120, "occasional": 45, "lapsed": None}
        return {"items": [{"segment": name, "people": count} for name, count in people.items()]}

    @app.put("/v1/campaigns/{campaign_id}")
    async def rewrite(campaign_id: str, body: JSON) -> JSON:
        campaign = next(one for one in store.campaigns if one["campaign_id"] == campaign_id)
        campaign.update(body)
        return campaign

    @app.post("/v1/campaigns/{campaign_id}:test")
    async def try_it(campaign_id: str, body: JSON) -> JSON:
        campaign = next(one for one in store.campaigns if one["campaign_id"] == campaign_id)
        campaign["state"] = "test"
        return campaign | {"codes": [f"TEST-{n:04d}-ABCD" for n, _ in enumerate(body["phones"])]}

    @app.post("/v1/campaigns/{campaign_id}/branches/{node}:revoke")
    async def cut(campaign_id: str, node: str, body: JSON) -> JSON:
        assert campaign_id
        store.cut = (node, body["reason"], body["with_coupons"])
        return {"links_closed": 3, "coupons_revoked": 2 if body["with_coupons"] else 0}


def _campaigns(app: FastAPI, store: MockStore) -> None:
    @app.get("/v1/campaigns")
    async def campaigns() -> JSON:
        return {"items": store.campaigns}

    @app.post("/v1/campaigns", status_code=201)
    async def create(body: JSON, idempotency_key: Annotated[str, Header()]) -> JSON:
        money = ("effect", "min_basket_minor", "budget_minor", "limits")
        exactly(
            body,
            "campaign_id",
            "name",
            "label",
            *money,
            *TERMS,
            "starts_at",
            "ends_at",
            "share_mode",
            "issue_on_ticket",
            "ticket_from_minor",
            "launch",
        )
        if idempotency_key != body["campaign_id"]:
            raise problem(400, "idempotency_key_missing")
        made = a_campaign(9, spent_minor=0, reserved_minor=0) | deepcopy(body)
        made["state"] = "live" if made.pop("launch") else "draft"
        made["funnel"] = dict.fromkeys(made["funnel"], 0)
        store.campaigns.append(made)
        return made

    @app.get("/v1/campaigns/{campaign_id}/{view}")
    async def worth(campaign_id: str, view: str) -> JSON:
        return WORTH[view] | {"campaign_id": campaign_id}

    @app.post("/v1/campaigns/{campaign_id}:{verb}")
    async def move(campaign_id: str, verb: str) -> JSON:
        campaign = next(one for one in store.campaigns if one["campaign_id"] == campaign_id)
        campaign["state"] = {"launch": "live", "pause": "paused", "end": "ended", "edit": "draft"}[verb]
        store.tell("campaign.changed", {"campaign_id": campaign_id})
        return campaign


def a_batch(number: int, state: str = "draft", **more: Any) -> JSON:
    return {
        "batch_id": f"batch-{number}",
        "state": state,
        "name": {"fr": "Noël", "en": "Christmas", "zh": "圣诞"},
        "file_name": "list.csv",
        "people": 45,
        "total_minor": 45_000,
        "recalled_minor": 0,
        "currency": "EUR",
        "expires_at": at(days=-30),
        **more,
    }


REPORT: JSON = {
    "people": 45,
    "total_minor": 45_000,
    "recalled_minor": 0,
    "balance_minor": 0,
    "smallest_group": 20,
    "is_told": True,
    "people_who_spent": 24,
    "spent_minor": 18_210,
    "shops": 1,
    "new_customers": None,
}


def _sponsors(app: FastAPI, store: MockStore) -> None:
    @app.get("/v1/credit-batches")
    async def batches() -> JSON:
        return {"items": store.batches}

    @app.post("/v1/credit-batches", status_code=201)
    async def draft(body: JSON, idempotency_key: Annotated[str, Header()]) -> JSON:
        faults = [
            {"line": 3, "field": "phone", "code": "phone", "first_line": None}
            | {"message": "it is no phone number", "fix": "Write it as +33 6 12 34 56 78."}
        ]
        errors = faults if "nonsense" in body["csv"] else []
        if body["dry_run"]:
            people = body["csv"].count("\n") - 1 - len(errors)
            return {"people": people, "total_minor": people * 1000, "faults": len(errors), "errors": errors}
        if errors or idempotency_key != body["batch_id"]:
            raise problem(422, "batch_malformed", errors=errors)
        made = a_batch(9) | {"batch_id": body["batch_id"], "name": body["name"], "file_name": body["file_name"]}
        store.batches.insert(0, made)
        return made

    @app.post("/v1/credit-batches/{batch_id}:{verb}")
    async def step(batch_id: str, verb: str, body: JSON | None = None) -> JSON:
        batch = next(each for each in store.batches if each["batch_id"] == batch_id)
        if verb == "fund" and (body or {}).get("amount_minor") != batch["total_minor"]:
            raise problem(409, "funding_differs")
        batch["state"] = {"fund": "funded", "send": "sent", "recall": "closed"}[verb]
        return batch

    @app.get("/v1/credit-batches/{batch_id}/report")
    async def report(batch_id: str) -> JSON:
        quiet = dict.fromkeys(("people_who_spent", "spent_minor", "shops", "new_customers"))
        return REPORT if batch_id == "batch-1" else REPORT | quiet | {"is_told": False, "balance_minor": 45_000}


def a_sale(number: int, **more: Any) -> JSON:
    sale = {
        "ticket_number": number,
        "payment_id": f"payment-{number}",
        "payer": "L*** D.",
        "counter": None,
        "emoji": None,
        "amount_minor": 1240,
        "refunded_minor": 0,
        "cashback_minor": 62,
        "currency": "EUR",
        "tenders": [{"kind": "cashback", "amount_minor": 240}, {"kind": "main", "amount_minor": 1000}],
        "taken_at": at(minutes=200 - number),
    }
    return sale | more


def some_sales() -> list[JSON]:
    """Return the sales of a day, newest first: two pages of them."""
    at_desk = {"payer": None, "cashback_minor": 0, "tenders": [{"kind": "cash", "amount_minor": 640}]}
    newest = [
        a_sale(103),
        a_sale(102, amount_minor=640, refunded_minor=640, **at_desk),
        a_sale(101, refunded_minor=320),
    ]
    return [*newest, *(a_sale(number) for number in range(100, 40, -1))]


def _merchant(app: FastAPI, store: MockStore) -> None:
    today, before = "2026-11-23", "2026-11-22"

    @app.get("/v1/merchants/demo/days")
    async def days() -> JSON:
        sold = [sale["amount_minor"] for sale in store.sold]
        quiet = {"sales": 0, "amount_minor": 0, "refunds": 0, "refunded_minor": 0, "cashback_minor": 0}
        now = {"sales": len(sold), "amount_minor": sum(sold), "refunds": 2, "refunded_minor": 960}
        items = [quiet | {"day": today, "cashback_minor": 3906} | now, quiet | {"day": before}]
        kept = {"store_id": "demo", "name": "Sésame Démo", "payee": "Sésame Démo · Magasin 12"}
        return {"store": kept, "today": today, "currency": "EUR", "items": items}

    @app.get("/v1/merchants/demo/sales")
    async def sales(day: str, limit: int, cursor: int = 10_000) -> JSON:
        found = [sale for sale in store.sold if day == today and sale["ticket_number"] < cursor]
        return {"items": found[:limit], "next_cursor": found[limit - 1]["ticket_number"] if found[limit:] else None}

    @app.get("/v1/merchants/demo/sales/{payment_id}")
    async def one_sale(payment_id: str) -> JSON:
        sale = next(each for each in store.sold if each["payment_id"] == payment_id)
        lines = [
            {"line_id": "l1", "name": "Nutella", "quantity": 2, "amount_minor": 798, "left": 2},
            {"line_id": "l2", "name": "Pâtes", "quantity": 1, "amount_minor": 129, "left": 0},
        ]
        told = {name: sale[name] for name in ("payment_id", "ticket_number", "currency")}
        return told | {"lines": lines, "refund_left_minor": 5000}

    @app.post("/v1/merchants/demo/refunds", status_code=201)
    async def give_back(body: JSON, idempotency_key: Annotated[str, Header()]) -> JSONResponse:
        exactly(body, "refund_id", "payment_id", "lines", "reason")
        if idempotency_key != body["refund_id"]:
            raise problem(400, "idempotency_key_missing")
        store.given_back.append(body)
        if body["lines"][0]["quantity"] > 1:
            return JSONResponse({"request_id": body["refund_id"], "state": "waiting", "amount_minor": 798}, 202)
        tenders = [{"account": "main", "amount_minor": 399}]
        return JSONResponse({"refund_id": body["refund_id"], "amount_minor": 399, "tenders": tenders}, 201)

    @app.get("/v1/merchants/demo/sales.csv")
    async def sheet(first: str, last: str, language: str) -> Response:
        if last < first:
            raise problem(422, "days_malformed")
        store.sheets.append((first, last, language))
        return Response("Ticket,Date\r\n", media_type="text/csv")


def _counters(app: FastAPI) -> None:
    @app.get("/v1/merchants/demo/codes")
    async def codes() -> JSON:
        code = {"code_id": "code-1", "name": "Boulangerie", "path": "/p/signed"}
        return {"items": [code], "picture_sha256": None, "suspended_at": None}

    @app.get("/v1/merchants/demo/suspension")
    async def suspension() -> JSON:
        return {"suspended_at": None, "reason": None}


def _shares(app: FastAPI, store: MockStore) -> None:
    @app.get("/v1/shares/{token}")
    async def share(token: str) -> JSON:
        if token not in store.offers:
            raise problem(404, "share_unknown")
        return store.offers[token]

    @app.post("/v1/shares/{token}:opened", status_code=204)
    async def opened(token: str) -> None:
        store.opened.append(token)

    @app.post("/v1/shares/{token}/claims", status_code=201)
    async def claim(token: str, body: JSON, idempotency_key: Annotated[str, Header()]) -> JSON:
        exactly(body, "claim_id", "phone")
        if idempotency_key != body["claim_id"]:
            raise problem(400, "idempotency_key_missing")
        if store.holders.setdefault(token, body["phone"]) != body["phone"]:
            raise problem(409, "coupon_already_claimed")
        if store.acts.setdefault(token, body["claim_id"]) != body["claim_id"]:
            raise problem(409, "coupon_already_claimed")
        store.offers[token] |= {"state": "claimed"}
        coupon = {"code": "WXYZ-2345", "text": "SESAME:C:WXYZ-2345", "label": LABEL, "expires_at": at(days=-9)}
        return {"coupon": coupon, "masked_phone": f"*** {body['phone'][-4:]}"}


def _passes(app: FastAPI) -> None:
    @app.post("/v1/wallets/me/offline-passes", status_code=201)
    async def offline_pass(body: JSON) -> JSON:
        exactly(body, "pin")
        return {"code": "SESAME:P:" + "k3Zv9QpL2xT7" * 8, "floor_minor": 3000, "expires_at": at(hours=-20)}


def _shopper(app: FastAPI, store: MockStore) -> None:
    @app.post("/v1/shopper/sessions", status_code=201)
    async def log_in(body: JSON) -> JSON:
        exactly(body, "phone", "pin")
        if body["pin"] != "4827":
            raise problem(401, "pin_wrong", attempts_left=4)
        return {"token": "shopper-token", "masked": "L*** D.", "expires_at": at(hours=-8)}

    @app.delete("/v1/shopper/sessions/current", status_code=204)
    async def log_out() -> None: ...

    @app.post("/v1/customers", status_code=201)
    async def open_account(body: JSON) -> JSON:
        proof = ("phone_code_id",) if "phone_code_id" in body else ()
        exactly(body, "customer_id", "name", "phone", "pin", "locale", *proof)
        if store.proven != body.get("phone_code_id", ""):
            raise problem(403, "phone_unproven")
        store.account = an_account() | {
            "name": body["name"],
            "balance_minor": 0,
            "face": {"enrolled": False, "since": None},
        }
        none = {"balance_minor": 0, "entries": []}
        store.account |= {"consents": [], "coupons": [], "entries": [], "cashback": none, "vouchers": []}
        return {"customer_id": body["customer_id"], "masked": "L*** D."}

    @app.get("/v1/customers/me/diary")
    async def diary() -> JSON:
        lines = [{"at": at(hours=-1), "act": act, "where": "kiosk:kiosk-1"} for act in ("face_compared", "pin_refused")]
        return {"refused_lately": 1, "items": lines}

    @app.get("/v1/customers/me")
    async def me() -> JSON:
        return store.account

    @app.post("/v1/wallets/me/codes", status_code=201)
    async def pay_code() -> JSON:
        return {"code": "40718236", "text": "SESAME:W:40718236", "expires_at": at(minutes=-2)}

    @app.post("/v1/topups", status_code=201)
    async def top_up(body: JSON) -> JSON:
        exactly(body, "topup_id", "amount_minor")
        store.account["balance_minor"] += body["amount_minor"]
        return {
            "topup_id": body["topup_id"],
            "status": "credited",
            "balance_minor": store.account["balance_minor"],
            "sandbox": True,
        }


def _household(app: FastAPI, store: MockStore) -> None:
    @app.get("/v1/households/mine")
    async def mine() -> JSON:
        return {"people": store.people}

    @app.post("/v1/households/mine:{verb}")
    async def act(verb: str, body: JSON | None = None) -> JSON:
        if verb == "join" and body != {"code": "12345678"}:
            raise problem(404, "household_code_unknown")
        store.people = {"invite": store.people, "join": 3, "leave": 1}[verb]
        return {"people": store.people} | ({"code": "87654321"} if verb == "invite" else {})


def _numbers(app: FastAPI, store: MockStore) -> None:
    @app.post("/v1/phone-codes", status_code=201)
    async def send_code(body: JSON) -> JSON:
        exactly(body, "phone_code_id", "phone", "locale")
        sent = {"phone_code_id": body["phone_code_id"], "masked_phone": f"*** {body['phone'][-4:]}"}
        return sent | {"expires_at": at(minutes=-10), "again_at": at(), "sandbox_code": "482913"}

    @app.post("/v1/phone-codes/{phone_code_id}:prove")
    async def prove(phone_code_id: str, body: JSON) -> JSON:
        exactly(body, "code")
        if body["code"] != "482913":
            raise problem(401, "phone_code_wrong", attempts_left=4)
        store.proven = phone_code_id
        return {"phone_code_id": phone_code_id, "proven": True, "use_until": at(minutes=-15)}


def _holdings(app: FastAPI, store: MockStore) -> None:
    @app.post("/v1/coupons/{code}/shares", status_code=201)
    async def share(code: str) -> JSON:
        coupon = next(one for one in store.account["coupons"] if one["code"] == code)
        coupon |= {"share_url": "/c/open-gift", "state": "shared"}
        return {"token": "open-gift", "url": "/c/open-gift", "mode": coupon["share_mode"]}

    @app.post("/v1/customers/me/face:freeze")
    async def freeze() -> JSON:
        store.account["face"] |= {"frozen_at": at()}
        return store.account

    @app.post("/v1/customers/me/face:thaw")
    async def thaw(body: JSON) -> JSON:
        exactly(body, "pin")
        if body["pin"] != "4821":
            raise problem(401, "pin_wrong", attempts_left=4)
        store.account["face"] |= {"frozen_at": None}
        return store.account

    @app.post("/v1/erasures", status_code=201)
    async def erase(body: JSON) -> JSON:
        exactly(body, "erasure_id", "pin")
        if body["pin"] != "4827":
            raise problem(401, "pin_wrong", attempts_left=4)
        store.account["face"] = {"enrolled": False, "since": None}
        return _erasure(body["erasure_id"], acknowledged=False)


def _leaving(app: FastAPI, store: MockStore) -> None:
    @app.get("/v1/customers/me/leaving")
    async def leaving() -> JSON:
        balance = 0 if store.is_paid_out else store.account["balance_minor"]
        return {"balance_minor": balance, "given_up_minor": 320, "owed_minor": 0, "coupons": 2, "is_busy": False}

    @app.post("/v1/customers/me/payouts", status_code=201)
    async def pay_out(body: JSON) -> JSON:
        exactly(body, "payout_id", "pin")
        store.is_paid_out = True
        return {"payout_id": body["payout_id"], "amount_minor": store.account["balance_minor"], "code": "0417"}

    @app.post("/v1/customers/me/closings", status_code=201)
    async def close(body: JSON) -> JSON:
        exactly(body, "closing_id", "pin", "gives_up_minor")
        if body["pin"] != "4827":
            raise problem(401, "pin_wrong", attempts_left=4)
        store.closed.append(body)
        return _erasure(body["closing_id"], acknowledged=False)

    @app.get("/v1/erasures/{erasure_id}")
    async def erasure(erasure_id: str) -> JSON:
        return _erasure(erasure_id, acknowledged=True)


def _erasure(erasure_id: str, *, acknowledged: bool) -> JSON:
    kiosks = [
        {"kiosk_id": "kiosk-1", "acknowledged_at": at()},
        {"kiosk_id": "kiosk-2", "acknowledged_at": at() if acknowledged else None},
    ]
    return {"erasure_id": erasure_id, "erased_at": at(), "references": 1, "kiosks": kiosks}
