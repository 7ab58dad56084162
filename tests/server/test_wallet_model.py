"""Wallets and coupons in any order of acts, on both engines, beside a model that fits on a page.

The model knows what each shopper has, what became of each coupon, and what is left of the budget; after every act the
database says the same. It catches what no single example does: a coupon that comes back twice after a void, a hold that
a replay takes again, a budget that counts a refused sale.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest
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

from checkout import PSP_SANDBOX, Money, Posting, Transfer, TransferKind, main_account
from checkout.errors import CheckoutError, InsufficientFundsError
from server.db.database import Database
from server.flows.capture import capture, give_back
from server.flows.check_out import admit
from server.flows.coupon_codes import new_coupon_code
from server.flows.coupons import issue
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.payments import PaymentRow
from server.flows.shop import Shop
from tests.server.builders import KIOSK, NOON, PHONES, Paying, Sale, a_coupon, a_sale, a_shopper, an_id, minted

PRICE_MINOR, OFF_MINOR = 399, 200
COUPONS, BUDGET_MINOR = 4, 3 * OFF_MINOR


@dataclass
class Asked:
    """A sale that was asked for, and what became of it."""

    sale: Sale
    shopper: int
    coupon: int | None
    state: str = "asked"
    receipt: Any = None

    @property
    def due_minor(self) -> int:
        return PRICE_MINOR - (OFF_MINOR if self.coupon is not None else 0)


class WalletsAndCoupons(RuleBasedStateMachine):
    """Acts on one small shop; the amounts are few, so that acts meet."""

    sales = Bundle("sales")

    def __init__(self, database: Database, shop: Shop) -> None:
        super().__init__()
        self.database, self.shop = database, shop
        self.shoppers: list[str] = []
        self.has: list[int] = []
        self.coupons: list[str] = []
        self.used: list[str] = []
        self.campaign_id = ""

    @initialize()
    def begin(self) -> None:
        self.shoppers = [self.database.write(lambda work: a_shopper(work, balance_minor=1000)) for _ in range(2)]
        self.has = [1000, 1000]
        self.coupons = [
            self.database.write(lambda work: a_coupon(work, off_minor=OFF_MINOR, budget_minor=BUDGET_MINOR))
        ]
        first = self.database.read(lambda work: work.coupons.get(self.coupons[0]))
        assert first is not None
        self.campaign_id = first.campaign_id
        self.coupons += self.database.write(lambda work: [self._one_more(work) for _ in range(COUPONS - 1)])
        self.used = ["issued"] * COUPONS

    def _one_more(self, work: Work) -> str:
        campaign = work.campaigns.get(self.campaign_id)
        assert campaign is not None
        return issue(work, campaign, code=new_coupon_code(), phone_hash=None, generation=0, at=NOON).code

    @rule(shopper=st.integers(0, 1), minor=st.sampled_from((1, PRICE_MINOR, 1000)))
    def top_up(self, shopper: int, minor: int) -> None:
        posting = Posting(PSP_SANDBOX, main_account(self.shoppers[shopper]), Money(minor, self.shop.currency))
        transfer = Transfer(an_id(), TransferKind.TOPUP, "model", (posting,))
        self.database.write(lambda work: work.ledger.post([transfer], at=NOON))
        self.has[shopper] += minor

    @rule(target=sales, shopper=st.integers(0, 1), coupon=st.none() | st.integers(0, COUPONS - 1))
    def approve(self, shopper: int, coupon: int | None) -> Any:
        codes = () if coupon is None else (self.coupons[coupon],)
        try:
            sale = self.database.write(
                lambda work: a_sale(work, self.shop, customer_id=self.shoppers[shopper], coupons=codes, seconds=86_400)
            )
        except CheckoutError:
            assert coupon is not None
            assert self.used[coupon] != "issued" or self._left() < OFF_MINOR
            return multiple()
        return Asked(sale, shopper, coupon)

    @rule(asked=sales)
    def hold(self, asked: Asked) -> None:
        sale = asked.sale
        outcome = self._try(
            lambda work: admit(
                work, self.shop, sale.whole, sale.approved, KIOSK, at=NOON, hold_seconds=600, phones=PHONES
            )
        )
        self._held(asked, outcome)

    @rule(asked=sales)
    def hand_over(self, asked: Asked) -> None:
        payment_id = asked.sale.approved.payment_id
        outcome = self._try(lambda work: capture(work, self.shop, payment_id, minted(), at=NOON))
        self._paid(asked, outcome)

    @rule(asked=sales)
    def void(self, asked: Asked) -> None:
        payment_id = asked.sale.approved.payment_id
        outcome = self._try(lambda work: give_back(work, payment_id, at=NOON + timedelta(minutes=1)))
        if asked.state == "held":
            assert isinstance(outcome, PaymentRow)
            self.has[asked.shopper] += asked.due_minor
            self._move(asked.coupon, "issued")
            asked.state = "voided"

    @rule(batch=st.lists(sales, min_size=1, max_size=5))
    def settle(self, batch: list[Asked]) -> None:
        before = [asked.state for asked in batch]
        outcomes = self.database.settle([Paying(self.shop, asked.sale) for asked in batch])
        for asked, outcome in zip(batch, outcomes, strict=True):
            if asked.state == "asked":
                self._held(asked, outcome)
            self._paid(asked, outcome)
        alone = len(batch) == 1 and before == ["asked"] and batch[0].state == "asked"
        if alone:  # nothing stood in the way of a single sale but what the model knows of
            asked = batch[0]
            poor = self.has[asked.shopper] < asked.due_minor
            taken = asked.coupon is not None and (self.used[asked.coupon] != "issued" or self._left() < OFF_MINOR)
            assert poor or taken, outcomes

    def _try(self, flow: Any) -> object:
        try:
            return self.database.write(flow)
        except (CheckoutError, FlowError) as refusal:
            return refusal

    def _held(self, asked: Asked, outcome: object) -> None:
        if asked.state != "asked" or not isinstance(outcome, PaymentRow):
            if isinstance(outcome, InsufficientFundsError) and asked.state == "asked":
                assert self.has[asked.shopper] < asked.due_minor
            return
        self.has[asked.shopper] -= asked.due_minor
        if asked.coupon is not None:
            assert self.used[asked.coupon] == "issued"
        self._move(asked.coupon, "reserved")
        asked.state = "held"

    def _paid(self, asked: Asked, outcome: object) -> None:
        if not isinstance(outcome, PaymentRow) or outcome.status != "captured":
            assert asked.state != "captured", "what was captured is answered with its receipt"
            return
        assert asked.state in {"held", "captured"}
        if asked.state == "captured":
            assert outcome.receipt == asked.receipt
            return
        self._move(asked.coupon, "redeemed")
        asked.state, asked.receipt = "captured", outcome.receipt

    def _move(self, coupon: int | None, state: str) -> None:
        if coupon is not None:
            self.used[coupon] = state

    def _left(self) -> int:
        return BUDGET_MINOR - OFF_MINOR * (COUPONS - self.used.count("issued"))

    @invariant()
    def the_database_says_the_same(self) -> None:
        if not self.shoppers:
            return

        def look(work: Work) -> tuple[list[int], list[str], tuple[int, int], int]:
            has = [work.ledger.balance_of(main_account(each)) for each in self.shoppers]
            rows = {row.code: row.state for row in work.coupons.many(self.coupons)}
            campaign = work.campaigns.get(self.campaign_id)
            assert campaign is not None
            counted = (campaign.reserved_minor, campaign.spent_minor)
            return has, [rows[code] for code in self.coupons], counted, work.ledger.drift_minor()

        reserved, redeemed = (OFF_MINOR * self.used.count(state) for state in ("reserved", "redeemed"))
        assert self.database.read(look) == (self.has, self.used, (reserved, redeemed), 0)
        assert min(self.has) >= 0
        assert self._left() >= 0


def test_the_database_agrees_with_the_model_when_acts_come_in_any_order(
    database: Database, shop: Shop, request: pytest.FixtureRequest
) -> None:
    examples = 25 if database.is_sqlite else 8

    run_state_machine_as_test(
        cast("type[RuleBasedStateMachine]", lambda: WalletsAndCoupons(database, shop)),  # whatever makes one will do
        settings=settings(
            max_examples=examples,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )

    assert database.read(lambda work: work.ledger.verify()).holds, request.node.name
