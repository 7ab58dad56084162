"""What a kiosk took without the store is booked once, whatever was lost, repeated or set back meanwhile."""

import asyncio
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from checkout import (
    Line,
    OfflineDraw,
    OfflineSale,
    ProvisionalExit,
    WalletPass,
    main_account,
    pin_verifier,
    read_grant,
    read_wallet_pass,
    receivable_account,
)
from checkout.errors import ExitTokenExpiredError, ExitTokenUsedError
from checkout.random_check import CheckPolicy
from checkout.signed_text import content, signs
from kiosk.adapters.http_shop import _sale_body
from kiosk.visit.calls import SettleByPass
from server.db.database import Database
from server.flows.attend import Resolution, claim_call, resolve_call
from server.flows.errors import FlowError
from server.flows.leave import Opened, open_gate, report_openings
from server.flows.offline import Granted, give_pass, grant, pass_check
from server.flows.ports import Work
from server.flows.ports.help import Intervention
from server.flows.ports.payments import PaymentRow
from server.flows.ports.shelf import StoreLimits
from server.flows.settle_call import settle_call
from server.flows.settle_offline import Brought, settle_offline
from server.flows.shop import Shop, open_shop
from tests.server.apps import open_shopfront
from tests.server.builders import KIOSK, KIOSK_TOKEN, NOON, a_device, a_product, a_shopper, an_id, minted

STORE_KEY = Ed25519PrivateKey.generate()
PUBLIC = STORE_KEY.public_key()
GOODS = (Line("l-1", "nutella", 2, "3017620422003"),)
PIN = "1397"
PASSES = "/v1/wallets/me/offline-passes"


def keyed(purpose: str, text: str) -> str:
    return f"{purpose}:{text}".encode().hex().ljust(64, "0")[:64]


class Cut:
    """A kiosk with its key and its series, and a shopper with a pass."""

    def __init__(self, database: Database, shop: Shop, *, balance_minor: int = 5000) -> None:
        self.database = database
        self.shop = shop
        self.key = database.write(lambda work: a_device(work, "kiosk-1", an_id()))
        self.customer_id = database.write(lambda work: a_shopper(work, balance_minor=balance_minor))
        self.wallet_pass, self.floor_minor, _ = database.write(self.give)
        self.last: OfflineSale | None = None

    def give(self, work: Work) -> tuple[str, int, datetime]:
        customer = work.customers.get(self.customer_id)
        assert customer is not None
        check = pass_check(keyed, self.shop, customer, PIN, at=NOON)
        return give_pass(work, STORE_KEY.sign, self.shop, customer, check, at=NOON)

    def shown(self) -> WalletPass:
        found = read_wallet_pass(self.wallet_pass.removeprefix("SESAME:O:"))
        assert found is not None
        return found[0]

    def sale(self, amount_minor: int = 798, **facts: Any) -> OfflineSale:
        made = OfflineSale(
            payment_id=an_id(),
            ticket_id=an_id(),
            number=1 if self.last is None else self.last.number + 1,
            previous="" if self.last is None else self.last.hash,
            basket_id=an_id(),
            digest="d" * 64,
            amount_minor=amount_minor,
            currency="EUR",
            payee=self.shop.payee,
            wallet_pass=self.wallet_pass.removeprefix("SESAME:O:"),
            taken_at=NOON,
            age_verified=False,
            lines=GOODS,
        )
        self.last = replace(made, **facts)
        return self.last

    def settle(self, sale: OfflineSale, *, key: Ed25519PrivateKey | None = None, minutes: int = 60) -> PaymentRow:
        brought = Brought(sale, (key or self.key).sign(sale.words()))
        at = NOON + timedelta(minutes=minutes)
        return self.database.write(
            lambda work: settle_offline(
                work, self.shop, brought, KIOSK, store_key=PUBLIC, minted=minted(), new_id=an_id, at=at
            )
        )

    def balances(self) -> tuple[int, int]:
        accounts = (main_account(self.customer_id), receivable_account(self.customer_id))
        own, owed = (self.database.read(lambda work, one=one: work.ledger.balance_of(one)) for one in accounts)  # type: ignore[misc]  # bound now
        return own, owed

    def calls(self) -> list[Intervention]:
        return list(self.database.read(lambda work: work.interventions.of("demo", None, limit=9)))

    def granted(self) -> Granted:
        return self.database.read(
            lambda work: grant(work, keyed, STORE_KEY.sign, kiosk_id="kiosk-1", store_id="demo", at=NOON)
        )


@pytest.fixture
def cut(database: Database, shop: Shop) -> Cut:
    return Cut(database, shop)


