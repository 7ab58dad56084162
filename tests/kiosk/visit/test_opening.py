"""How a visit opens: at a start, after a crash, and a basket ahead of the first code."""

import pytest

from kiosk.visit import acts, calls, events
from kiosk.visit.record import VisitRecord
from kiosk.visit.states import State
from kiosk.visit.visit import record_of
from tests.kiosk.builders import (
    MILK,
    a_basket,
    a_payment,
    a_store,
    a_visit,
    after,
    answered,
    asked,
    shopping,
    walked,
    welcomed,
)


def test_the_kiosk_opens_when_the_store_says_who_it_is() -> None:
    visit, effects = walked(a_visit(), events.Started(None))

    visit, _ = walked(visit, answered(asked(effects)[0], a_store()))

    assert visit.state is State.WELCOME
    assert visit.store == a_store()


def test_the_same_basket_returns_when_the_process_restarts() -> None:
    visit, effects = walked(a_visit(), events.Started(VisitRecord("basket-9", None, "zh")))

    visit, effects = walked(visit, answered(asked(effects)[0], a_store()))
    visit, _ = walked(visit, answered(asked(effects)[0], events.BasketNow(a_basket("basket-9"))))

    assert (visit.state, visit.basket_id, visit.locale) == (State.SHOPPING, "basket-9", "zh")
    assert visit.basket == a_basket("basket-9")


def test_the_record_stays_on_disk_when_the_store_is_out_of_reach_at_the_start() -> None:
    record = VisitRecord("basket-9", "pay-9", "fr")

    visit, effects = walked(a_visit(), events.Started(record))
    visit, _ = walked(visit, events.Unreached(asked(effects)[0], kept=False, waiting=0))

    assert visit.state is State.OUT_OF_ORDER
    assert record_of(visit) == record


def test_the_receipt_shows_when_the_process_restarts_given_the_payment_went_through() -> None:
    visit, effects = walked(a_visit(), events.Started(VisitRecord("basket-9", "pay-9", "fr")))
    visit, effects = walked(visit, answered(asked(effects)[0], a_store()))
    assert visit.state is State.CHECKING

    visit, _ = walked(visit, answered(calls.FetchPayment("pay-9"), a_payment("pay-9", "basket-9")))

    assert visit.state is State.RECEIPT


def test_the_review_shows_when_the_process_restarts_given_no_payment_happened() -> None:
    visit, _ = walked(a_visit(), events.Started(VisitRecord("basket-9", "pay-9", "fr")))
    visit, effects = walked(visit, answered(calls.FetchStore(), a_store()))

    visit, effects = walked(visit, events.Refused(calls.FetchPayment("pay-9"), "payment_not_found", {}))
    visit, effects = walked(visit, events.Refused(asked(effects)[0], "payment_not_found", {}))

    assert visit.state is State.REVIEW
    assert visit.payment_id is None
    assert asked(effects)[-1] == calls.QuoteBasket("basket-9")


def test_the_basket_is_open_already_when_the_first_code_is_read() -> None:
    visit, effects = walked(welcomed(), events.Approached(), events.Approached())
    (opening,) = asked(effects)
    assert isinstance(opening, calls.CreateBasket)
    assert record_of(visit) is None  # nobody shops yet: after a crash the kiosk greets

    visit, effects = walked(visit, events.CodeRead(MILK, "ean13"))

    (line,) = asked(effects)
    assert isinstance(line, calls.AddLine)
    assert line.basket_id == visit.basket_id == opening.basket_id
    assert visit.spare is None


def test_the_spare_basket_serves_the_next_shopper_when_nobody_used_it() -> None:
    visit, effects = walked(welcomed(), acts.OpenSearch(), acts.Back())
    opening, _ = asked(effects)

    visit, effects = walked(visit, events.Approached(), events.CodeRead(MILK, "ean13"))

    assert visit.basket_id == getattr(opening, "basket_id", "")
    assert [type(call) for call in asked(effects)] == [calls.AddLine]


def test_the_spare_basket_is_put_away_when_nobody_comes() -> None:
    visit, effects = walked(welcomed(), events.Approached())
    (opening,) = asked(effects)
    assert isinstance(opening, calls.CreateBasket)

    visit, effects = walked(visit, events.Ticked(), now=after(301))

    (gone,) = asked(effects)
    assert isinstance(gone, calls.AbandonBasket)
    assert gone.basket_id == opening.basket_id
    assert visit.spare is None


@pytest.mark.parametrize("why", ["refused", "stale"])
def test_the_first_code_opens_a_basket_of_its_own_when_the_spare_one_is_no_use(why: str) -> None:
    visit, effects = walked(welcomed(), events.Approached())
    (opening,) = asked(effects)
    if why == "refused":
        visit, _ = walked(visit, events.Refused(opening, "unexpected", {}))
        assert visit.notice is None

    visit, effects = walked(visit, events.CodeRead(MILK, "ean13"), now=after(301))

    assert [type(call) for call in asked(effects)] == [calls.CreateBasket, calls.AddLine]
    assert visit.basket_id != getattr(opening, "basket_id", "")


def test_no_basket_is_opened_ahead_when_the_network_is_away_or_somebody_shops() -> None:
    assert asked(walked(welcomed(online=False), events.Approached())[1]) == []
    assert asked(walked(shopping(), events.Approached())[1]) == []
