"""Writes survive whatever happens to the process, and nothing secret lies on disk."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

from kiosk.offline.memory import LastSeenFile, VisitFile
from kiosk.offline.outbox import AT_MOST, SqliteOutbox
from kiosk.offline.replay import BAD_ANSWERS, TRIES, ShopWorker
from kiosk.visit import calls, events
from kiosk.visit.record import LastSeen, VisitRecord
from tests.kiosk.builders import MILK, a_basket, a_store, shopping, welcomed
from tests.kiosk.fakes import FakeShop

ROOT = Path(__file__).resolve().parents[3]


def a_write(key: str) -> calls.AddLine:
    return calls.AddLine(key, "basket-1", MILK, "ean13")


def a_worker(tmp_path: Path, shop: FakeShop) -> tuple[ShopWorker, SqliteOutbox, list[events.Event]]:
    told: list[events.Event] = []
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    return ShopWorker(shop, outbox, told.append, first_pause_seconds=0.001), outbox, told


def test_writes_come_back_in_order_when_the_file_is_opened_again(tmp_path: Path) -> None:
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    for number in range(5):
        outbox.append(a_write(f"k{number}"))
    outbox.settle("k2")
    outbox.close()

    again = SqliteOutbox(tmp_path / "outbox.sqlite")

    assert [write.key for write in again.pending()] == ["k0", "k1", "k3", "k4"]
    assert again.pending()[0] == a_write("k0")


def test_the_outbox_says_no_when_it_is_full(tmp_path: Path) -> None:
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")

    taken = [outbox.append(a_write(f"k{number}")) for number in range(AT_MOST + 3)]

    assert sum(taken) == AT_MOST
    assert len(outbox.pending()) == AT_MOST


def test_no_pin_lies_on_disk_when_a_shopper_identifies(tmp_path: Path) -> None:
    shop = FakeShop()
    shop.plugged = False
    worker, outbox, told = a_worker(tmp_path, shop)
    call = calls.AuthenticatePin("auth-key-1", calls.Approval("b", "d", 718, "p"), "+33612345678", None, "864213")
    seen_on_disk: list[bytes] = []
    shop.before = lambda: seen_on_disk.append(b"".join(path.read_bytes() for path in tmp_path.iterdir()))

    worker.perform(call)

    assert len(seen_on_disk) == TRIES
    assert all(b"auth-key-1" in disk for disk in seen_on_disk)
    assert not any(b"864213" in disk or b"612345678" in disk for disk in seen_on_disk)
    assert told == [events.Unreached(call, kept=False, waiting=0)]
    assert outbox.pending() == ()


def test_the_store_sees_each_line_once_in_order_when_the_plug_was_pulled(tmp_path: Path) -> None:
    shop = FakeShop()
    worker, outbox, told = a_worker(tmp_path, shop)
    worker.perform(calls.CreateBasket("basket-1"))
    shop.plugged = False
    for key in ("k1", "k2", "k3"):
        worker.perform(a_write(key))
    assert len(outbox.pending()) == 3

    shop.plugged = True
    assert worker.flush()

    assert [line.line_id for line in shop.baskets["basket-1"].lines] == ["k1", "k2", "k3"]
    assert outbox.pending() == ()
    assert events.ShopBack() in told


def test_a_line_counts_once_when_its_answer_was_lost(tmp_path: Path) -> None:
    shop = FakeShop()
    worker, _, _ = a_worker(tmp_path, shop)
    worker.perform(calls.CreateBasket("basket-1"))

    shop.lost_answers = 1
    worker.perform(a_write("k1"))
    worker.flush()

    assert [line.line_id for line in shop.baskets["basket-1"].lines] == ["k1"]
    assert [call.key for call in shop.seen if isinstance(call, calls.AddLine)] == ["k1", "k1"]


def test_a_call_for_help_goes_past_a_payment_that_hangs(tmp_path: Path) -> None:
    shop = FakeShop()
    worker, outbox, _ = a_worker(tmp_path, shop)
    shop.pay_hangs = True
    pay = calls.Pay("pay-1", calls.Approval("basket-1", "d", 718, "p"), "auth-1")
    worker.perform(pay)
    stuck = calls.OpenIntervention("call-1", "payment_stuck", "basket-1", {"case": "PAY1"})

    worker.perform(stuck)

    assert shop.seen == [stuck]
    assert outbox.pending() == (pay,)


def test_a_call_for_help_waits_when_the_store_has_not_heard_of_its_basket(tmp_path: Path) -> None:
    shop = FakeShop()
    worker, outbox, _ = a_worker(tmp_path, shop)
    shop.plugged = False
    worker.perform(calls.CreateBasket("basket-1"))
    worker.perform(calls.OpenIntervention("call-1", "help_requested", "basket-1"))

    shop.plugged = True
    worker.flush()

    assert [type(call) for call in shop.seen] == [calls.CreateBasket, calls.OpenIntervention]
    assert outbox.pending() == ()


def test_a_question_waits_behind_the_writes_when_the_store_is_away(tmp_path: Path) -> None:
    shop = FakeShop()
    worker, _, told = a_worker(tmp_path, shop)
    shop.plugged = False
    worker.perform(a_write("k1"))

    worker.perform(calls.QuoteBasket("basket-1"))

    assert told[-1] == events.Unreached(calls.QuoteBasket("basket-1"), kept=False, waiting=1)


def test_later_writes_go_on_when_the_store_breaks_over_one_again_and_again(tmp_path: Path) -> None:
    shop = FakeShop()
    worker, outbox, told = a_worker(tmp_path, shop)
    worker.perform(calls.CreateBasket("basket-1"))
    shop.breaks_over = {"bad"}
    tries: list[None] = []
    shop.before = lambda: tries.append(None)
    for key in ("bad", "k1", "k2"):
        outbox.append(a_write(key))
    both_are_there = threading.Event()
    shop.kept = lambda basket: both_are_there.set() if len(basket.lines) == 2 else None

    worker.start()
    assert both_are_there.wait(60)
    worker.stop()

    assert len(tries) == BAD_ANSWERS + 2
    assert events.Refused(a_write("bad"), "not_as_agreed", {}) in told
    assert [line.line_id for line in shop.baskets["basket-1"].lines] == ["k1", "k2"]
    assert outbox.pending() == ()


def test_a_store_that_stumbles_gets_its_time_when_somebody_taps_quickly(tmp_path: Path) -> None:
    shop = FakeShop()
    told: list[events.Event] = []
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    worker = ShopWorker(shop, outbox, told.append, first_pause_seconds=60)
    worker.perform(calls.CreateBasket("basket-1"))
    shop.breaks_over = {"k0"}

    for number in range(BAD_ANSWERS * 3):
        worker.perform(a_write(f"k{number}"))

    assert len(outbox.pending()) == BAD_ANSWERS * 3
    assert not any(isinstance(event, events.Refused) for event in told)


def test_writes_wait_without_end_when_there_is_no_network(tmp_path: Path) -> None:
    shop = FakeShop()
    worker, outbox, told = a_worker(tmp_path, shop)
    shop.plugged = False
    outbox.append(a_write("k1"))

    assert not any(worker.flush() for _ in range(BAD_ANSWERS * 4))

    assert outbox.pending() == (a_write("k1"),)
    assert not any(isinstance(event, events.Refused) for event in told)


def test_writes_are_there_when_the_process_is_killed_right_after_saving(tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import os, pathlib, signal
        from kiosk.offline.memory import VisitFile
        from kiosk.offline.outbox import SqliteOutbox
        from kiosk.visit import calls
        from kiosk.visit.record import VisitRecord
        folder = pathlib.Path({str(tmp_path)!r})
        VisitFile(folder / "visit.json").save(VisitRecord("basket-1", "pay-1", "zh"))
        outbox = SqliteOutbox(folder / "outbox.sqlite")
        outbox.append(calls.CreateBasket("basket-1"))
        outbox.append(calls.Pay("pay-1", calls.Approval("basket-1", "d", 718, "p"), "auth-1"))
        os.kill(os.getpid(), signal.SIGKILL)
    """)

    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=os.environ, check=False, timeout=60)

    assert ended.returncode == -signal.SIGKILL
    pending = SqliteOutbox(tmp_path / "outbox.sqlite").pending()
    assert pending == (
        calls.CreateBasket("basket-1"),
        calls.Pay("pay-1", calls.Approval("basket-1", "d", 718, "p"), "auth-1"),
    )
    assert VisitFile(tmp_path / "visit.json").load() == VisitRecord("basket-1", "pay-1", "zh")