def test_a_sale_is_a_payment_with_ticket_when_the_kiosk_is_back(cut: Cut) -> None:
    sale = cut.sale()

    payment = cut.settle(sale)

    assert (payment.status, payment.amount_minor, payment.payment_id) == ("captured", 798, sale.payment_id)
    assert cut.balances() == (5000 - 798, 0)
    ticket = cut.database.read(lambda work: work.tickets.get(sale.ticket_id))
    assert ticket is not None
    assert ticket.body["offline"]["number"] == "kiosk-1-1"
    assert (ticket.body["total_minor"], cut.calls()) == (798, [])


def test_it_is_booked_once_when_it_comes_again(cut: Cut) -> None:
    sale = cut.sale()
    first = cut.settle(sale)

    again = cut.settle(sale, minutes=90)

    assert (again.payment_id, again.receipt) == (first.payment_id, first.receipt)
    assert cut.balances() == (5000 - 798, 0)
    with pytest.raises(FlowError) as refused:
        cut.settle(replace(sale, amount_minor=1))
    assert refused.value.code == "payment_exists"


def test_it_is_booked_once_when_it_comes_from_two_threads_at_once(cut: Cut) -> None:
    sale = cut.sale()

    def come(_: int) -> str:
        try:
            return cut.settle(sale).status
        except Exception as problem:  # noqa: BLE001 - the slower of two may be told to come again
            return type(problem).__name__

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(come, range(4)))

    assert "captured" in said
    assert cut.settle(sale).status == "captured"
    assert cut.balances() == (5000 - 798, 0)


def test_what_is_missing_is_owed_and_told_when_the_wallet_is_short(database: Database, shop: Shop) -> None:
    cut = Cut(database, shop, balance_minor=1000)
    cut.settle(cut.sale())

    payment = cut.settle(cut.sale())  # at another kiosk that was cut off it would be the same

    assert cut.balances() == (0, -596)
    assert [(one["account"], one["amount_minor"]) for one in payment.tenders] == [("main", 202), ("receivable", 596)]
    (call,) = cut.calls()
    assert (call.type, call.detail["total_minor"], call.detail["masked"]) == ("offline_debt", 596, payment.subject)
    with pytest.raises(FlowError) as refused:
        database.write(cut.give)
    assert refused.value.code == "offline_debt_open"


def test_nothing_is_owed_any_more_when_it_was_paid_at_the_desk(database: Database, shop: Shop) -> None:
    cut = Cut(database, shop, balance_minor=1000)
    cut.settle(cut.sale())
    cut.settle(cut.sale())
    (call,) = cut.calls()
    database.write(lambda work: claim_call(work, call.intervention_id, store_id="demo", by="amal", at=NOON))

    def pay(amount_minor: int) -> None:
        how = Resolution(approved=True, reason="paid", tender="cash", on_the_spot=False, amount_minor=amount_minor)

        def settled(work: Work, open_call: Intervention, told: Resolution) -> None:
            settle_call(work, shop, open_call, told, by="amal", at=NOON, pay=lambda *_: None)

        database.write(
            lambda work: resolve_call(
                work, call.intervention_id, how, store_id="demo", by="amal", at=NOON, settle=settled
            )
        )

    with pytest.raises(FlowError) as refused:
        pay(595)
    assert refused.value.code == "amount_differs"
    pay(596)

    assert cut.balances() == (0, 0)


@pytest.mark.parametrize(
    ("now_minor", "paid_minor", "borne_minor"),
    [(450, 798, 102), (350, 700, 0)],
    ids=["dearer", "cheaper"],
)
def test_the_shopper_pays_the_lower_price_when_it_has_changed(
    cut: Cut, now_minor: int, paid_minor: int, borne_minor: int
) -> None:
    cut.database.write(
        lambda work: work.shelf.put_products([a_product("nutella", now_minor, name="Nutella", pack="400 g")], [])
    )
    cut.shop = cut.database.read(lambda work: open_shop(work, "demo"))

    payment = cut.settle(cut.sale())

    assert cut.balances() == (5000 - paid_minor, 0)
    drawn = {one["account"]: one["amount_minor"] for one in payment.tenders}
    assert (drawn["main"], drawn.get("funder", 0)) == (paid_minor, borne_minor)
    (call,) = cut.calls()
    assert (call.type, call.detail["code"]) == ("offline_check", "price")


def test_both_sales_are_booked_and_the_kiosk_is_stopped_when_its_disk_was_set_back(cut: Cut) -> None:
    first = cut.sale()
    cut.settle(first)
    cut.granted()
    cut.last = None  # an old copy of the disk knows nothing of it

    second = cut.settle(cut.sale())

    assert second.status == "captured"
    assert cut.balances() == (5000 - 2 * 798, 0)
    (call,) = cut.calls()
    assert call.detail["code"] == "series"
    with pytest.raises(FlowError) as refused:
        cut.granted()
    assert refused.value.code == "offline_blocked"
    cut.key = cut.database.write(lambda work: a_device(work, "kiosk-1", "paired anew"))
    assert read_grant(cut.granted().grant) is not None


