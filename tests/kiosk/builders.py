"""Values with sensible defaults for the tests of the kiosk."""

import json
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.visit import calls, events
from kiosk.visit.effects import Ask, Effect
from kiosk.visit.states import State
from kiosk.visit.step import step
from kiosk.visit.values import (
    Adjustment,
    AgeCheck,
    Attendant,
    Authentication,
    Basket,
    BasketCoupon,
    ChainLink,
    Consent,
    ConsentReceipt,
    Enrolment,
    Erasure,
    ExitCode,
    FaceLeft,
    GivenCoupon,
    Line,
    NextStep,
    Payment,
    Problem,
    SearchHit,
    StoreFacts,
    Ticket,
    TicketBody,
    TicketLine,
    TicketVat,
)
from kiosk.visit.visit import Rules, Visit

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
SEED = UUID("6f3c1a52-0d1e-4f5b-9b7e-5f0f5a9f1c11")
MILK = "3017620422003"


def an_identity(folder: Path, kiosk_id: str = "kiosk-1") -> Path:
    """Write the file of a paired kiosk and return where it is."""
    file = folder / "identity.json"
    key = b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()
    file.touch(0o600)
    file.write_text(json.dumps({"private_key": key, "kiosk_id": kiosk_id}))
    return file


TEXTS = {"fr": "Lot de deux", "en": "Two for less", "zh": "两件优惠"}


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def a_store() -> StoreFacts:
    return StoreFacts(
        "kiosk-1", "Caisse 1", "demo", "Sésame Démo", "Sésame Démo · Magasin 12", "EUR", "FR", demo_prices=True
    )


def an_attendant(**facts: object) -> Attendant:
    attendant = Attendant("attendance-1", "Amal", is_manager=False, alone_minor=1000)
    return replace(attendant, **facts)  # type: ignore[arg-type]  # a builder takes whatever fields the test names


def a_line(**facts: object) -> Line:
    line = Line(
        "line-1",
        "s-1",
        MILK,
        "Pâte à tartiner",
        "N",
        "400 g",
        2,
        None,
        399,
        TEXTS,
        798,
        718,
        550,
        demo_price=True,
        min_age=None,
        adjustments=(Adjustment("p-1", TEXTS, -80),),
    )
    return replace(line, **facts)  # type: ignore[arg-type]  # a builder takes whatever fields the test names


def a_basket(
    basket_id: str = "basket-1",
    *,
    state: str = "open",
    version: int = 1,
    lines: tuple[Line, ...] | None = None,
    digest: str = "d1",
    age_check: AgeCheck = "not_needed",
    problems: tuple[Problem, ...] = (),
    coupons: tuple[BasketCoupon, ...] = (),
) -> Basket:
    lines = (a_line(),) if lines is None else lines
    total = sum(line.due_minor for line in lines)
    gross = sum(line.gross_minor for line in lines)
    return Basket(
        basket_id,
        state,
        version,
        "EUR",
        "Sésame Démo · Magasin 12",
        lines,
        coupons,
        problems,
        gross,
        gross - total,
        total,
        NextStep(TEXTS, 120),
        digest,
        ("🍎", "🚲", "🌙", "🎈"),
        age_check,
    )


def a_coupon_on_it(code: str = "ABCD-EFGH", *, applied: bool = True) -> BasketCoupon:
    if applied:
        return BasketCoupon(code, TEXTS, "applied", None, None, 200)
    return BasketCoupon(code, TEXTS, "not_applicable", "coupon_expired", "It has expired.", 0)


def an_authentication(
    key: str = "auth-1",
    *,
    factors: tuple[str, ...] = ("face",),
    step_up: bool = False,
    sufficient: bool = True,
    expires_at: datetime | None = None,
) -> Authentication:
    reason = "liveness_not_checked" if step_up else None
    shortfall = 0 if sufficient else 620
    expires = expires_at or after(60)
    return Authentication(key, "L*** D.", factors, step_up, reason, sufficient, shortfall, expires, FaceLeft(2, 3810))


