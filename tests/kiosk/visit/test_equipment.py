"""Weighing and printing in a visit, and what happens when the device is not there."""

from dataclasses import replace

import pytest

from kiosk.ui.screens import screen_of
from kiosk.visit import acts, calls, events
from kiosk.visit.effects import Ask, PrintTicket, Weigh
from kiosk.visit.outcome import ActNotPossibleError
from kiosk.visit.possible import possible
from kiosk.visit.states import State
from kiosk.visit.step import step
from kiosk.visit.visit import Visit, sure
from tests.kiosk.builders import NOON, a_basket, a_hit, a_line, a_payment, a_store, a_ticket_body, at


def searching(**devices: str) -> Visit:
    hit = replace(a_hit(), sku="apples", name="Pommes", is_weighed=True)
    return at(State.SEARCH, query="pom", hits=(hit,), devices=tuple(devices.items()))


def paid(**devices: str) -> Visit:
    return at(State.RECEIPT, payment=a_payment("pay-1", "basket-1"), devices=tuple(devices.items()))


def test_the_weight_goes_into_the_basket_when_a_weighed_product_is_chosen() -> None:
    visit, (weigh,) = step(searching(scale="on"), acts.Pick("apples"), NOON)
    assert isinstance(weigh, Weigh)
    assert screen_of(visit, 1)["panel"]["weighing"] == {"name": "Pommes"}

    visit, effects = step(visit, events.Weighed(weigh.weigh_id, 412), NOON)

    calls_made = [effect.call for effect in effects if isinstance(effect, Ask)]
    assert [(call.sku, call.weight_g) for call in calls_made if isinstance(call, calls.AddSku)] == [("apples", 412)]
    assert visit.state is State.SHOPPING
    assert visit.weighing is None


def test_a_colleague_is_offered_when_there_is_no_scale() -> None:
    visit, effects = step(searching(), acts.Pick("apples"), NOON)

    assert (sure(visit.notice).code, effects, visit.state) == ("scale_missing", (), State.SEARCH)


@pytest.mark.parametrize("reason", ["empty", "moving", "over", "tared", "not_ready", "lost"])
def test_the_reason_is_said_when_there_is_no_weight(reason: str) -> None:
    visit, (weigh,) = step(searching(scale="on"), acts.Pick("apples"), NOON)
    assert isinstance(weigh, Weigh)

    visit, effects = step(visit, events.WeighingFailed(weigh.weigh_id, reason), NOON)

    assert (sure(visit.notice).code, effects, visit.state) == (f"scale_{reason}", (), State.SEARCH)
    assert visit.weighing is None


def test_a_weight_is_passed_over_when_the_shopper_has_gone_on() -> None:
    visit, (weigh,) = step(searching(scale="on"), acts.Pick("apples"), NOON)
    assert isinstance(weigh, Weigh)
    visit, _ = step(visit, acts.Back(), NOON)

    after, effects = step(visit, events.Weighed(weigh.weigh_id, 412), NOON)

    assert (after, effects) == (visit, ())


def test_the_receipt_is_fetched_and_printed_when_it_is_asked_for() -> None:
    visit, (asked,) = step(paid(printer="on"), acts.PrintReceipt(), NOON)
    assert isinstance(asked, Ask)
    assert asked.call == calls.FetchTicket("t-1")
    assert "print_ticket" not in possible(visit)

    visit, (printing,) = step(visit, events.Answered(asked.call, a_ticket_body()), NOON)
    assert isinstance(printing, PrintTicket)
    visit, _ = step(visit, events.Printed(printing.job_id), NOON)

    assert screen_of(visit, 1)["panel"]["paper"] == "printed"


@pytest.mark.parametrize("reason", ["paper_out", "lost", "busy"])
def test_printing_is_offered_again_when_it_failed(reason: str) -> None:
    visit, (asked,) = step(paid(printer="on"), acts.PrintReceipt(), NOON)
    assert isinstance(asked, Ask)
    visit, (printing,) = step(visit, events.Answered(asked.call, a_ticket_body()), NOON)
    assert isinstance(printing, PrintTicket)

    visit, _ = step(visit, events.PrintFailed(printing.job_id, reason), NOON)

    assert sure(visit.notice).code == f"print_{reason}"
    assert "print_ticket" in possible(visit)


def test_printing_fails_in_words_when_the_network_is_away() -> None:
    visit, (asked,) = step(paid(printer="on"), acts.PrintReceipt(), NOON)
    assert isinstance(asked, Ask)

    visit, _ = step(visit, events.Unreached(asked.call, kept=False, waiting=0), NOON)

    assert sure(visit.notice).code == "print_offline"
    assert visit.paper == ""


@pytest.mark.parametrize("state", ["lost", "paper_out", ""])
def test_printing_is_not_offered_when_the_printer_cannot(state: str) -> None:
    visit = paid(printer=state) if state else paid()

    with pytest.raises(ActNotPossibleError):
        step(visit, acts.PrintReceipt(), NOON)


def test_the_next_visit_knows_the_devices_when_a_visit_ends() -> None:
    visit, _ = step(paid(printer="on"), events.DeviceChanged("scale", "lost"), NOON)
    visit, _ = step(visit, acts.NewVisit(), NOON)

    assert visit.devices == (("printer", "on"), ("scale", "lost"))
    assert visit.paper == ""


@pytest.mark.parametrize(
    ("country", "months", "printer", "notice", "paper"),
    [
        ("FR", 24, "on", "paper_warranty", "printing"),
        ("FR", 24, "lost", "paper_warranty_at_desk", ""),
        ("FR", None, "on", None, ""),
        ("CN", 24, "on", None, ""),
    ],
)
def test_paper_comes_by_itself_only_where_the_law_wants_it(
    country: str, months: int | None, printer: str, notice: str | None, paper: str
) -> None:
    basket = a_basket(lines=(a_line(warranty_months=months),))
    store = replace(a_store(), country=country)
    visit = at(
        State.PAYING, store=store, basket=basket, payment_id="pay-1", asked_at=NOON, devices=(("printer", printer),)
    )

    visit, _ = step(visit, events.PaymentCaptured("basket-1", "pay-1"), NOON)
    asked = calls.FetchPayment("pay-1")
    visit, effects = step(visit, events.Answered(asked, a_payment("pay-1", "basket-1")), NOON)

    assert visit.state is State.RECEIPT
    assert (visit.notice and visit.notice.code, visit.paper) == (notice, paper)
    assert bool(effects) == (paper == "printing")