def test_somebody_looks_when_a_number_of_the_series_never_came(cut: Cut) -> None:
    cut.settle(cut.sale())
    cut.sale()

    cut.settle(cut.sale())

    assert [call.detail["code"] for call in cut.calls()] == ["series"]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [({"taken_at": NOON + timedelta(hours=25)}, "pass"), ({"amount_minor": 3001}, "price, pass")],
)
def test_it_is_booked_and_somebody_looks_when_a_kiosk_took_more_than_it_may(
    cut: Cut, facts: dict[str, Any], reason: str
) -> None:
    payment = cut.settle(cut.sale(**facts), minutes=26 * 60)

    assert payment.status == "captured"
    assert [call.detail["code"] for call in cut.calls()] == [reason]


def test_nothing_moves_when_kiosk_or_store_did_not_sign(cut: Cut) -> None:
    forged = read_wallet_pass(cut.wallet_pass.removeprefix("SESAME:O:"))
    assert forged is not None
    richer = replace(forged[0], floor_minor=99_999)
    tries = [
        (cut.sale(), Ed25519PrivateKey.generate(), "signature_wrong"),
        (cut.sale(wallet_pass=richer.token(forged[1])), None, "wallet_pass_wrong"),
        (cut.sale(wallet_pass="P.AA.AA"), None, "wallet_pass_wrong"),
    ]

    for sale, key, code in tries:
        with pytest.raises(FlowError) as refused:
            cut.settle(sale, key=key)
        assert refused.value.code == code

    assert cut.balances() == (5000, 0)


def test_a_pass_is_for_what_lies_in_the_wallet_when_it_is_given(database: Database, shop: Shop) -> None:
    assert Cut(database, shop, balance_minor=1200).floor_minor == 1200
    assert Cut(database, shop, balance_minor=9900).floor_minor == shop.rules.offline.person_day_minor
    with pytest.raises(FlowError) as refused:
        Cut(database, shop, balance_minor=0)
    assert refused.value.code == "offline_pass_empty"


def test_one_person_has_one_id_when_several_passes_are_given(cut: Cut) -> None:
    again, _, _ = cut.database.write(cut.give)

    first, second = (read_wallet_pass(text.removeprefix("SESAME:O:")) for text in (cut.wallet_pass, again))

    assert first is not None
    assert second is not None
    assert first[0].pass_id == second[0].pass_id


def test_a_pass_carries_the_chance_of_its_owner_when_the_store_looks_at_baskets(database: Database, shop: Shop) -> None:
    looking = replace(shop, row=replace(shop.row, limits=StoreLimits(check=CheckPolicy(base_bp=250, trusted_bp=10))))

    told = [Cut(database, one).shown().check_bp for one in (shop, looking)]

    assert told == [0, 250]


@pytest.mark.parametrize("fault", [None, "unsigned", "another", "no base64", "drawn", "left out"])
def test_the_ticket_tells_the_draw_and_somebody_looks_when_it_is_not_right(cut: Cut, fault: str | None) -> None:
    cut.shop = replace(cut.shop, row=replace(cut.shop.row, limits=StoreLimits(check=CheckPolicy(base_bp=1))))
    cut.wallet_pass, *_ = cut.database.write(cut.give)
    pass_id, sale = cut.shown().pass_id, cut.sale()
    numbers = (nth for nth in range(1, 10**6) if roll_of(cut.key, replace(sale, draw_nth=nth), pass_id) >= 1)
    nth = next(numbers)
    if fault == "drawn":
        cut.shop = replace(cut.shop, row=replace(cut.shop.row, limits=StoreLimits(check=CheckPolicy(base_bp=10_000))))
        cut.wallet_pass, *_ = cut.database.write(cut.give)
        sale = replace(sale, wallet_pass=cut.wallet_pass.removeprefix("SESAME:O:"))
    sale = replace(sale, draw_nth=0 if fault == "left out" else nth)
    proof = signs(cut.key.sign(sale.draw(pass_id).words()))
    proofs = {"unsigned": "", "another": signs(cut.key.sign(sale.draw("x").words())), "no base64": "a", "left out": ""}
    sale = replace(sale, draw_proof=proofs.get(fault or "", proof))

    cut.settle(sale)

    ticket = cut.database.read(lambda work: work.tickets.get(sale.ticket_id))
    assert ticket is not None
    told = ticket.body["offline"].get("draw")
    assert [call.detail["code"] for call in cut.calls()] == ([] if fault is None else ["draw"])
    if fault in {None, "drawn"}:
        key = Ed25519PublicKey.from_public_bytes(content(told["key"]))
        key.verify(content(told["proof"]), told["words"].encode())
        assert told["roll"] == OfflineDraw.roll(content(told["proof"]))
        assert told["chance_bp"] == (1 if fault is None else 10_000)
    else:
        assert told is None


