"""What a kiosk takes without its store: bounded, bound to what was agreed to, and on disk before anybody is told."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkout import (
    Grant,
    OfflineDraw,
    OfflineRules,
    OfflineSale,
    WalletPass,
    pin_verifier,
    read_provisional_exit,
    read_wallet_pass,
)
from checkout.signed_text import content, signs
from kiosk.offline.grant import GrantFile, GrantKeeper, Held
from kiosk.offline.outbox import AT_MOST, SqliteOutbox
from kiosk.offline.purse import Purse, SignedBy
from kiosk.visit.calls import AcknowledgeErasure, Approval, SettleByPass
from kiosk.visit.effects import CheckPass, NoteSettled, RecallByPass, TakeByPass
from kiosk.visit.events import Event, NotTakenByPass, OfflineRoom, PassAccepted, PassRefused, TakenByPass
from tests.kiosk.builders import NOON, a_line

STORE = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
KIOSK = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
DAY_KEY = b"d" * 32
DAY = NOON.date().isoformat()
PIN = "1397"


def a_pass(
    pass_id: str = "p" * 32,
    *,
    floor_minor: int = 3000,
    hours: float = 24,
    day: str = DAY,
    store_id: str = "demo",
    key: Ed25519PrivateKey = STORE,
    check_bp: int = 0,
) -> str:
    until = int((NOON + timedelta(hours=hours)).timestamp())
    check = pin_verifier(PIN, pass_id, DAY_KEY)
    made = WalletPass(store_id, pass_id, "L*** D.", floor_minor, until, day, check, check_bp)
    return made.token(key.sign(made.words()))


def agreed(amount_minor: int = 718, digest: str = "d" * 64) -> Approval:
    return Approval("basket-1", digest, amount_minor, "Sésame")


class Till:
    """A purse with its disk, its clock, and what it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOON
        self.rules = OfflineRules()
        self.told: list[Event] = []
        self.open()
        self.grants.save(a_grant())

    def open(self) -> None:
        """Begin as a new process does."""
        self.outbox = SqliteOutbox(self.folder / "outbox.sqlite")
        self.grants = GrantFile(self.folder / "offline.json")
        self.purse = Purse(
            self.outbox,
            "kiosk-1",
            KIOSK,
            self.grants,
            lambda: SignedBy(STORE.public_key(), "demo", self.rules),
            lambda: self.now,
            self.told.append,
        )

    def check(self, token: str, approval: Approval | None = None, pin: str = PIN) -> Event:
        self.purse.do(CheckPass("key", approval or agreed(), token, pin))
        return self.told[-1]

    def take(self, payment_id: str, token: str, approval: Approval | None = None) -> Event:
        approval = approval or agreed()
        effect = TakeByPass(payment_id, f"t-{payment_id}", approval, token, "L*** D.", "EUR", False, (a_line().bought,))  # noqa: FBT003 - a row
        self.told.clear()
        self.purse.do(effect)
        return self.told[0]

    def pay(self, payment_id: str, token: str, amount_minor: int = 718) -> Event:
        checked = self.check(token, agreed(amount_minor))
        return checked if isinstance(checked, PassRefused) else self.take(payment_id, token, agreed(amount_minor))

    def sales(self) -> list[OfflineSale]:
        return [write.sale for write in self.outbox.pending() if isinstance(write, SettleByPass)]


def a_grant(hours: float = 72) -> Held:
    public = signs(KIOSK.public_key().public_bytes_raw())
    told = Grant("demo", "kiosk-1", public, int((NOON + timedelta(hours=hours)).timestamp()))
    return Held(told.token(STORE.sign(told.words())), {DAY: b64encode(DAY_KEY).decode()}, NOON)


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    made = Till(tmp_path)
    yield made
    made.outbox.close()


def refusal(event: Event) -> str:
    assert isinstance(event, PassRefused | NotTakenByPass)
    return event.code