def a_payment(payment_id: str, basket_id: str, *, subject: str | None = "L*** D.") -> Payment:
    return Payment(
        payment_id,
        basket_id,
        "captured",
        718,
        subject,
        Ticket("t-1", 17, "/t/t-1"),
        ExitCode("SESAME:X:abc"),
        GivenCoupon("ABCD-EFGH", TEXTS, "/c/token", after(86400)),
        1282,
    )


def a_ticket_body(**facts: object) -> TicketBody:
    body = TicketBody(
        ticket_id="t-1",
        number=17,
        store="Sésame Démo",
        payee="Sésame Démo · Magasin 12",
        issued_at=NOON,
        currency="EUR",
        lines=(
            TicketLine("Pâte à tartiner", 2, None, {"fr": "8,98 €/kg"}, 718, 618, (Adjustment("two", TEXTS, -100),)),
            TicketLine("Pommes", 1, 412, {"fr": "2,40 €/kg"}, 99, 99),
        ),
        vat=(TicketVat(550, 680, 37, 717),),
        gross_minor=817,
        saved_minor=100,
        total_minor=717,
        demo_prices=True,
        chain=ChainLink(42, "ab" * 32),
    )
    return replace(body, **facts)  # type: ignore[arg-type]  # a builder takes any of the facts


def a_consent(locale: str = "fr") -> Consent:
    return Consent(
        "face_payment",
        "2026-11-1",
        locale,
        "Payer avec le visage",
        ("Pourquoi", "Combien de temps"),
        "12 mois",
        "Retirer à tout moment",
        "J'accepte",
        "J'ai plus de 15 ans",
    )


def an_enrolment() -> Enrolment:
    return Enrolment("L*** D.", "5678", ConsentReceipt("r-1", "2026-11-1", NOON, "/me"))


def an_erasure(erasure_id: str) -> Erasure:
    return Erasure(erasure_id, NOON, 1)


def a_hit() -> SearchHit:
    return SearchHit("s-2", "3228857000906", "Pain complet", "H", "500 g", 219, TEXTS, None)


def an_evidence(liveness: str = "passed") -> calls.Evidence:
    return calls.Evidence(0.71, 0.32, 0.42, 1, liveness)  # type: ignore[arg-type]  # the test names one of the two


def a_visit(**facts: object) -> Visit:
    visit = Visit(rules=Rules(server_url="http://127.0.0.1:8800"), ids_from=SEED, touched_at=NOON)
    return replace(visit, **facts)  # type: ignore[arg-type]  # a builder takes whatever fields the test names


def walked(visit: Visit, *happened: events.Event, now: datetime = NOON) -> tuple[Visit, list[Effect]]:
    """Step through events; return the last visit and all effects."""
    effects: list[Effect] = []
    for event in happened:
        visit, more = step(visit, event, now)
        effects += more
    return visit, effects


def asked(effects: Iterable[Effect]) -> list[calls.Call]:
    """Return the calls among effects."""
    return [effect.call for effect in effects if isinstance(effect, Ask)]


def welcomed(**facts: object) -> Visit:
    """Return a visit on the welcome screen."""
    return replace(a_visit(), state=State.WELCOME, store=a_store(), reason="", **facts)  # type: ignore[arg-type]


def shopping(basket: Basket | None = None, **facts: object) -> Visit:
    """Return a visit with one product in its basket."""
    basket = basket or a_basket()
    return replace(welcomed(), state=State.SHOPPING, basket=basket, basket_id=basket.basket_id, **facts)  # type: ignore[arg-type]


def at(state: State, **facts: object) -> Visit:
    """Return a visit with a quoted basket in a state of the way to pay."""
    return replace(shopping(a_basket(state="quoted")), state=state, **facts)  # type: ignore[arg-type]


def answered(call: calls.Call, answer: events.Answer) -> events.Answered:
    """Return the store's answer to a call as the visit hears it."""
    return events.Answered(call, answer)
