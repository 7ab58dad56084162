"""Every panel has exactly the keys of ``kiosk/ui/web/screen.ts``, which the page is compiled against."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.ui.screens import screen_of
from kiosk.visit.states import State
from kiosk.visit.values import HandOver, KeptCoupon
from kiosk.visit.visit import Joining, Look, Unsent, Visit, case_number
from tests.kiosk.builders import (
    MILK,
    NOON,
    TEXTS,
    a_basket,
    a_consent,
    a_coupon_on_it,
    a_hit,
    a_payment,
    a_visit,
    an_attendant,
    an_authentication,
    an_enrolment,
    an_erasure,
    at,
    shopping,
    welcomed,
)

SCREEN_TS = Path(__file__).resolve().parents[3] / "kiosk" / "ui" / "web" / "screen.ts"


def interface_keys(name: str) -> set[str]:
    """Return the keys of one interface of screen.ts."""
    text = _without_comments()
    start = text.index(f"export interface {name} {{")
    return _keys(_block(text, text.index("{", start)))


def panel_keys() -> dict[str, set[str]]:
    """Return the keys of each panel of screen.ts by its name."""
    text = _without_comments()
    start = text.index("export type Panel =")
    end = text.index("export interface SearchHit")
    panels: dict[str, set[str]] = {}
    place = text.find("{", start)
    while 0 <= place < end:
        block = _block(text, place)
        found = re.search(r'name: "(\w+)"', block)
        assert found is not None
        panels[found.group(1)] = _keys(block)
        place = text.find("{", place + len(block) + 2)
    return panels


def _without_comments() -> str:
    return re.sub(r"/\*.*?\*/", "", SCREEN_TS.read_text(encoding="utf-8"), flags=re.DOTALL)


def _block(text: str, opening: int) -> str:
    depth = 0
    for place in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[opening + 1 : place]
    raise AssertionError("screen.ts has an open brace")


def _keys(block: str) -> set[str]:
    flat = block
    while "{" in flat:
        flat = re.sub(r"\{[^{}]*\}", "", flat)
    return set(re.findall(r"(\w+)\??:", flat))


def in_every_state() -> list[Visit]:
    joining = Joining(a_consent())
    look = Look("look-1")
    return [
        a_visit(),
        welcomed(),
        shopping(a_basket(coupons=(a_coupon_on_it(),))),
        at(State.SEARCH, query="p", hits=(a_hit(),)),
        at(State.REVIEW),
        at(State.METHOD),
        at(State.DIGITS),
        at(State.LOOKING, look=look),
        at(State.CODE, wallet_code="12345678"),
        at(State.CONFIRMING, auth=an_authentication(step_up=True)),
        at(State.PAYING, payment_id="6f3c1a52-0d1e-4f5b-9b7e-5f0f5a9f1c11"),
        at(State.CHECKING, payment_id="6f3c1a52-0d1e-4f5b-9b7e-5f0f5a9f1c11"),
        at(State.DESK),
        at(State.ASIDE, aside=HandOver("SESAME:B:t", "/b/t", NOON)),
        at(State.ASIDE, aside=HandOver("", "", None, ("SESAME:H:t",))),
        at(State.RECEIPT, payment=a_payment("pay-1", "basket-1")),
        at(State.ENROL_CONSENT, joining=joining),
        at(State.ENROL_DETAILS, joining=joining),
        at(State.ENROL_CODE, joining=joining),
        at(State.ENROL_CAPTURE, joining=joining, look=look),
        at(State.ENROL_DONE, enrolment=an_enrolment()),
        at(State.ENROL_TEST, enrolment=an_enrolment(), own_reference="ref-1", look=look),
        at(State.WITHDRAW),
        at(State.WITHDRAWN, erasure=an_erasure("e-1")),
        at(State.STAFF, attendant=an_attendant()),
        at(State.PAUSED),
    ]


def test_every_state_is_a_panel_when_the_page_is_compiled() -> None:
    assert set(panel_keys()) == {state.value for state in State} == {visit.state.value for visit in in_every_state()}


@pytest.mark.parametrize("visit", in_every_state(), ids=lambda visit: visit.state.value)
def test_the_panel_has_the_keys_of_the_page_when_it_is_shown(visit: Visit) -> None:
    screen = screen_of(visit, 7)

    assert set(screen) == interface_keys("Screen")
    assert set(screen["panel"]) == panel_keys()[visit.state.value]
    assert set(screen["kiosk"]) == {
        "kiosk_id",
        "name",
        "store",
        "payee",
        "currency",
        "demo_prices",
        "timezone",
        "server_url",
    }


def test_the_parts_have_the_keys_of_the_page_when_they_are_shown() -> None:
    kept = KeptCoupon("KEPT-2345", TEXTS)
    visit = shopping(replace(a_basket(coupons=(a_coupon_on_it(),)), kept_coupons=(kept,)), query="p")
    visit = visit.say("warn", "unknown_code", NOON, code="1").flash("unknown", "1")

    screen = screen_of(visit, 1)
    basket: dict[str, Any] = screen["basket"]

    assert set(basket) == interface_keys("Basket")
    assert set(basket["lines"][0]) == interface_keys("BasketLine")
    assert set(basket["lines"][0]["adjustments"][0]) == interface_keys("Adjustment")
    assert set(basket["coupons"][0]) == interface_keys("BasketCoupon")
    assert set(basket["kept_coupons"][0]) == interface_keys("KeptCoupon")
    assert set(screen["cameras"][0]) == interface_keys("Camera")
    assert set(screen["notice"]) == interface_keys("Notice")
    assert set(screen["last_scan"]) == interface_keys("LastScan")
    hit = screen_of(at(State.SEARCH, hits=(a_hit(),)), 1)["panel"]["results"][0]
    assert set(hit) == interface_keys("SearchHit")


def test_no_secret_is_in_the_screen_when_a_shopper_joins() -> None:
    joining = Joining(a_consent(), name="Lina Durand", phone="+33612345678", pin="864213")

    shown = repr(screen_of(at(State.ENROL_CAPTURE, joining=joining, look=Look("l")), 1))

    assert "864213" not in shown
    assert "612345678" not in shown


def test_lines_wait_without_a_price_when_the_network_is_away() -> None:
    milk = Unsent("line-7", MILK, "Pâte à tartiner")

    away, back = (screen_of(shopping(online=online, unsent=(milk,)), 1) for online in (False, True))

    assert away["waiting"] == [{"line_id": "line-7", "code": MILK, "name": "Pâte à tartiner"}]
    assert back["waiting"] == []  # the answer is there within a blink: showing it twice would only flicker


def test_the_case_number_can_be_read_out_when_a_payment_is_under_way() -> None:
    visit = a_visit(payment_id="6f3c1a52-0d1e-4f5b-9b7e-5f0f5a9f1c11")

    assert case_number(visit) == "6F3C-1A52"


@pytest.mark.parametrize(("factors", "shown"), [(("face",), True), (("face", "pin"), False), (("pin",), False)])
def test_what_is_left_without_a_pin_is_told_when_no_pin_was_given(factors: tuple[str, ...], *, shown: bool) -> None:
    visit = at(State.CONFIRMING, auth=an_authentication(factors=factors))

    told = screen_of(visit, 1)["panel"]["face_left"]

    assert (told is not None) is shown