def test_a_payment_is_on_disk_with_its_write_and_way_out_when_it_was_taken(till: Till) -> None:
    taken = till.pay("pay-1", a_pass())

    assert isinstance(taken, TakenByPass)
    assert (taken.payment.amount_minor, taken.payment.provisional) == (718, "kiosk-1-1")
    (sale,) = till.sales()
    assert (sale.number, sale.previous, sale.digest, sale.payee) == (1, "", "d" * 64, "Sésame")
    assert taken.payment.exit_code is not None
    signed = read_provisional_exit(taken.payment.exit_code.code.removeprefix("SESAME:X:"))
    assert signed is not None
    STORE.public_key().verify(signed.grant_signature, signed.grant.words())
    KIOSK.public_key().verify(signed.signature, signed.exit.words())
    assert content(signed.grant.public_key) == KIOSK.public_key().public_bytes_raw()


def test_each_sale_names_the_one_before_when_several_were_taken(till: Till) -> None:
    for number in range(3):
        till.pay(f"pay-{number}", a_pass())

    first, second, third = till.sales()
    assert [first.number, second.number, third.number] == [1, 2, 3]
    assert (second.previous, third.previous) == (first.hash, second.hash)


def test_it_is_taken_once_when_the_same_payment_is_asked_for_again(till: Till) -> None:
    first = till.pay("pay-1", a_pass())

    again = till.take("pay-1", a_pass())

    assert again == first
    assert len(till.sales()) == 1


def test_the_disk_tells_what_was_taken_when_the_process_was_killed(till: Till) -> None:
    taken = till.pay("pay-1", a_pass())
    till.outbox.close()
    till.open()
    till.told.clear()

    till.purse.do(RecallByPass("pay-1"))
    till.purse.do(RecallByPass("pay-2"))

    assert till.told == [taken, NotTakenByPass("pay-2", "basket_changed", {})]


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("P.AA.AA", "pass_wrong"),
        (a_pass(key=KIOSK), "pass_wrong"),
        (a_pass(store_id="another"), "pass_wrong"),
        (a_pass(hours=-1), "pass_over"),
        (a_pass(day="2026-01-01"), "pass_over"),
        (a_pass(floor_minor=717), "offline_limit"),
    ],
)
def test_a_pass_is_refused_when_it_may_not_pay_this(till: Till, token: str, code: str) -> None:
    assert refusal(till.check(token)) == code
    assert till.sales() == []


def test_a_pass_with_a_higher_floor_is_refused_when_somebody_wrote_it_in(till: Till) -> None:
    found = read_wallet_pass(a_pass(floor_minor=500))
    assert found is not None

    assert refusal(till.check(replace(found[0], floor_minor=3000).token(found[1]))) == "pass_wrong"


def test_a_person_pays_to_their_floor_here_and_no_further_when_they_come_again(till: Till) -> None:
    till.pay("pay-1", a_pass(), 2000)

    refused = till.pay("pay-2", a_pass(hours=20), 1001)

    assert isinstance(refused, PassRefused)
    assert (refused.code, refused.facts) == ("offline_limit", {"left_minor": 1000})
    assert isinstance(till.pay("pay-3", a_pass(hours=20), 1000), TakenByPass)
    assert isinstance(till.pay("pay-4", a_pass("q" * 32), 3000), TakenByPass)


def test_the_kiosk_takes_to_its_own_floor_when_many_come(till: Till) -> None:
    till.rules = OfflineRules(person_day_minor=3000, kiosk_day_minor=4000)
    till.pay("pay-1", a_pass(), 3000)

    refused = till.pay("pay-2", a_pass("q" * 32), 1001)

    assert refusal(refused) == "offline_limit"
    assert isinstance(till.pay("pay-3", a_pass("q" * 32), 1000), TakenByPass)
    assert till.told[-1] == OfflineRoom(0)


