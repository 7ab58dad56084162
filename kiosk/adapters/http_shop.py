"""The store server over HTTP: each call is one request, each answer is checked against the values it must have."""

import ssl
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Final, TypeVar, assert_never
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError

from kiosk.adapters.face_keys import FaceKeys
from kiosk.adapters.wire import send
from kiosk.ports import ShopAnsweredBadlyError, ShopRefusedError
from kiosk.visit import calls
from kiosk.visit.events import Accepted, Answer, BasketNow, Candidates, Products, References
from kiosk.visit.values import (
    Attendant,
    Authentication,
    Basket,
    Candidate,
    Consent,
    Enrolment,
    Erasure,
    HandOver,
    KioskTold,
    Payment,
    PhoneCode,
    SearchHit,
    StoreFacts,
    TicketBody,
)

CONNECT_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 10.0  # a payment asks another house; after it the same id is sent again
HITS: Final = 12  # what fits the search panel without scrolling far
LOOSE: Final = 200  # a large market has some 150 kinds of fruit and vegetables

Json = dict[str, Any]  # a body on the wire, before it is checked
T = TypeVar("T")

_FACES: Final = (calls.FetchConsent, calls.FetchCandidates, calls.FetchReferences, calls.Enrol)
"""Calls of no use without the key that faces are kept under."""


@dataclass(frozen=True, slots=True)
class _Request:
    """One request; ``key`` is its Idempotency-Key."""

    method: str
    path: str
    body: Json | None = None
    key: str | None = None
    query: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Me:
    kiosk_id: str
    name: str
    store_id: str
    paused: bool = False
    pause_reason: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class _Next:
    next: str | None


@dataclass(frozen=True, slots=True)
class _Store:
    name: str
    payee: str
    currency: str
    country: str
    timezone: str
    demo_prices: bool
    phone_codes: str = "offered"


def open_client(server_url: str, auth: httpx.Auth) -> httpx.Client:
    """Return a client for one store, which it tells who it is; it keeps its connections."""
    return httpx.Client(
        base_url=server_url,
        auth=auth,
        verify=_roots(),
        timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
    )


@cache
def _roots() -> ssl.SSLContext:
    """Return whom this machine trusts, read once: every client would take 20 ms to read it again."""
    return httpx.create_ssl_context()


class HttpShop:
    """Keeps the promises of ``kiosk.ports.Shop``. For one thread."""

    def __init__(self, client: httpx.Client, keys: FaceKeys | None = None) -> None:
        """Speak over a client; ``keys`` is what faces are kept under, where this kiosk sees any."""
        self._client = client
        self._keys = keys

    def perform(self, call: calls.Call) -> Answer:
        """Send one call and wait for its answer.

        Raises:
            ShopUnreachableError: No answer, or none of the store itself.
            ShopAnsweredBadlyError: A broken server, or an answer that is not what was agreed.
            ShopRefusedError: The server said no.
        """
        if isinstance(call, calls.FetchStore):
            return self._who_we_are()
        if self._keys is not None and isinstance(call, _FACES):
            return self._about_faces(self._keys, call)
        return _answer(call, self._send(_request(call)))

    def _about_faces(self, keys: FaceKeys, call: calls.Call) -> Answer:
        """Ask under the key in force. Where another one is by now, come to it and ask again.

        What was kept under the old key is not sent again: its owner has to be looked at once more.
        """
        keys.ready()
        try:
            return _answer(call, self._send(_request(call, face_key=keys.key_id)))
        except ShopRefusedError as refusal:
            if refusal.code != "face_key_changed":
                raise
            keys.refresh()
            if isinstance(call, calls.Enrol):
                raise
        return _answer(call, self._send(_request(call, face_key=keys.key_id)))

    def _who_we_are(self) -> StoreFacts:
        me = _checked(_Me, self._send(_Request("GET", "/v1/kiosks/me")))
        store = _checked(_Store, self._send(_Request("GET", f"/v1/stores/{quote(me.store_id, safe='')}")))
        return StoreFacts(
            kiosk_id=me.kiosk_id,
            name=me.name,
            store_id=me.store_id,
            store=store.name,
            payee=store.payee,
            currency=store.currency,
            country=store.country,
            demo_prices=store.demo_prices,
            timezone=store.timezone,
            paused=me.paused,
            pause_reason=me.pause_reason,
            message=me.message,
            phone_codes=store.phone_codes,
        )

    def _send(self, request: _Request) -> httpx.Response:
        asked = request
        return send(self._client, asked.method, asked.path, body=asked.body, query=asked.query, key=asked.key)


