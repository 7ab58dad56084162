"""What goes over the wire, and what is believed of the answers: against a tiny store on the loopback."""

from collections.abc import Generator, Iterator
from dataclasses import asdict
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from kiosk.adapters.http_shop import HttpShop, open_client
from kiosk.ports import ShopAnsweredBadlyError, ShopRefusedError, ShopUnreachableError
from kiosk.visit import calls
from kiosk.visit.events import Accepted, BasketNow, Candidates, Products
from kiosk.visit.values import Candidate, StoreFacts
from tests.kiosk.builders import a_basket, a_hit, a_store, an_evidence
from tests.kiosk.serving import serving


class Bearer(httpx.Auth):
    """A token that needs no signature."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class TinyStore:
    """Notes requests, and answers each with what the test laid out."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, str | None, str | None, Any]] = []
        self.answer: Response = JSONResponse({})
        self.app = FastAPI()

        @self.app.api_route("/{path:path}", methods=["GET", "POST", "PATCH", "DELETE"])
        async def any_path(path: str, request: Request) -> Response:
            body = await request.body()
            self.requests.append(
                (
                    request.method,
                    f"/{path}",
                    request.headers.get("idempotency-key"),
                    request.headers.get("authorization"),
                    await request.json() if body else None,
                )
            )
            if path == "v1/kiosks/me":
                return JSONResponse({"kiosk_id": "kiosk-1", "name": "Caisse 1", "store_id": "demo"})
            return self.answer


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[TinyStore, HttpShop]]:
    store = TinyStore()
    with serving(store.app) as address, open_client(f"http://{address}", Bearer("secret")) as client:
        yield store, HttpShop(client)


@pytest.fixture
def tiny(served: tuple[TinyStore, HttpShop]) -> tuple[TinyStore, HttpShop]:
    served[0].requests.clear()
    return served


APPROVAL = calls.Approval("b-1", "d1", 718, "Sésame Démo")
FACTS = {"basket_id": "b-1", "digest": "d1", "amount_minor": 718, "payee": "Sésame Démo"}