def test_nothing_else_is_paid_when_the_pin_was_given_for_one_basket(till: Till) -> None:
    token = a_pass()
    till.check(token, agreed(100))

    for other in (agreed(101), agreed(100, "e" * 64)):
        assert refusal(till.take("pay-1", token, other)) == "basket_changed"
        till.check(token, agreed(100))

    assert till.sales() == []
    assert isinstance(till.take("pay-1", token, agreed(100)), TakenByPass)
    assert refusal(till.take("pay-2", token, agreed(100))) == "basket_changed"  # a proof counts once


def test_a_pass_is_locked_here_when_three_pins_were_wrong(till: Till) -> None:
    said = [till.check(a_pass(), pin="0000") for _ in range(3)]

    assert [refusal(one) for one in said] == ["pin_wrong", "pin_wrong", "pass_locked"]
    till.outbox.close()
    till.open()  # not even a new process forgets it
    assert refusal(till.check(a_pass())) == "pass_locked"
    till.now += timedelta(hours=25)
    assert isinstance(till.check(a_pass(hours=48)), PassAccepted)


def test_the_tries_begin_anew_when_the_pin_was_right(till: Till) -> None:
    for _ in range(2):
        till.check(a_pass(), pin="0000")
    till.check(a_pass())

    assert [refusal(till.check(a_pass(), pin="0000")) for _ in range(2)] == ["pin_wrong", "pin_wrong"]


