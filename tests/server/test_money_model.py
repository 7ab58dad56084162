"""Every act that moves money or coupons, in any order, on both engines; after each the books say one thing everywhere.

Beside the small exact model (`test_wallet_model`) this one knows all acts: top-ups that are taken back, holds that are
captured, given up or over, refunds, coupons that come with tickets and are shared, claimed and redeemed, cashback with
a cap and a funder who runs dry, and credit of a sponsor that is sent and called back. It knows what each person has in
all purses together, and checks that counters, balances and the chain tell the same story.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, cast

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from checkout import AccountKind, campaign_account, funder_account, sponsor_account
from checkout.errors import CheckoutError
from server.db import tables
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.capture import capture, give_back
from server.flows.check_out import admit
from server.flows.claim_coupon import Claimed, claim_coupon
from server.flows.credit_batch import Wish, draft_batch, fund_batch, recall_batch, send_batch
from server.flows.credit_file import read_credit_file
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.payments import PaymentRow
from server.flows.ports.people import Customer
from server.flows.ports.wallet import FunderRow, ProgrammeRow
from server.flows.refund import Returned, refund
from server.flows.share_coupon import share_coupon, withdraw_share
from server.flows.shop import Shop, open_shop
from server.flows.top_up import Fact, FactKind, start_top_up, take_fact
from tests.server.builders import KIOSK, NOON, NUTELLA, PASTA, PHONES, Paying, Sale, a_sale, an_id, minted
from tests.server.people.builders import a_campaign, a_customer, some_people

NAME = {"fr": "x", "en": "x", "zh": "x"}
FUNDERS = (FunderRow("state", NAME, 1, 30), FunderRow("shop", NAME, 1, 100_000))
CAP_MINOR = 90
COUPONS, BUDGET_MINOR = 8, 450
GRANT_MINOR = 300
PURSES = (AccountKind.MAIN, AccountKind.CASHBACK, AccountKind.VOUCHER)
LATER = NOON + timedelta(days=30)


@dataclass
class Bought:
    """A sale that was asked for; `paid_minor` once money was set aside for it."""

    sale: Sale
    person: int
    state: str = "asked"
    paid_minor: int = 0
    receipt: dict[str, Any] = field(default_factory=dict)


class EveryAct(RuleBasedStateMachine):
    """Acts of three people, one campaign, one programme of cashback and one sponsor."""

    sales = Bundle("sales")
    codes = Bundle("codes")
    links = Bundle("links")
    topups = Bundle("topups")
    batches = Bundle("batches")

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.numbers = some_people()
        self.people: list[Customer] = []
        self.phones: list[str] = []
        self.has: list[int] = []
        self.shop: Shop | None = None
        self.campaign_id = ""
        self.sponsored: list[str] = []

    @initialize()
    def begin(self) -> None:
        def stock(work: Work) -> None:
            funders = tuple(replace(each, funder_id=f"{each.funder_id}-{an_id()}") for each in FUNDERS)
            work.cashback.put(ProgrammeRow("demo", 500, CAP_MINOR, funders))
            terms = {"effect_value": 100, "min_basket_minor": 300, "budget_minor": BUDGET_MINOR}
            self.campaign_id = a_campaign(work, limit_coupons=COUPONS, share_mode="copy", **terms).campaign_id
            self.phones = [f"+3361{n}{int(an_id()[-6:], 16) % 10**6:06d}" for n in range(3)]
            self.people = [a_customer(work, self.numbers, phone=phone, balance_minor=1500) for phone in self.phones]

        self.database.write(stock)
        self.has = [1500] * 3
        self.shop = self.database.read(lambda work: open_shop(work, "demo"))

    def _try(self, flow: Callable[[UnitOfWork], Any]) -> Any:
        try:
            return self.database.write(flow)
        except (CheckoutError, FlowError) as refusal:
            return refusal

    @rule(target=topups, person=st.integers(0, 2), minor=st.sampled_from((100, 700)))
    def top_up(self, person: int, minor: int) -> tuple[str, int, int]:
        topup_id = an_id()
        begin = partial(start_top_up, topup_id=topup_id, amount_minor=minor, currency_code="EUR", provider="sandbox")
        self.database.write(partial(begin, customer_id=self.people[person].customer_id, at=NOON))
        made = (topup_id, person, minor)
        self._fact(made, FactKind.PAID)
        return made

    @rule(made=topups, kind=st.sampled_from((FactKind.PAID, FactKind.REFUNDED, FactKind.REINSTATED)))
    def tell_of_top_up(self, made: tuple[str, int, int], kind: FactKind) -> None:
        self._fact(made, kind)

    def _fact(self, made: tuple[str, int, int], kind: FactKind) -> None:
        topup_id, person, minor = made
        fact = Fact(kind, f"{kind} {topup_id}", minor, "EUR", None, topup_id)

        def flow(work: Work) -> int:
            before = work.topups.get(topup_id)
            assert before is not None
            now = take_fact(work, fact, provider="sandbox", store_id="demo", at=NOON)
            return now.posted_minor - before.posted_minor

        self.has[person] += self.database.write(flow)

    @rule(
        target=sales,
        person=st.integers(0, 2),
        coupon=st.none() | codes,
        goods=st.sampled_from(((NUTELLA,), (NUTELLA, PASTA))),
        cashback_minor=st.sampled_from((0, 10)),
    )
    def approve(self, person: int, coupon: str | None, goods: tuple[str, ...], cashback_minor: int) -> Any:
        customer_id, codes = self.people[person].customer_id, () if coupon is None else (coupon,)
        facts: dict[str, Any] = {"customer_id": customer_id, "coupons": codes, "seconds": 86_400}
        try:
            sale = self.database.write(lambda work: a_sale(work, self._shop(), *goods, **facts))
        except CheckoutError:
            assert coupon is not None
            return multiple()
        return Bought(replace(sale, approved=replace(sale.approved, cashback_minor=cashback_minor)), person)

    @rule(bought=sales)
    def hold(self, bought: Bought) -> None:
        sale = bought.sale
        self._paid(
            bought,
            self._try(
                lambda work: admit(
                    work, self._shop(), sale.whole, sale.approved, KIOSK, at=NOON, hold_seconds=60, phones=PHONES
                )
            ),
        )

    @rule(bought=sales, late=st.booleans())
    def hand_over(self, bought: Bought, late: bool) -> None:  # noqa: FBT001 - drawn
        at = NOON + timedelta(minutes=2 if late else 0)
        payment_id = bought.sale.approved.payment_id
        outcome = self._try(lambda work: capture(work, self._shop(), payment_id, minted(), at=at))
        assert not (late and bought.state == "held" and isinstance(outcome, PaymentRow)), (
            "a hold was used after its time"
        )
        self._paid(bought, outcome)

    @rule(bought=sales)
    def let_go(self, bought: Bought) -> None:
        payment_id = bought.sale.approved.payment_id
        outcome = self._try(lambda work: give_back(work, payment_id, at=NOON + timedelta(minutes=2)))
        if bought.state == "held":
            assert outcome.status == "voided", outcome
            self.has[bought.person] += bought.paid_minor
            bought.state = "voided"

    @rule(batch=st.lists(sales, min_size=1, max_size=4))
    def settle(self, batch: list[Bought]) -> None:
        outcomes = self.database.settle([Paying(self._shop(), bought.sale) for bought in batch])
        for bought, outcome in zip(batch, outcomes, strict=True):
            self._paid(bought, outcome)

    def _paid(self, bought: Bought, outcome: Any) -> None:
        if not isinstance(outcome, PaymentRow) or outcome.status == "voided":
            return
        if bought.state == "asked":
            bought.state, bought.paid_minor = "held", outcome.amount_minor
            self.has[bought.person] -= outcome.amount_minor
        assert bought.paid_minor == outcome.amount_minor
        if outcome.status == "captured" and bought.state == "held":
            assert outcome.receipt is not None
            bought.state, bought.receipt = "captured", dict(outcome.receipt)
            earned = bought.receipt["cashback"] or {"total_minor": 0}
            self.has[bought.person] += earned["total_minor"]
        if bought.state == "captured":
            assert outcome.receipt == bought.receipt, "what was captured is answered with its receipt"

    @rule(target=codes, bought=sales)
    def find_coupon(self, bought: Bought) -> Any:
        coupon = bought.receipt.get("coupon")
        return multiple() if coupon is None else coupon["code"]

    @rule(bought=sales, pieces=st.integers(1, 2))
    def refund(self, bought: Bought, pieces: int) -> None:
        if bought.state != "captured":
            return
        ticket_id = bought.receipt["ticket"]["ticket_id"]
        back = Returned(an_id(), ticket_id, {bought.sale.whole.lines[0].line_id: pieces}, "damaged")
        made = self._try(lambda work: refund(work, back, store_id="demo", by="amal", at=NOON))
        if isinstance(made, FlowError):
            assert made.code == "refund_too_much", made
            return
        taken = (made.body["cashback_back"] or {"total_minor": 0})["total_minor"]
        self.has[bought.person] += made.amount_minor - taken

    @rule(target=links, code=codes, bought=sales)
    def share(self, code: str, bought: Bought) -> Any:
        holder = self.people[bought.person].phone_hash
        link = self._try(lambda work: share_coupon(work, code, phone_hash=holder, ticket_id=None, at=NOON))
        return multiple() if isinstance(link, Exception) else link.token

    @rule(target=codes, token=links, person=st.integers(0, 2))
    def claim(self, token: str, person: int) -> Any:
        friend = self.people[person].phone_hash
        claimed = self._try(lambda work: claim_coupon(work, token, friend, at=NOON))
        return claimed.coupon.code if isinstance(claimed, Claimed) else multiple()

    @rule(token=links, person=st.integers(0, 2))
    def withdraw(self, token: str, person: int) -> None:
        holder = self.people[person].phone_hash
        self._try(lambda work: withdraw_share(work, token, phone_hash=holder, ticket_id=None, at=NOON))

    @rule(target=batches)
    def sponsor(self) -> Any:
        rows = [f"P,{phone},{GRANT_MINOR / 100:.2f}" for phone in self.phones[:2]]
        found = read_credit_file("\n".join(["name,phone,amount", *rows]), self.numbers.phones)
        wish = Wish(an_id(), NAME, "", (), LATER, "list.csv", an_id())

        def flow(work: Work) -> str:
            batch = draft_batch(work, wish, found, sponsor_id="chpg", store_id="demo", currency_code="EUR", at=NOON)
            fund_batch(work, batch.batch_id, batch.total_minor, "ref", sponsor_id="chpg", at=NOON)
            return send_batch(work, batch.batch_id, sponsor_id="chpg", at=NOON).batch_id

        batch_id: str = self.database.write(flow)
        for person in range(2):
            self.has[person] += GRANT_MINOR
        self.sponsored.append(batch_id)
        return batch_id

    @rule(batch_id=batches)
    def call_back(self, batch_id: str) -> None:
        before = self._balances()
        self._try(lambda work: recall_batch(work, batch_id, sponsor_id="chpg", at=NOON))
        after = self._balances()
        for person in range(3):  # what was spent stays spent: what is left is what the ledger says of vouchers
            self.has[person] -= before[person] - after[person]

    def _shop(self) -> Shop:
        assert self.shop is not None
        return self.shop

    def _balances(self) -> list[int]:
        return self.database.read(lambda work: [_all_of(work, each) for each in self.people])

    @invariant()
    def everybody_has_what_the_model_says(self) -> None:
        if self.people:
            assert self._balances() == self.has

    @invariant()
    def the_books_say_one_thing(self) -> None:
        if self.people:
            self.database.read(self._check)

    def _check(self, work: UnitOfWork) -> None:
        assert work.ledger.drift_minor() == 0
        rows = work.connection
        least = rows.execute(select(func.min(tables.balance.c.balance_minor))).scalar_one()
        assert least >= 0
        campaign = work.campaigns.get(self.campaign_id)
        assert campaign is not None
        coupon = tables.coupon
        mine = select(coupon.c.state, coupon.c.value_minor).where(coupon.c.campaign_id == self.campaign_id)
        coupons = rows.execute(mine).all()
        assert campaign.issued == len(coupons) <= COUPONS
        assert campaign.reserved_minor == sum(each.value_minor for each in coupons if each.state == "reserved")
        assert campaign.spent_minor == -work.ledger.balance_of(campaign_account(self.campaign_id))
        assert campaign.reserved_minor + campaign.spent_minor <= BUDGET_MINOR
        funder = tables.cashback_funder
        for each in rows.execute(select(funder.c.funder_id, funder.c.spent_minor, funder.c.budget_minor)):
            assert 0 <= each.spent_minor == -work.ledger.balance_of(funder_account(each.funder_id)) <= each.budget_minor
        year = rows.execute(select(tables.cashback_year.c.earned_minor)).scalars().all()
        assert all(0 <= minor <= CAP_MINOR for minor in year)
        assert sum(year) == sum(rows.execute(select(funder.c.spent_minor)).scalars())
        numbers = rows.execute(select(tables.ticket.c.number).order_by(tables.ticket.c.number)).scalars().all()
        assert list(numbers) == list(range(1, len(numbers) + 1))
        captured = select(func.count()).where(tables.payment.c.status == "captured")
        assert rows.execute(captured).scalar_one() == len(numbers)
        given = select(tables.refund.c.payment_id, func.sum(tables.refund.c.amount_minor).label("back"))
        for payment_id, back_minor in rows.execute(given.group_by(tables.refund.c.payment_id)):
            payment = work.payments.get(payment_id)
            assert payment is not None
            assert back_minor <= payment.amount_minor
        assert all(work.ledger.balance_of(sponsor_account(each)) == 0 for each in self.sponsored)

    def teardown(self) -> None:
        """The chain is read from its beginning once, at the end."""
        if self.people:
            assert self.database.read(lambda work: work.ledger.verify()).holds


def _all_of(work: UnitOfWork, person: Customer) -> int:
    """Return what somebody has in all purses together, vouchers that were called back left out as they are empty."""
    accounts = [f"{kind.value}:{person.customer_id}" for kind in PURSES[:2]]
    ids = select(tables.purse.c.purse_id).where(tables.purse.c.phone_hash == person.phone_hash)
    accounts += [f"{AccountKind.VOUCHER.value}:{each}" for each in work.connection.execute(ids).scalars()]
    return sum(work.ledger.balance_of(account) for account in accounts)


def test_the_books_say_one_thing_when_every_act_comes_in_any_order(database: Database) -> None:
    run_state_machine_as_test(
        cast("type[RuleBasedStateMachine]", lambda: EveryAct(database)),  # whatever makes one will do
        settings=settings(
            max_examples=8 if database.is_sqlite else 3,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
