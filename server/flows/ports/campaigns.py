"""Ports for campaigns, coupons and shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far a campaign's coupons have come, counted from their rows."""

    issued: int
    shared: int
    opened: int
    claimed: int
    redeemed: int
    expired: int


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as it is kept. Texts by locale; amounts in minor units of the store's currency.

    Attributes:
        effect_kind: `amount` (minor units off) or `percent` (whole percent off).
        limit_generations: How many times a coupon may be passed on, from friend to friend.
        issued: Coupons given out; counted here so that no two can take the last one.
        limit_per_day: Coupons given in a day; None is no bound.
        limit_width: Friends that one link reaches, for copies and pools; None is no bound.
        holdout_percent: Of all people, how many a draw keeps out, so that there is something to compare with.
        skus: Goods that its coupons apply to; None together with `categories` is all.
        stacking: `with_all`, `alone` (no second coupon) or `full_price` (not on goods that an offer made cheaper).
        on_refund: What becomes of a used coupon whose goods all came back: `restore` or `void`.
        conditions: What else its coupons ask for, as `server.flows.coupon_terms` writes it; None is nothing.
        joint: Its joint category: coupons of one exclude each other.
        priority: Which comes off first: the highest.
        ticket_from_minor: What a ticket must at least come to for a coupon on it.
        max_per_basket: Of its coupons on one receipt; None is no bound, likewise the two limits.
        limit_per_store: Coupons set aside or used in one store.
        limit_per_household: Likewise by the people of one household.
        testers: Phone hashes of those who may have a coupon while the campaign is tried.
        reserved_minor: Set aside by payments under way.
        spent_minor: Taken off paid baskets.
    """

    campaign_id: str
    store_id: str
    name: str
    label: Mapping[str, str]
    effect_kind: str
    effect_value: int
    min_basket_minor: int
    budget_minor: int
    reserved_minor: int
    spent_minor: int
    limit_coupons: int
    limit_per_person: int
    limit_generations: int
    issued: int
    share_mode: str
    issue_on_ticket: bool
    state: str
    starts_at: datetime
    ends_at: datetime
    created_by: str
    created_at: datetime
    limit_per_day: int | None = None
    limit_width: int | None = None
    holdout_percent: int = 0
    skus: Sequence[str] | None = None
    categories: Sequence[str] | None = None
    stacking: str = "with_all"
    on_refund: str = "restore"
    testers: Sequence[str] | None = None
    conditions: Mapping[str, Any] | None = None
    joint: str | None = None
    priority: int = 0
    max_per_basket: int | None = None
    limit_per_store: int | None = None
    limit_per_household: int | None = None
    ticket_from_minor: int = 0


class Campaigns(Protocol):
    """Campaigns with their counters; every counter moves by a condition, never by a number read before."""

    def add(self, campaign: CampaignRow) -> None:
        """Keep a campaign."""
        ...

    def get(self, campaign_id: str) -> CampaignRow | None:
        """Return a campaign, or None."""
        ...

    def of(self, store_id: str) -> Sequence[CampaignRow]:
        """Return the campaigns of a store, newest first."""
        ...

    def on_ticket(self, store_id: str, *, at: datetime) -> Sequence[CampaignRow]:
        """Return the live campaigns that give a coupon with each ticket, oldest first."""
        ...

    def move(self, campaign_id: str, before: str, after: str) -> bool:
        """Change the state if it still is `before`."""
        ...

    def take_slot(self, campaign_id: str, *, at: datetime, state: str = "live") -> bool:
        """Count one more coupon if the campaign is in `state`, in its window, and has one left."""
        ...

    def give_slot_back(self, campaign_id: str) -> None:
        """Undo `take_slot` in the same transaction."""
        ...

    def take_day(self, campaign_id: str, day: int, limit: int) -> bool:
        """Count one more coupon of a day if fewer than `limit` were given."""
        ...

    def let_try(self, campaign_id: str, testers: Sequence[str]) -> None:
        """Name who may have a coupon while the campaign is tried."""
        ...

    def note_held_out(self, campaign_id: str, phone_hash: str, *, at: datetime) -> None:
        """Note who would have received a coupon and was drawn out; the first time stays."""
        ...

    def reserve(self, campaign_id: str, amount_minor: int) -> bool:
        """Set money of the budget aside; False when it does not suffice."""
        ...

    def release(self, campaign_id: str, amount_minor: int) -> None:
        """Give money that was set aside back to the budget."""
        ...

    def spend(self, campaign_id: str, amount_minor: int) -> None:
        """Turn money that was set aside into money spent."""
        ...

    def give_back(self, campaign_id: str, amount_minor: int) -> None:
        """Turn money that was spent into money that can be spent again, because goods came back."""
        ...

    def rewrite(self, campaign: CampaignRow) -> bool:
        """Keep a draft as it is now; False when it is none any more. Its counters stay."""
        ...

    def take_store(self, campaign_id: str, store_id: str, coupons: int, limit: int) -> bool:
        """Count coupons that are set aside in a store, if no more than `limit` are then."""
        ...

    def give_store_back(self, campaign_id: str, store_id: str, coupons: int) -> None:
        """Count coupons of a store no more that were not used after all, or given back."""
        ...

    def used_in(self, campaign_id: str, store_id: str) -> int:
        """Return how many are counted in a store."""
        ...

    def funnel(self, campaign_id: str, *, at: datetime) -> Funnel:
        """Count what became of the coupons."""
        ...


@dataclass(frozen=True, slots=True)
class CouponRow:
    """One right to one benefit. Whoever knows its code may redeem it, once.

    Attributes:
        used_in: The store that counts it, while it is set aside or used, where its campaign limits stores.
        used_by: The person whose household counts it, likewise.
    """

    code: str
    campaign_id: str
    holder_phone_hash: str | None
    ticket_id: str | None
    parent_token: str | None
    generation: int
    state: str
    payment_id: str | None
    value_minor: int | None
    issued_at: datetime
    expires_at: datetime
    redeemed_at: datetime | None
    node: str | None = None
    used_in: str | None = None
    used_by: str | None = None


class Coupons(Protocol):
    """Coupons by code."""

    def add(self, coupon: CouponRow) -> None:
        """Keep a new coupon."""
        ...

    def get(self, code: str) -> CouponRow | None:
        """Return a coupon, or None."""
        ...

    def lock_row(self, code: str) -> None:
        """Keep other transactions from changing a coupon before this one ends."""
        ...

    def many(self, codes: Sequence[str]) -> Sequence[CouponRow]:
        """Return the coupons that exist among some codes, by code."""
        ...

    def held_by(self, phone_hash: str) -> Sequence[CouponRow]:
        """Return a person's coupons, newest first."""
        ...

    def held_in(self, campaign_id: str, phone_hash: str) -> int:
        """Return how many coupons of one campaign a person has or had."""
        ...

    def of_payment(self, payment_id: str, state: str) -> Sequence[CouponRow]:
        """Return the coupons that a payment holds in a state, by code."""
        ...

    def of_ticket(self, ticket_id: str) -> CouponRow | None:
        """Return the coupon that was given with a ticket, or None."""
        ...

    def used_by(self, campaign_id: str, people: Sequence[str]) -> int:
        """Return how many coupons of a campaign are counted for some people."""
        ...

    def reserve(
        self,
        code: str,
        payment_id: str,
        value_minor: int,
        *,
        at: datetime,
        used_in: str | None = None,
        used_by: str | None = None,
    ) -> bool:
        """Set a coupon aside for a payment if it is issued and its time is not over; note who counts it."""
        ...

    def move(self, code: str, before: str, after: str, *, redeemed_at: datetime | None = None) -> bool:
        """Change the state if it still is `before`; `issued` forgets the payment and who counted it."""
        ...

    def hand_over(self, code: str, *, new_code: str, phone_hash: str, token: str, generation: int, node: str) -> bool:
        """Give a shared coupon to another under a new code; False when somebody was first."""
        ...


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A link by which a coupon is passed on."""

    token: str
    coupon_code: str
    campaign_id: str
    mode: str
    opened: int
    created_at: datetime
    shared_at: datetime | None
    withdrawn_at: datetime | None
    width: int | None = None
    claimed: int = 0


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim: an edge of the tree of shares, from the coupon that was shared to the one that was got."""

    token: str
    phone_hash: str
    coupon_code: str
    claimed_at: datetime
    campaign_id: str
    generation: int
    node: str
    parent_node: str | None