def test_no_visit_is_open_when_its_file_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "visit.json").write_text('{"basket_id": ')

    assert VisitFile(tmp_path / "visit.json").load() is None


def test_the_last_screen_is_kept_while_a_visit_is_open_and_gone_with_it(tmp_path: Path) -> None:
    kept = LastSeenFile(tmp_path / "last_seen.json")

    kept.show(shopping(), 1)
    assert LastSeenFile(tmp_path / "last_seen.json").load() == LastSeen(a_store(), a_basket())
    kept.show(welcomed(), 2)

    assert LastSeenFile(tmp_path / "last_seen.json").load() is None
    assert list(tmp_path.iterdir()) == []


def test_the_screen_hears_that_the_store_is_back_when_nobody_asks_anything(tmp_path: Path) -> None:
    shop = FakeShop()
    worker, _, told = a_worker(tmp_path, shop)
    shop.plugged = False
    worker.perform(calls.FetchBasket("basket-1"))
    worker.knock()
    assert events.ShopBack() not in told

    shop.plugged = True
    worker.knock()

    assert told[-1] == events.ShopBack()


def test_a_write_keeps_its_place_when_it_is_handed_over(tmp_path: Path) -> None:
    worker, outbox, _ = a_worker(tmp_path, FakeShop())

    taken = [worker.submit(a_write(f"k{number}")) for number in range(AT_MOST + 1)]

    assert taken == [True] * AT_MOST + [False]
    assert [write.key for write in outbox.pending()] == [f"k{number}" for number in range(AT_MOST)]
