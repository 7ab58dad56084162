"""A slow or absent store is stood in for; what was said in its place never comes after its own word."""

import queue
import threading
from pathlib import Path

from checkout import CodeRow
from kiosk.offline.catalogue import Catalogue
from kiosk.offline.meanwhile import Meanwhile
from kiosk.offline.outbox import SqliteOutbox
from kiosk.offline.replay import ShopWorker
from kiosk.offline.till import LocalTill
from kiosk.visit import calls, events
from tests.kiosk.builders import MILK, NOON
from tests.kiosk.fakes import FakeShop
from tests.kiosk.offline.builders import a_catalogue, a_product

OPENING = calls.CreateBasket("basket-1")
CATALOGUE = a_catalogue()


def scan(key: str, code: str = MILK) -> calls.AddLine:
    return calls.AddLine(key, "basket-1", code, "ean13")


class House:
    """A worker with its till and stand-in; no thread runs unless the test starts it."""

    def __init__(self, folder: Path, *, patience: float = 60, catalogue: Catalogue = CATALOGUE) -> None:
        self.shop = FakeShop()
        self.told: list[events.Event] = []
        self.outbox = SqliteOutbox(folder / "outbox.sqlite")
        till = LocalTill(lambda: catalogue, self.outbox.pending, lambda: NOON)
        self.worker = ShopWorker(self.shop, self.outbox, self.told.append, till=till, first_pause_seconds=0.001)
        self.meanwhile = self.worker.meanwhile = Meanwhile(
            till, self.post, self.worker.withdraw, lambda: self.worker.is_online, patience_seconds=patience
        )

    def post(self, event: events.Event) -> bool:
        self.told.append(event)
        return True

    def take(self, *told: calls.Call) -> None:
        """Take calls over, let the worker do what it can, then what is due be answered here."""
        for call in told:
            assert self.worker.submit(call)
        while not self.worker._queue.empty():
            self.worker._carry_out(self.worker._queue.get_nowait())
        self.meanwhile.answer_due(0.0)

    def provisional(self) -> list[int]:
        """Return the totals that were shown without the store."""
        return [
            one.answer.basket.total_minor
            for one in self.told
            if isinstance(one, events.Provisional) and isinstance(one.answer, events.BasketNow)
        ]


def test_total_is_shown_at_once_when_the_store_is_known_to_be_away(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.shop.plugged = False

    house.take(OPENING, scan("k1"))

    assert house.provisional()[-1] == 300
    assert len(house.outbox.pending()) == 2


def test_nothing_is_said_in_its_place_when_the_store_answers_in_time(tmp_path: Path) -> None:
    house = House(tmp_path)

    house.take(OPENING, scan("k1"), calls.FetchBasket("basket-1"))
    house.meanwhile.answer_due(1e12)

    assert house.provisional() == []


def test_slow_store_is_stood_in_for_when_patience_is_over(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.worker.submit(OPENING)
    house.worker.submit(scan("k1"))

    house.meanwhile.answer_due(1e12)

    assert house.provisional() == [300, 300]


def test_goods_are_refused_and_never_sent_when_the_catalogue_does_not_know_them(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.shop.plugged = False

    house.take(OPENING, scan("k1", "96385074"))
    house.shop.plugged = True
    house.worker.flush()

    refusals = [one for one in house.told if isinstance(one, events.ProvisionalRefusal)]
    assert [(one.code, one.call) for one in refusals] == [("product_not_found", scan("k1", "96385074"))]
    assert house.shop.baskets["basket-1"].lines == ()


def test_write_is_left_to_the_store_when_it_may_have_heard_of_it(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.take(OPENING)
    house.shop.lost_answers = 1

    house.take(scan("k1", "96385074"))

    assert not any(isinstance(one, events.ProvisionalRefusal) for one in house.told)
    assert [write.key for write in house.outbox.pending()] == ["k1"]


def test_basket_stays_provisional_when_writes_are_replayed_until_the_last_is_answered(tmp_path: Path) -> None:
    same = a_product("s-1", 399)  # what the fake store calls everything
    house = House(tmp_path, catalogue=a_catalogue(products=(same,), codes=(CodeRow(MILK, "s-1"),), promotions=()))
    house.shop.plugged = False
    house.take(OPENING, scan("k1"), scan("k2"))
    house.told.clear()

    house.shop.plugged = True
    assert house.worker.flush()

    answers = [one.answer for one in house.told if isinstance(one, events.Answered)]
    baskets = [answer.basket for answer in answers if isinstance(answer, events.BasketNow)]
    assert [basket.provisional for basket in baskets] == [True, True, False]
    assert all(basket.lines for basket in baskets)


def test_answers_come_by_themselves_when_the_thread_runs(tmp_path: Path) -> None:
    house = House(tmp_path, patience=0.01)
    there = threading.Event()

    def post(_: events.Event) -> bool:
        there.set()
        return True

    house.meanwhile._post = post

    house.meanwhile.start()
    house.worker.submit(OPENING)
    house.worker.submit(scan("k1"))

    assert there.wait(60)
    house.meanwhile.stop()


def test_scan_is_foreseen_at_once_and_once_when_the_store_has_not_answered_yet(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.worker.submit(OPENING)
    house.worker.submit(scan("k1"))

    house.meanwhile.answer_due(0.0)
    house.meanwhile.answer_due(0.0)

    assert [one.line_id for one in house.told if isinstance(one, events.Foreseen)] == ["k1"]
    assert house.provisional() == []


class AtOnce(queue.Queue[calls.Call]):
    """Has a call carried out before whoever puts it here goes on."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self._house = house

    def put_nowait(self, item: calls.Call) -> None:
        self._house.worker._carry_out(item)


def test_nothing_is_said_in_the_stores_place_when_it_answers_before_the_question_is_handed_over(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.worker._queue = AtOnce(house)
    for call in (OPENING, scan("k1"), calls.QuoteBasket("basket-1")):
        house.worker.submit(call)
    house.told.clear()

    house.meanwhile.answer_due(float("inf"))

    assert house.told == []


def test_nothing_is_foreseen_when_the_store_was_faster(tmp_path: Path) -> None:
    house = House(tmp_path)

    house.take(OPENING, scan("k1"))

    assert not any(isinstance(one, events.Foreseen) for one in house.told)