def _request(call: calls.Call, *, face_key: str | None = None) -> _Request:
    body: Json
    match call:
        case calls.CreateBasket(basket_id=basket_id):
            return _Request("POST", "/v1/baskets", {"basket_id": basket_id, "channel": "kiosk"}, basket_id)
        case calls.FetchBasket(basket_id=basket_id):
            return _Request("GET", f"/v1/baskets/{basket_id}")
        case calls.AddLine(key=key, code=code, symbology=symbology):
            body = {"line_id": key, "code": code, "symbology": symbology, "quantity": call.quantity}
            body["same_pack"] = call.same_pack
            return _Request("POST", f"/v1/baskets/{call.basket_id}/lines", body, key)
        case calls.AddSku(key=key, sku=sku, weight_g=weight_g):
            body = {"line_id": key, "sku": sku, "quantity": call.quantity, "weight_g": weight_g}
            return _Request("POST", f"/v1/baskets/{call.basket_id}/lines:by-sku", body, key)
        case calls.ChangeQuantity(line_id=line_id, quantity=quantity):
            path = f"/v1/baskets/{call.basket_id}/lines/{quote(line_id, safe='')}"
            return _Request("PATCH", path, {"quantity": quantity}, call.key)
        case calls.RemoveLine(line_id=line_id):
            return _Request("DELETE", f"/v1/baskets/{call.basket_id}/lines/{quote(line_id, safe='')}", key=call.key)
        case calls.ShowWallet(basket_id=basket_id, wallet_code=wallet_code):
            return _Request("POST", f"/v1/baskets/{basket_id}:member", {"wallet_code": wallet_code})
        case calls.LeaveWallet(basket_id=basket_id):
            return _Request("POST", f"/v1/baskets/{basket_id}:guest")
        case calls.ApplyCoupon(code=code, instead=instead):
            body = {"code": code, "instead": True} if instead else {"code": code}
            return _Request("POST", f"/v1/baskets/{call.basket_id}/coupons", body, call.key)
        case calls.DropCoupon(code=code):
            return _Request("DELETE", f"/v1/baskets/{call.basket_id}/coupons/{quote(code, safe='')}", key=call.key)
        case calls.QuoteBasket(basket_id=basket_id):
            return _Request("POST", f"/v1/baskets/{basket_id}:quote")
        case calls.SuspendBasket(basket_id=basket_id):
            return _Request("POST", f"/v1/baskets/{basket_id}:suspend", key=call.key)
        case calls.ResumeBasket(code=code):
            return _Request("POST", "/v1/baskets:resume", {"code": code}, call.key)
        case calls.AbandonBasket(basket_id=basket_id):
            return _Request("POST", f"/v1/baskets/{basket_id}:abandon", key=call.key)
        case calls.SearchProducts(query=query):
            return _Request("GET", "/v1/products", query={"query": query, "limit": str(HITS)})
        case calls.FetchLoose():
            return _Request("GET", "/v1/products", query={"loose": "true", "limit": str(LOOSE)})
        case calls.OpenIntervention():
            body = {
                "intervention_id": call.key,
                "type": call.type,
                "basket_id": call.basket_id,
                "detail": dict(call.detail),
            }
            return _Request("POST", "/v1/interventions", body, call.key)
        case calls.CancelIntervention(intervention_id=intervention_id):
            return _Request("POST", f"/v1/interventions/{intervention_id}:cancel", key=call.key)
        case calls.FetchStore():
            raise AssertionError("two requests make this answer; perform sends them")
        case (
            calls.OpenAttendance()
            | calls.EndAttendance()
            | calls.AmendLine()
            | calls.SetPrice()
            | calls.LookAtAge()
            | calls.SettleCheck()
            | calls.TellKiosk()
        ):
            return _request_of_staff(call)
        case _:
            return _request_about_people(call, {} if face_key is None else {"face_key": face_key})