def roll_of(key: Ed25519PrivateKey, sale: OfflineSale, pass_id: str) -> int:
    return OfflineDraw.roll(key.sign(sale.draw(pass_id).words()))


def a_way_out(cut: Cut, *, minutes: int = 30, nonce: str = "n-1", key: Ed25519PrivateKey | None = None) -> str:
    way_out = ProvisionalExit(1, int((NOON + timedelta(minutes=minutes)).timestamp()), nonce)
    return f"SESAME:X:{way_out.token((key or cut.key).sign(way_out.words()), cut.granted().grant)}"


def test_a_gate_with_the_store_opens_once_when_the_kiosk_alone_has_signed(cut: Cut) -> None:
    code = a_way_out(cut)

    def show(at: datetime = NOON, code: str = code) -> int:
        return cut.database.write(
            lambda work: open_gate(work, code, store_id="demo", store_key=PUBLIC, by="gate:gate-1", at=at)
        ).ticket_number

    assert show() == 1
    with pytest.raises(ExitTokenUsedError):
        show()
    with pytest.raises(ExitTokenExpiredError):
        show(NOON + timedelta(hours=1), a_way_out(cut, nonce="n-2"))
    with pytest.raises(FlowError):
        show(code=a_way_out(cut, nonce="n-3", key=Ed25519PrivateKey.generate()))


def test_a_second_gate_is_told_of_when_both_opened_without_the_store(cut: Cut) -> None:
    opened = [Opened(a_way_out(cut), NOON)]

    def report(gate: str) -> list[str]:
        return cut.database.write(
            lambda work: report_openings(work, opened, store_id="demo", store_key=PUBLIC, gate=gate, at=NOON)
        )

    assert [report("gate:1"), report("gate:1"), report("gate:2")] == [["noted"], ["noted"], ["twice"]]


def test_a_pass_and_a_sale_go_over_http_when_a_phone_and_a_kiosk_ask(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    key = database.write(lambda work: a_device(work, "kiosk-1", KIOSK_TOKEN + "0"))

    async def pay() -> None:
        async with open_shopfront(database_url, tmp_path) as front:
            phone = {"customer_id": an_id(), "name": "Lina Durand", "phone": "+33199005678", "pin": PIN, "locale": "fr"}
            assert (await front.ask("POST", "/v1/customers", phone, token=None)).status_code == 201
            signed_in = await front.ask(
                "POST", "/v1/shopper/sessions", {"phone": phone["phone"], "pin": PIN}, token=None
            )
            token = signed_in.json()["token"]
            await front.ask("POST", "/v1/topups", {"topup_id": an_id(), "amount_minor": 2000}, token=token)
            assert (await front.ask("POST", PASSES, {"pin": "9999"}, token=token)).json()["code"] == "pin_wrong"
            given = (await front.ask("POST", PASSES, {"pin": PIN}, token=token)).json()
            assert given["floor_minor"] == 2000
            granted = (await front.ask("GET", "/v1/kiosks/me/offline-grant")).json()
            told = read_wallet_pass(given["code"].removeprefix("SESAME:O:"))
            assert told is not None
            day_key = b64decode(granted["pass_keys"][told[0].day])
            assert pin_verifier(PIN, told[0].pass_id, day_key) == told[0].verifier
            sale = OfflineSale(
                payment_id=an_id(),
                ticket_id=an_id(),
                number=1,
                previous="",
                basket_id=an_id(),
                digest="d" * 64,
                amount_minor=798,
                currency="EUR",
                payee=front.house.shop.payee,
                wallet_pass=given["code"].removeprefix("SESAME:O:"),
                taken_at=datetime.now(UTC).replace(microsecond=0),
                age_verified=False,
                lines=GOODS,
            )
            signature = b64encode(key.sign(sale.words())).decode()
            body = _sale_body(SettleByPass(sale.payment_id, sale, signature))
            paid = [await front.ask("POST", "/v1/offline-payments", body, key=sale.payment_id) for _ in range(2)]
            assert [(one.status_code, one.json()["amount_minor"]) for one in paid] == [(201, 798)] * 2
            mine = (await front.ask("GET", "/v1/customers/me", token=token)).json()
            assert mine["balance_minor"] == 1202
            assert (await front.ask("GET", f"/v1/tickets/{sale.ticket_id}", token=None)).json()["offline"]

    asyncio.run(pay())
