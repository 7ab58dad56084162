"""A basket that comes as text is laid in once, whatever is read twice, lost or mixed up."""

import pytest

from checkout import Carried, CarriedKind, write_basket
from kiosk.ui.screens import screen_of
from kiosk.visit import acts, calls, events
from kiosk.visit.states import State
from kiosk.visit.step import step
from kiosk.visit.visit import Visit, sure
from tests.kiosk.builders import NOON, after, asked, at, shopping, walked, welcomed

GOODS = (
    Carried(CarriedKind.PRODUCT, "s-1", 2),
    Carried(CarriedKind.LABEL, "2112345001500"),
    Carried(CarriedKind.LABEL, "01030176204220033103001250"),
    Carried(CarriedKind.COUPON, "ABCD-EFGH"),
)
(TEXT,) = write_basket("demo", GOODS)
LONG = write_basket("demo", [Carried(CarriedKind.PRODUCT, f"{3017620422003 + step * 7919}") for step in range(60)])


def read(visit: Visit, *texts: str, seconds: float = 0) -> tuple[Visit, list[calls.Call]]:
    made: list[calls.Call] = []
    for place, text in enumerate(texts):
        visit, effects = step(visit, events.CodeRead(text, "qr"), after(seconds + 2 * place))
        made += asked(effects)
    return visit, made


def test_all_goods_come_into_a_new_basket_when_their_code_is_read() -> None:
    visit, made = read(welcomed(), TEXT)

    opened, product, label, gs1, coupon = made
    assert isinstance(opened, calls.CreateBasket)
    assert (visit.state, visit.basket_id) == (State.SHOPPING, opened.basket_id)
    assert isinstance(product, calls.AddSku)
    assert (product.sku, product.quantity) == ("s-1", 2)
    assert isinstance(label, calls.AddLine)
    assert (label.code, label.symbology) == ("2112345001500", None)
    assert isinstance(gs1, calls.AddLine)
    assert (gs1.symbology, gs1.quantity) == ("gs1128", 1)
    assert isinstance(coupon, calls.ApplyCoupon)
    assert (sure(visit.notice).code, len(visit.unsent)) == ("carried_laid", 3)


def test_nothing_is_added_when_the_same_code_is_read_again() -> None:
    visit, _ = read(welcomed(), TEXT)

    again, made = read(visit, TEXT, seconds=60)

    assert (made, sure(again.notice).code) == ([], "carried_again")


def test_the_lines_have_the_same_ids_when_a_kiosk_that_was_killed_reads_the_code_again() -> None:
    _, first = read(shopping(), TEXT)

    _, again = read(shopping(ids_made=77), TEXT)

    assert again == first


def test_the_missing_codes_are_named_when_one_of_three_was_read() -> None:
    visit, made = read(welcomed(), LONG[1])

    assert made == []
    assert (visit.state, sure(visit.notice).facts) == (State.WELCOME, {"number": 2, "of": 3, "missing": "1, 3"})
    assert screen_of(visit, 1)["gathering"] == {"of": 3, "missing": [1, 3]}
    visit, made = read(visit, LONG[2], LONG[0], seconds=60)
    assert (len(made), screen_of(visit, 1)["gathering"]) == (61, None)


def test_codes_are_forgotten_when_nobody_shows_the_rest() -> None:
    visit, _ = read(welcomed(), LONG[1])

    visit, _ = walked(visit, events.Ticked(), now=after(100))

    assert screen_of(visit, 1)["gathering"] is None


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        (TEXT[:-1] + ("A" if TEXT[-1] != "A" else "B"), "code_misread"),
        (write_basket("another", GOODS)[0], "carried_elsewhere"),
    ],
)
def test_the_reason_is_said_when_a_code_brings_nothing(text: str, notice: str) -> None:
    visit, made = read(shopping(), text)

    assert (made, sure(visit.notice).code, visit.state) == ([], notice, State.SHOPPING)


def test_the_codes_are_asked_for_again_when_they_do_not_belong_together() -> None:
    visit, _ = read(welcomed(), LONG[0], LONG[1])
    parts = visit.gathering.parts
    forged = type(visit.gathering)((parts[0], type(parts[1])(parts[1].id, 2, 3, b"other")))
    visit = at(State.SHOPPING, gathering=forged)

    visit, made = read(visit, LONG[2])

    assert (made, sure(visit.notice).code, visit.gathering.parts) == ([], "carried_broken", ())


def test_nothing_is_laid_in_when_somebody_is_choosing_how_to_pay() -> None:
    visit, made = read(at(State.METHOD), TEXT)

    assert (made, visit.state, visit.notice) == ([], State.METHOD, None)


def test_a_typed_code_counts_like_a_shown_one_when_a_scanner_types() -> None:
    visit, effects = step(welcomed(), acts.Scan(TEXT), NOON)

    assert len(asked(effects)) == 5
    assert visit.laid