def _request_of_staff(call: calls.OpenAttendance | calls.EndAttendance | calls.StaffCall) -> _Request:
    match call:
        case calls.OpenAttendance():
            return _Request("POST", "/v1/attendances", {"attendance_id": call.key, **_shown(call.proof)}, call.key)
        case calls.EndAttendance(attendance_id=attendance_id):
            return _Request("POST", f"/v1/attendances/{attendance_id}:end", key=call.key)
        case calls.AmendLine(basket_id=basket_id, line_id=line_id):
            body: Json = {"attendance_id": call.attendance_id, "quantity": call.quantity, "reason": call.reason}
            return _Request("POST", f"/v1/baskets/{basket_id}/lines/{quote(line_id, safe='')}:amend", body, call.key)
        case calls.SetPrice(basket_id=basket_id, line_id=line_id):
            body = {
                "act_id": call.key,
                "attendance_id": call.attendance_id,
                "pieces": call.pieces,
                "price_minor": call.price_minor,
                "reason": call.reason,
                "second": None if call.second is None else _shown(call.second),
            }
            return _Request("POST", f"/v1/baskets/{basket_id}/lines/{quote(line_id, safe='')}:price", body, call.key)
        case calls.LookAtAge(basket_id=basket_id):
            body = {"attendance_id": call.attendance_id, "approved": call.approved}
            return _Request("POST", f"/v1/baskets/{basket_id}:age-check", body, call.key)
        case calls.SettleCheck(basket_id=basket_id):
            return _Request("POST", f"/v1/baskets/{basket_id}:checked", {"attendance_id": call.attendance_id}, call.key)
        case calls.TellKiosk(kiosk_id=kiosk_id):
            body = {"attendance_id": call.attendance_id, "paused": call.paused, "reason": call.reason}
            return _Request("POST", f"/v1/kiosks/{quote(kiosk_id, safe='')}:tell", body, call.key)
        case _:
            assert_never(call)


def _shown(proof: calls.Proof) -> Json:
    return {"badge": proof.badge} if proof.badge is not None else {"number": proof.number, "pin": proof.pin}


def _request_about_people(
    call: calls.FetchCandidates
    | calls.FetchReferences
    | calls.TellRefusals
    | calls.AuthenticateFace
    | calls.AuthenticatePin
    | calls.StepUp
    | calls.Enrol
    | calls.Erase
    | calls.StopFace
    | calls.Pay
    | calls.SettleByPass
    | calls.FetchPayment
    | calls.FetchBasketPayment
    | calls.FetchTicket
    | calls.FetchConsent
    | calls.AskPhoneCode
    | calls.ProvePhoneCode
    | calls.AcknowledgeErasure,
    face_key: dict[str, str],
) -> _Request:
    body: Json
    match call:
        case calls.FetchCandidates(basket_id=basket_id, digits=digits):
            return _Request("POST", "/v1/identify/candidates", {"digits": digits, "basket_id": basket_id, **face_key})
        case calls.FetchReferences(after=after):
            return _Request("GET", "/v1/references", query={"after": after, **face_key})
        case calls.AuthenticateFace():
            body = {
                "authentication_id": call.key,
                "method": "face",
                "reference_id": call.reference_id,
                **asdict(call.approval),
                "with_own": True,
                "evidence": asdict(call.evidence),
            }
            return _Request("POST", "/v1/authentications", body, call.key)
        case calls.AuthenticatePin():
            body = {
                "authentication_id": call.key,
                "method": "pin",
                "phone": call.phone,
                "wallet_code": call.wallet_code,
                "pin": call.pin,
                "with_own": True,
                **asdict(call.approval),
            }
            return _Request("POST", "/v1/authentications", body, call.key)
        case calls.StepUp(authentication_id=authentication_id, pin=pin):
            return _Request("POST", f"/v1/authentications/{authentication_id}:step-up", {"pin": pin}, call.key)
        case calls.StopFace(authentication_id=authentication_id):
            return _Request("POST", f"/v1/authentications/{authentication_id}:not-me", key=call.key)
        case calls.TellRefusals(digits=digits):
            return _Request("POST", "/v1/identify/refusals", {"digits": digits})
        case calls.Pay():
            body = {
                "payment_id": call.key,
                **asdict(call.approval),
                "authentication_id": call.authentication_id,
                "cashback_minor": call.cashback_minor,
            }
            return _Request("POST", "/v1/payments", body, call.key)
        case calls.SettleByPass(key=key):
            return _Request("POST", "/v1/offline-payments", _sale_body(call), key)
        case calls.FetchPayment(payment_id=payment_id):
            return _Request("GET", f"/v1/payments/{payment_id}")
        case calls.FetchBasketPayment(basket_id=basket_id):
            return _Request("GET", f"/v1/baskets/{basket_id}/payment")
        case calls.FetchTicket(ticket_id=ticket_id):
            return _Request("GET", f"/v1/tickets/{quote(ticket_id, safe='')}")
        case calls.FetchConsent(locale=locale):
            return _Request("GET", "/v1/consents/face_payment", query={"locale": locale})
        case calls.AskPhoneCode(phone=phone, locale=locale):
            body = {"phone_code_id": call.key, "phone": phone, "locale": locale}
            return _Request("POST", "/v1/phone-codes", body, call.key)
        case calls.ProvePhoneCode(phone_code_id=phone_code_id, code=code):
            return _Request("POST", f"/v1/phone-codes/{phone_code_id}:prove", {"code": code})
        case calls.Enrol():
            return _Request("POST", "/v1/enrolments", _enrolment_body(call), call.key)
        case calls.Erase():
            body = {"erasure_id": call.key, "phone": call.phone, "pin": call.pin}
            return _Request("POST", "/v1/erasures", body, call.key)
        case calls.AcknowledgeErasure(erasure_id=erasure_id):
            return _Request("POST", f"/v1/erasures/{erasure_id}/acknowledgements", key=call.key)
        case _:
            assert_never(call)