@pytest.mark.parametrize(
    ("call", "method", "path", "key", "body"),
    [
        (calls.CreateBasket("b-1"), "POST", "/v1/baskets", "b-1", {"basket_id": "b-1", "channel": "kiosk"}),
        (
            calls.AddLine("k", "b-1", "301", "ean13"),
            "POST",
            "/v1/baskets/b-1/lines",
            "k",
            {"line_id": "k", "code": "301", "symbology": "ean13", "quantity": 1, "same_pack": False},
        ),
        (
            calls.AddSku("k", "b-1", "s-1"),
            "POST",
            "/v1/baskets/b-1/lines:by-sku",
            "k",
            {"line_id": "k", "sku": "s-1", "quantity": 1, "weight_g": None},
        ),
        (calls.ChangeQuantity("k", "b-1", "l-1", 3), "PATCH", "/v1/baskets/b-1/lines/l-1", "k", {"quantity": 3}),
        (calls.RemoveLine("k", "b-1", "l-1"), "DELETE", "/v1/baskets/b-1/lines/l-1", "k", None),
        (calls.ApplyCoupon("k", "b-1", "AB-CD"), "POST", "/v1/baskets/b-1/coupons", "k", {"code": "AB-CD"}),
        (
            calls.ApplyCoupon("k", "b-1", "AB-CD", instead=True),
            "POST",
            "/v1/baskets/b-1/coupons",
            "k",
            {"code": "AB-CD", "instead": True},
        ),
        (calls.DropCoupon("k", "b-1", "AB-CD"), "DELETE", "/v1/baskets/b-1/coupons/AB-CD", "k", None),
        (calls.QuoteBasket("b-1"), "POST", "/v1/baskets/b-1:quote", None, None),
        (
            calls.AuthenticatePin("k", APPROVAL, "+33612345678", None, "1397"),
            "POST",
            "/v1/authentications",
            "k",
            {
                "authentication_id": "k",
                "method": "pin",
                "phone": "+33612345678",
                "wallet_code": None,
                "pin": "1397",
                "with_own": True,
                **FACTS,
            },
        ),
        (
            calls.AuthenticateFace("k", APPROVAL, "ref-1", an_evidence()),
            "POST",
            "/v1/authentications",
            "k",
            {
                "authentication_id": "k",
                "method": "face",
                "reference_id": "ref-1",
                "evidence": asdict(an_evidence()),
                "with_own": True,
                **FACTS,
            },
        ),
        (
            calls.Pay("k", APPROVAL, "auth-1", 120),
            "POST",
            "/v1/payments",
            "k",
            {"payment_id": "k", "authentication_id": "auth-1", "cashback_minor": 120, **FACTS},
        ),
        (
            calls.ShowWallet("basket-1", "12345678"),
            "POST",
            "/v1/baskets/basket-1:member",
            None,
            {"wallet_code": "12345678"},
        ),
        (calls.Erase("k", "+33612345678", "1397"), "POST", "/v1/erasures", "k", None),
        (
            calls.AskPhoneCode("k", "+33612345678", "fr"),
            "POST",
            "/v1/phone-codes",
            "k",
            {"phone_code_id": "k", "phone": "+33612345678", "locale": "fr"},
        ),
        (
            calls.ProvePhoneCode("c-1", "482913"),
            "POST",
            "/v1/phone-codes/c-1:prove",
            None,
            {"code": "482913"},
        ),
        (calls.CancelIntervention("k", "call-1"), "POST", "/v1/interventions/call-1:cancel", "k", None),
        (calls.AcknowledgeErasure("k", "e-1"), "POST", "/v1/erasures/e-1/acknowledgements", "k", None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, calls.Call) else "",
)
def test_the_request_is_as_agreed_when_a_call_is_sent(
    tiny: tuple[TinyStore, HttpShop], call: calls.Call, method: str, path: str, key: str | None, body: object
) -> None:
    store, shop = tiny
    store.answer = JSONResponse({"code": "no"}, status_code=409)

    with pytest.raises(ShopRefusedError):
        shop.perform(call)

    sent = store.requests[0]
    assert sent[:4] == (method, path, key, "Bearer secret")
    if body is not None:
        assert sent[4] == body


def test_a_basket_is_read_when_it_is_as_agreed(tiny: tuple[TinyStore, HttpShop]) -> None:
    store, shop = tiny
    wire = {**asdict(a_basket("b-1")), "kiosk_id": "kiosk-1", "vat": [], "unknown_later": 1}
    store.answer = JSONResponse(wire, headers={"X-Line-Id": "l-1"})

    answer = shop.perform(calls.AddLine("k", "b-1", "301", None))

    assert answer == BasketNow(a_basket("b-1"), "l-1")


def test_an_answer_counts_as_a_bad_one_when_it_is_not_as_agreed(tiny: tuple[TinyStore, HttpShop]) -> None:
    store, shop = tiny
    store.answer = JSONResponse({**asdict(a_basket("b-1")), "total_minor": "seven"})

    with pytest.raises(ShopAnsweredBadlyError):
        shop.perform(calls.FetchBasket("b-1"))


@pytest.mark.parametrize(("status", "is_bad"), [(500, True), (502, False), (503, False), (504, False)])
def test_the_call_may_be_repeated_when_the_server_broke(
    tiny: tuple[TinyStore, HttpShop], status: int, *, is_bad: bool
) -> None:
    store, shop = tiny
    store.answer = Response("oops", status_code=status)

    with pytest.raises(ShopUnreachableError) as problem:
        shop.perform(calls.Pay("k", APPROVAL, "auth-1"))

    assert isinstance(problem.value, ShopAnsweredBadlyError) == is_bad


def test_code_and_facts_are_told_when_the_store_refuses(tiny: tuple[TinyStore, HttpShop]) -> None:
    store, shop = tiny
    problem = {"type": "x", "title": "t", "status": 401, "code": "pin_wrong", "attempts_left": 3, "errors": []}
    store.answer = JSONResponse(problem, status_code=401, headers={"Retry-After": "30"})

    with pytest.raises(ShopRefusedError) as refusal:
        shop.perform(calls.StepUp("k", "auth-1", "0000"))

    assert refusal.value.code == "pin_wrong"
    assert refusal.value.facts == {"attempts_left": 3, "retry_after_seconds": 30}
    assert not refusal.value.retry


def test_the_store_is_there_when_only_its_messenger_is_away(tiny: tuple[TinyStore, HttpShop]) -> None:
    store, shop = tiny
    store.answer = JSONResponse({"status": 503, "code": "message_not_sent"}, status_code=503)

    with pytest.raises(ShopRefusedError) as refusal:
        shop.perform(calls.AskPhoneCode("k", "+33612345678", "fr"))

    assert refusal.value.code == "message_not_sent"


def test_the_same_call_is_sent_again_when_the_first_is_still_under_way(tiny: tuple[TinyStore, HttpShop]) -> None:
    store, shop = tiny
    store.answer = JSONResponse({"code": "idempotency_in_flight"}, status_code=409)

    with pytest.raises(ShopRefusedError) as refusal:
        shop.perform(calls.Pay("k", APPROVAL, "auth-1"))

    assert refusal.value.retry


def test_lists_are_read_when_they_are_as_agreed(tiny: tuple[TinyStore, HttpShop]) -> None:
    store, shop = tiny
    store.answer = JSONResponse({"items": [asdict(a_hit())]})
    assert shop.perform(calls.SearchProducts("pain")) == Products((a_hit(),))
    assert shop.perform(calls.FetchLoose()) == Products((a_hit(),))

    store.answer = JSONResponse({"candidates": [{"reference_id": "r", "model_id": "m", "sealed": "AA"}]})
    assert shop.perform(calls.FetchCandidates("b-1", "5678")) == Candidates((Candidate("r", "m", "AA"),))


def test_the_kiosk_knows_itself_when_two_answers_came(tiny: tuple[TinyStore, HttpShop]) -> None:
    store, shop = tiny
    store.answer = JSONResponse(
        {
            "store_id": "demo",
            "name": "Sésame Démo",
            "payee": "Sésame Démo · Magasin 12",
            "currency": "EUR",
            "country": "FR",
            "timezone": "UTC",
            "demo_prices": True,
        }
    )

    answer = shop.perform(calls.FetchStore())

    assert isinstance(answer, StoreFacts)
    assert answer == a_store()


def test_nothing_is_read_when_nothing_was_to_be_said(tiny: tuple[TinyStore, HttpShop]) -> None:
    store, shop = tiny
    store.answer = Response(status_code=204)

    assert shop.perform(calls.AcknowledgeErasure("k", "e-1")) == Accepted()


def test_the_store_is_out_of_reach_when_nobody_listens() -> None:
    with httpx.Client(base_url="http://127.0.0.1:9", timeout=2) as client, pytest.raises(ShopUnreachableError):
        HttpShop(client).perform(calls.FetchBasket("b-1"))
