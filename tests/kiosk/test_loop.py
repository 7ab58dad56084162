"""One thread owns the visit; what it must remember is on disk before anything leaves."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.loop import EVENTS_AT_MOST, Loop
from kiosk.offline.outbox import SqliteOutbox
from kiosk.offline.replay import ShopWorker
from kiosk.visit import acts, calls, events
from kiosk.visit.effects import Ask, Effect
from kiosk.visit.outcome import ActNotPossibleError
from kiosk.visit.record import VisitRecord
from kiosk.visit.states import State
from kiosk.visit.visit import Visit
from tests.kiosk.builders import MILK, NOON, a_visit, an_authentication, at, welcomed
from tests.kiosk.fakes import FakeShop, MemoryOfOne, a_clock


def a_loop(visit: Visit, memory: MemoryOfOne | None = None) -> tuple[Loop, list[calls.Call], list[Effect], MemoryOfOne]:
    asked: list[calls.Call] = []
    looked: list[Effect] = []
    memory = memory or MemoryOfOne()
    loop = Loop(
        visit,
        memory=memory,
        clock=a_clock(NOON),
        ask_shop=lambda effect: asked.append(effect.call),
        carry_out=looked.append,
    )
    return loop, asked, looked, memory


def taking(loop: Loop) -> Callable[[events.Event], None]:
    def take(event: events.Event) -> None:
        loop.take(event)

    return take


def test_the_basket_id_is_saved_before_it_is_sent_when_the_first_code_is_read() -> None:
    order: list[str] = []
    memory = MemoryOfOne()
    save = memory.save

    def noted(record: VisitRecord | None) -> None:
        order.append("saved")
        save(record)

    memory.save = noted  # type: ignore[method-assign]  # notes when it happens

    def sent(effect: Ask) -> None:
        order.append(type(effect.call).__name__)

    loop = Loop(welcomed(), memory=memory, clock=a_clock(), ask_shop=sent, carry_out=lambda _: None)

    loop.take(acts.Scan(MILK))

    assert order == ["saved", "CreateBasket", "AddLine"]


def test_the_payment_id_is_saved_before_it_is_sent_when_a_shopper_confirms() -> None:
    loop, asked, _, memory = a_loop(at(State.CONFIRMING, auth=an_authentication()))

    loop.take(acts.Confirm())

    (pay,) = asked
    assert isinstance(pay, calls.Pay)
    assert memory.record == VisitRecord("basket-1", pay.key, "fr", paid_with=pay.authentication_id)


def test_the_page_is_told_why_when_an_act_is_not_possible() -> None:
    loop, _, _, _ = a_loop(welcomed())
    loop.start()
    try:
        answer = loop.ask(acts.Confirm())
        with pytest.raises(ActNotPossibleError):
            answer.result(timeout=60)
    finally:
        loop.stop()


def test_the_next_event_is_taken_when_a_step_failed() -> None:
    loop, _, _, _ = a_loop(welcomed())
    loop.start()
    try:
        broken = loop.ask(events.Answered(calls.FetchStore(), None))  # type: ignore[arg-type]  # what must never come
        with pytest.raises(AssertionError):
            broken.result(timeout=60)
        assert loop.ask(acts.OpenSearch()).result(timeout=60) > 0
    finally:
        loop.stop()


def test_events_are_dropped_and_said_so_when_too_many_wait() -> None:
    loop, _, _, _ = a_loop(welcomed())

    taken = [loop.post(events.Ticked()) for _ in range(EVENTS_AT_MOST + 10)]

    assert sum(taken) == EVENTS_AT_MOST


def test_nothing_is_told_when_time_passes_and_nothing_changes() -> None:
    loop, _, _, _ = a_loop(welcomed())
    told: list[int] = []
    loop.listen(lambda _, seq: told.append(seq))

    loop.take(events.Ticked())

    assert told == []


def test_a_visit_runs_from_scan_to_receipt_when_the_shop_answers(tmp_path: Path) -> None:
    shop = FakeShop()
    loop, asked, _, _ = a_loop(a_visit())
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    worker = ShopWorker(shop, outbox, taking(loop))

    def do(event: events.Event) -> None:
        loop.take(event)
        while asked:
            worker.perform(asked.pop(0))

    do(events.Started(None))
    do(acts.Scan(MILK))
    do(acts.Review())
    do(acts.Confirm())
    do(acts.ChooseMethod("code"))
    do(acts.Identify(pin="1111", phone="0612345678"))
    wrong = loop.visit.notice
    do(acts.Identify(pin="2718", phone="0612345678"))
    do(acts.Confirm())

    assert wrong is not None
    assert wrong.code == "pin_wrong"
    assert loop.visit.state is State.RECEIPT
    assert [type(call).__name__ for call in shop.seen].count("Pay") == 1


def test_the_same_basket_is_paid_once_when_the_process_restarts_while_paying(tmp_path: Path) -> None:
    shop = FakeShop()
    memory = MemoryOfOne()
    loop, asked, _, _ = a_loop(at(State.CONFIRMING, auth=an_authentication()), memory)
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    loop.take(acts.Confirm())
    outbox.append(asked.pop())  # type: ignore[arg-type]  # saved, and then the power fails

    again, asked_again, _, _ = a_loop(a_visit(), memory)
    worker = ShopWorker(shop, outbox, taking(again))
    again.take(events.Started(memory.load()))
    while asked_again:
        worker.perform(asked_again.pop(0))

    assert again.visit.state is State.RECEIPT
    assert [type(call).__name__ for call in shop.seen].count("Pay") == 1