def _sale_body(call: calls.SettleByPass) -> Json:
    lines = [
        {
            "line_id": line.line_id,
            "sku": line.sku,
            "quantity": line.quantity,
            "code": line.scanned_code,
            "weight_g": line.weight_g,
            "price_minor": line.price_minor,
            "lot": line.lot,
            "issue": line.issue,
        }
        for line in call.sale.lines
    ]
    facts = asdict(call.sale) | {"taken_at": call.sale.taken_at.isoformat(), "lines": lines}
    return {**facts, "signature": call.signature}


def _enrolment_body(call: calls.Enrol) -> Json:
    return {
        "enrolment_id": call.key,
        "consent": {
            "purpose": "face_payment",
            "version": call.consent_version,
            "locale": call.consent_locale,
            "given": True,
        },
        "over_15": True,
        "name": call.name,
        "phone": call.phone,
        "pin": call.pin,
        "phone_code_id": call.phone_code_id,
        "reference": {
            "reference_id": call.reference_id,
            "model_id": call.model_id,
            "sealed": call.sealed,
            "captures": call.captures,
            "mode": call.mode,
            "look_alikes": [asdict(one) for one in call.look_alikes],
        },
    }


def _answer(call: calls.Call, response: httpx.Response) -> Answer:
    match call:
        case (
            calls.CreateBasket()
            | calls.FetchBasket()
            | calls.ShowWallet()
            | calls.LeaveWallet()
            | calls.AddLine()
            | calls.AddSku()
            | calls.ChangeQuantity()
            | calls.RemoveLine()
            | calls.ApplyCoupon()
            | calls.DropCoupon()
            | calls.QuoteBasket()
            | calls.ResumeBasket()
            | calls.AmendLine()
            | calls.SetPrice()
            | calls.LookAtAge()
            | calls.SettleCheck()
        ):
            return BasketNow(_checked(Basket, response), response.headers.get("X-Line-Id"))
        case calls.OpenAttendance():
            return _checked(Attendant, response)
        case calls.TellKiosk():
            return _checked(KioskTold, response)
        case calls.SuspendBasket():
            return _checked(HandOver, response)
        case calls.SearchProducts() | calls.FetchLoose():
            return Products(_items(SearchHit, response, "items"))
        case calls.FetchCandidates():
            return Candidates(_items(Candidate, response, "candidates"))
        case calls.FetchReferences():
            return References(_items(Candidate, response, "references"), _checked(_Next, response).next)
        case calls.AuthenticateFace() | calls.AuthenticatePin() | calls.StepUp():
            return _checked(Authentication, response)
        case calls.Pay() | calls.SettleByPass() | calls.FetchPayment() | calls.FetchBasketPayment():
            return _checked(Payment, response)
        case calls.FetchTicket():
            return _checked(TicketBody, response)
        case calls.FetchConsent():
            return _checked(Consent, response)
        case calls.AskPhoneCode():
            return _checked(PhoneCode, response)
        case calls.Enrol():
            return _checked(Enrolment, response)
        case calls.Erase():
            return _checked(Erasure, response)
        case _:
            return Accepted()


def _checked(kind: type[T], response: httpx.Response) -> T:
    try:
        return TypeAdapter(kind).validate_json(response.content)
    except ValidationError as problem:
        # An answer that is not what was agreed says nothing certain about what was done.
        raise ShopAnsweredBadlyError(f"{kind.__name__}: {problem.error_count()} fields are not as agreed") from problem


def _items(kind: type[T], response: httpx.Response, name: str) -> tuple[T, ...]:
    body = _checked(dict[str, Any], response)
    try:
        return tuple(TypeAdapter(list[kind]).validate_python(body.get(name, [])))  # type: ignore[valid-type]  # built at run time
    except ValidationError as problem:
        raise ShopAnsweredBadlyError(f"{kind.__name__}: {problem.error_count()} fields are not as agreed") from problem