def roll_of(pass_id: str, nth: int, day: int = int(NOON.timestamp()) // 86_400) -> int:
    """Return what this kiosk's key rolls, drawn here anew."""
    return OfflineDraw.roll(KIOSK.sign(OfflineDraw(pass_id, day, nth).words()))


def test_nothing_is_paid_however_often_it_is_asked_when_somebody_is_to_look(till: Till) -> None:
    token = a_pass(check_bp=roll_of("p" * 32, 1) + 1)

    said = [till.pay(f"pay-{n}", a_pass(hours=20 + n, check_bp=roll_of("p" * 32, 1) + 1)) for n in range(3)]

    assert [refusal(one) for one in said] == ["pass_drawn"] * 3
    assert isinstance(said[0], NotTakenByPass)
    assert said[0].facts == {"roll": roll_of("p" * 32, 1), "chance": roll_of("p" * 32, 1) + 1}
    assert till.sales() == []
    till.now += timedelta(hours=13)  # another day draws anew
    later = till.pay("pay-9", token)
    drawn_again = roll_of("p" * 32, 1, int(till.now.timestamp()) // 86_400) <= roll_of("p" * 32, 1)
    assert isinstance(later, NotTakenByPass) == drawn_again


def test_a_sale_carries_the_draw_that_let_it_pass_when_a_chance_is_set(till: Till) -> None:
    chance = min(roll_of("p" * 32, 1), roll_of("p" * 32, 2))
    for number in (1, 2):
        till.pay(f"pay-{number}", a_pass(check_bp=chance), 100)
    till.pay("pay-3", a_pass("q" * 32))

    first, second, unasked = till.sales()
    assert [first.draw_nth, second.draw_nth] == [1, 2]
    KIOSK.public_key().verify(content(second.draw_proof), second.draw("p" * 32).words())
    assert OfflineDraw.roll(content(second.draw_proof)) == roll_of("p" * 32, 2)
    assert (unasked.draw_nth, unasked.draw_proof) == (0, "")


def test_an_old_pass_does_not_pay_when_the_clock_was_set_back(till: Till) -> None:
    old = a_pass(hours=1)
    till.pay("pay-1", a_pass("q" * 32))
    till.now += timedelta(hours=2)
    assert refusal(till.check(old)) == "pass_over"

    till.now = NOON

    assert refusal(till.check(old)) == "clock_wrong"
    till.purse.refreshed()  # the store was reached: its time counts from now on
    assert isinstance(till.check(old), PassAccepted)


def test_what_the_store_has_not_booked_counts_when_the_clock_was_set_forward(till: Till) -> None:
    till.pay("pay-1", a_pass(), 3000)
    till.now += timedelta(hours=30)

    assert refusal(till.check(a_pass(hours=48), agreed(1))) == "offline_limit"

    till.purse.do(NoteSettled("pay-1"))
    assert isinstance(till.check(a_pass(hours=48), agreed(1)), PassAccepted)


def test_the_series_goes_on_when_old_sales_were_dropped(till: Till) -> None:
    till.pay("pay-1", a_pass())
    till.pay("pay-2", a_pass())
    last = till.sales()[-1]
    for payment_id in ("pay-1", "pay-2"):
        till.outbox.settle(payment_id)
        till.purse.do(NoteSettled(payment_id))
    till.now += timedelta(days=31)
    till.purse.do(NoteSettled("pay-2"))
    till.grants.save(a_grant(hours=24 * 40))

    assert [one.number for one in till.outbox.taken()] == [2]
    till.pay("pay-3", a_pass(hours=24 * 40))
    assert [(one.number, one.previous) for one in till.sales()] == [(3, last.hash)]


def test_nothing_is_taken_when_the_grant_is_over_or_was_never_there(till: Till) -> None:
    till.grants.save(None)
    assert refusal(till.check(a_pass())) == "pass_later"
    till.grants.save(a_grant(hours=1))
    till.now += timedelta(hours=2)
    assert refusal(till.check(a_pass())) == "pass_later"


def test_nothing_is_taken_when_the_outbox_is_full(till: Till) -> None:
    for number in range(AT_MOST):
        till.outbox.append(AcknowledgeErasure(f"k-{number}", "e-1"))

    assert refusal(till.pay("pay-1", a_pass())) == "offline_limit"
    assert till.outbox.taken() == ()


def test_a_sale_is_sent_again_at_the_next_start_when_the_store_had_refused_it(till: Till) -> None:
    till.pay("pay-1", a_pass())
    till.outbox.settle("pay-1")  # the worker forgets a write that was answered
    assert till.sales() == []

    till.outbox.bring_back()

    assert [sale.payment_id for sale in till.sales()] == ["pay-1"]


def test_the_shopper_goes_on_when_the_purse_breaks(till: Till) -> None:
    till.outbox.close()

    till.purse._safely(CheckPass("key", agreed(), a_pass(), PIN))
    till.purse._safely(RecallByPass("pay-1"))

    assert [refusal(event) for event in till.told[-2:]] == ["unexpected", "unexpected"]
    till.open()


def test_a_grant_is_fetched_each_hour_and_dropped_when_the_store_blocks(tmp_path: Path) -> None:
    file, said = GrantFile(tmp_path / "offline.json"), [httpx.Response(200, json=_wire(a_grant()))]
    clock = [NOON]
    reached: list[int] = []
    client = httpx.Client(base_url="http://store", transport=httpx.MockTransport(lambda _: said[-1]))
    keeper = GrantKeeper(client, file, lambda: clock[0], lambda: reached.append(1))

    keeper.reached()
    assert (GrantFile(tmp_path / "offline.json").load(), len(reached)) == (a_grant(), 1)
    assert (tmp_path / "offline.json").stat().st_mode & 0o077 == 0
    said.append(httpx.Response(500))
    clock[0] += timedelta(minutes=59)
    keeper.reached()
    clock[0] += timedelta(minutes=2)
    keeper.reached()
    assert file.load() is not None  # a store that stumbles takes nothing back
    said.append(httpx.Response(403, json={"code": "offline_blocked"}))
    keeper.reached()
    assert (file.load(), (tmp_path / "offline.json").exists(), len(reached)) == (None, False, 4)
    client.close()


def _wire(held: Held) -> dict[str, object]:
    return {"grant": held.grant, "pass_keys": held.pass_keys, "expires_at": datetime.now(UTC).isoformat()}