class Shares(Protocol):
    """Links and who claimed through them."""

    def add(self, share: ShareRow) -> None:
        """Keep a link."""
        ...

    def get(self, token: str) -> ShareRow | None:
        """Return a link, or None."""
        ...

    def lock_row(self, token: str) -> None:
        """Keep other transactions from changing a link, and so its claims, before this one ends."""
        ...

    def open_of(self, coupon_code: str) -> ShareRow | None:
        """Return the link of a coupon that still leads to it, or None."""
        ...

    def waiting_gifts(self, shared_before: datetime, *, limit: int) -> Sequence[ShareRow]:
        """Return the links of gifts that were shared before a moment and that nobody has claimed, oldest first."""
        ...

    def note_shared(self, token: str, *, at: datetime) -> None:
        """Note that the link is in use; the first time stays."""
        ...

    def count_opened(self, token: str) -> None:
        """Count one more who looked."""
        ...

    def withdraw(self, token: str, *, at: datetime) -> bool:
        """Close a link; False when it was closed."""
        ...

    def take_place(self, token: str) -> bool:
        """Count one more claim if the link is open and has room."""
        ...

    def claim(self, claim: ClaimRow) -> bool:
        """Write a claim down; False when this person has claimed through this link before."""
        ...

    def claimed_code(self, token: str, phone_hash: str) -> str | None:
        """Return the coupon that a person got through a link, or None."""
        ...

    def claims(self, token: str) -> int:
        """Return how many claimed through a link."""
        ...

    def follow(self, old_code: str, new_code: str) -> None:
        """Let a gift's links point to its coupon's new code."""
        ...
