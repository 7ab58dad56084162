"""Campaigns, coupons and shares: one right to one benefit, passed on, set aside, used once.

The tables say what may happen; the methods add what a table cannot say: time, holder, generation. Codes, tokens and
moments come in as arguments.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from checkout.coupon_conditions import NO_CONDITIONS, Conditions
from checkout.errors import (
    CouponAlreadyClaimedError,
    CouponBudgetSpentError,
    CouponExpiredError,
    CouponLimitReachedError,
    CouponNotStartedError,
    CouponRedeemedError,
    CouponReservedError,
    CouponRevokedError,
    MalformedRuleError,
    OwnShareError,
    ShareCapError,
)
from checkout.label import Label
from checkout.transitions import TransitionTable
from checkout.window import ALWAYS, Window


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    TEST = "test"
    LIVE = "live"
    PAUSED = "paused"
    ENDED = "ended"


class CampaignEvent(StrEnum):
    """What marketing does to a campaign."""

    TRY = "try"
    EDIT = "edit"
    LAUNCH = "launch"
    PAUSE = "pause"
    END = "end"


CAMPAIGN_TABLE = TransitionTable(
    name="campaign",
    start=CampaignState.DRAFT,
    rows={
        (CampaignState.DRAFT, CampaignEvent.TRY): CampaignState.TEST,
        (CampaignState.DRAFT, CampaignEvent.LAUNCH): CampaignState.LIVE,
        (CampaignState.DRAFT, CampaignEvent.END): CampaignState.ENDED,
        (CampaignState.TEST, CampaignEvent.EDIT): CampaignState.DRAFT,
        (CampaignState.TEST, CampaignEvent.LAUNCH): CampaignState.LIVE,
        (CampaignState.TEST, CampaignEvent.END): CampaignState.ENDED,
        (CampaignState.LIVE, CampaignEvent.PAUSE): CampaignState.PAUSED,
        (CampaignState.LIVE, CampaignEvent.END): CampaignState.ENDED,
        (CampaignState.PAUSED, CampaignEvent.LAUNCH): CampaignState.LIVE,
        (CampaignState.PAUSED, CampaignEvent.END): CampaignState.ENDED,
    },
)


class CouponState(StrEnum):
    """Where a coupon stands; its expiry is a comparison, not a state."""

    ISSUED = "issued"
    SHARED = "shared"
    RESERVED = "reserved"
    REDEEMED = "redeemed"
    REVOKED = "revoked"


class CouponEvent(StrEnum):
    """What happens to a coupon."""

    SHARE = "share"
    CLAIM = "claim"
    WITHDRAW = "withdraw"
    RESERVE = "reserve"
    RELEASE = "release"
    REDEEM = "redeem"
    REVOKE = "revoke"
    RESTORE = "restore"


COUPON_TABLE = TransitionTable(
    name="coupon",
    start=CouponState.ISSUED,
    rows={
        (CouponState.ISSUED, CouponEvent.SHARE): CouponState.SHARED,
        (CouponState.ISSUED, CouponEvent.RESERVE): CouponState.RESERVED,
        (CouponState.ISSUED, CouponEvent.REVOKE): CouponState.REVOKED,
        (CouponState.SHARED, CouponEvent.CLAIM): CouponState.ISSUED,
        (CouponState.SHARED, CouponEvent.WITHDRAW): CouponState.ISSUED,
        (CouponState.SHARED, CouponEvent.REVOKE): CouponState.REVOKED,
        (CouponState.RESERVED, CouponEvent.RELEASE): CouponState.ISSUED,
        (CouponState.RESERVED, CouponEvent.REDEEM): CouponState.REDEEMED,
        (CouponState.REDEEMED, CouponEvent.RESTORE): CouponState.ISSUED,
    },
)


class ShareMode(StrEnum):
    """A gift moves, a copy gives each friend one of their own, a pool does so for the first few."""

    GIFT = "gift"
    COPY = "copy"
    POOL = "pool"


class ShareState(StrEnum):
    """Where a link to a coupon stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    WITHDRAWN = "withdrawn"


class ShareEvent(StrEnum):
    """What happens to a link; ``claim`` leaves room for more, ``fill`` was the last."""

    CLAIM = "claim"
    FILL = "fill"
    WITHDRAW = "withdraw"


SHARE_TABLE = TransitionTable(
    name="share",
    start=ShareState.OPEN,
    rows={
        (ShareState.OPEN, ShareEvent.CLAIM): ShareState.OPEN,
        (ShareState.OPEN, ShareEvent.FILL): ShareState.CLAIMED,
        (ShareState.OPEN, ShareEvent.WITHDRAW): ShareState.WITHDRAWN,
    },
)


class OnRefund(StrEnum):
    """What becomes of a used coupon when all goods that it made cheaper have come back."""

    RESTORE = "restore"
    VOID = "void"


class Effect(StrEnum):
    """What a coupon takes off: minor units, or basis points of what its goods cost."""

    AMOUNT = "amount"
    PERCENT = "percent"


class Stacking(StrEnum):
    """What else may stand on the same receipt."""

    WITH_ALL = "with_all"
    ALONE = "alone"
    """No second coupon."""
    FULL_PRICE = "full_price"
    """Only goods that no promotion has made cheaper."""


FULL_BP = 10_000


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """What a coupon gives and asks for.

    Attributes:
        value: Minor units for an amount, basis points (1000 is 10 %) for a percentage.
        min_basket_minor: What the goods it applies to must cost after promotions, bound inclusive.
        skus: Goods it applies to; with ``categories`` empty as well: all.
        categories: Categories it applies to.
        max_off_minor: The most that a percentage takes off.
        conditions: When, where and by whom it may be used.
        joint: Its joint category: coupons of one exclude each other, of different ones they go together; None is in
            none.
        priority: Which comes off first: the highest; of equals the soonest to end.
        max_per_basket: Coupons of its campaign on one receipt; None is without bound.
    """

    effect: Effect
    value: int
    min_basket_minor: int = 0
    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    window: Window = ALWAYS
    stacking: Stacking = Stacking.WITH_ALL
    max_off_minor: int | None = None
    conditions: Conditions = NO_CONDITIONS
    joint: str | None = None
    priority: int = 0
    max_per_basket: int | None = None

    def __post_init__(self) -> None:
        if self.max_per_basket is not None and self.max_per_basket < 1:
            raise MalformedRuleError("coupon terms", "a basket takes at least one coupon of a campaign, or any number")
        if self.value <= 0 or (self.effect is Effect.PERCENT and self.value > FULL_BP):
            raise MalformedRuleError("coupon terms", f"{self.value} is no {self.effect.value} to take off")

    def fits(self, sku: str, category: str) -> bool:
        """Whether the coupon applies to such a product."""
        everything = not self.skus and not self.categories
        return everything or sku in self.skus or category in self.categories


@dataclass(frozen=True, slots=True)
class CampaignLimits:
    """How far a campaign goes; None is without bound.

    Attributes:
        coupons: Coupons issued in all.
        per_person: Coupons one person may hold or have held.
        generations: How often a coupon may be passed on: 0 is not at all.
        width: Friends that one share reaches, for ``copy`` and ``pool``.
        per_day: Coupons issued on one day.
        per_store: Coupons set aside or used in one store.
        per_household: Coupons set aside or used by the people of one household.
    """

    coupons: int | None = None
    per_person: int | None = None
    generations: int = 3
    width: int | None = None
    per_day: int | None = None
    per_store: int | None = None
    per_household: int | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """Who funds which coupons, how many, and how they are passed on."""

    id: str
    label: Label
    terms: CouponTerms
    budget_minor: int
    limits: CampaignLimits
    share_mode: ShareMode
    state: CampaignState = CampaignState.DRAFT
    on_refund: OnRefund = OnRefund.RESTORE

    def after(self, event: CampaignEvent) -> "Campaign":
        """Return the campaign one step on, or raise :class:`IllegalTransitionError`."""
        return replace(self, state=CAMPAIGN_TABLE.after(self.state, event))


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted where it is limited, read in the transaction that will change it.

    Attributes:
        issued: Coupons in all.
        of_person: Coupons that this person holds or has held.
        of_day: Coupons issued on this day.
        of_store: Coupons set aside or used in this store.
        of_household: Coupons set aside or used by this household.
        day_ends_at: When the next day begins.
    """

    issued: int = 0
    of_person: int = 0
    reserved_minor: int = 0
    spent_minor: int = 0
    of_day: int = 0
    of_store: int = 0
    of_household: int = 0
    day_ends_at: datetime | None = None


def may_issue(campaign: Campaign, counts: Counts, *, at: datetime) -> None:
    """Make sure that one more coupon may be issued.

    Raises:
        CouponNotStartedError: The campaign is a draft, or its time has not come.
        CouponRevokedError: The campaign is paused.
        CouponExpiredError: It has ended.
        CouponLimitReachedError: All were issued, or all of this day, or all that this person may have.
        CouponBudgetSpentError: Its money is spent or set aside.
    """
    window = campaign.terms.window
    match campaign.state:
        case CampaignState.DRAFT:
            raise CouponNotStartedError(campaign.id, window.starts_at or at)
        case CampaignState.PAUSED:
            raise CouponRevokedError(campaign.id)
        case CampaignState.ENDED:
            raise CouponExpiredError(campaign.id, window.ends_at or at)
        case CampaignState.TEST | CampaignState.LIVE:
            _in_time(campaign.id, window, at)
        case _:
            assert_never(campaign.state)
    limits = campaign.limits
    _within(campaign.id, "coupons", limits.coupons, counts.issued)
    _within(campaign.id, "per_person", limits.per_person, counts.of_person)
    _within(campaign.id, "per_day", limits.per_day, counts.of_day, counts.day_ends_at)
    may_spend(campaign, counts, 1)


def may_spend(campaign: Campaign, counts: Counts, cost_minor: int) -> None:
    """Make sure that the budget covers a redemption beside all that are spent or set aside.

    Raises:
        CouponBudgetSpentError: It does not.
    """
    if counts.spent_minor + counts.reserved_minor + cost_minor > campaign.budget_minor:
        raise CouponBudgetSpentError(campaign.id, campaign.budget_minor)


def may_use(campaign: Campaign, counts: Counts, cost_minor: int) -> None:
    """Make sure that one more coupon may be set aside, for a store and a household.

    Giving it back after a payment that was not made, or after a refund, opens its place again.

    Args:
        campaign: Whose coupon.
        counts: Of the store where it is used and the household that uses it.
        cost_minor: What it takes off, in minor units.

    Raises:
        CouponLimitReachedError: The store or the household has used all that it may.
        CouponBudgetSpentError: The budget does not cover it.
    """
    limits = campaign.limits
    _within(campaign.id, "per_store", limits.per_store, counts.of_store)
    _within(campaign.id, "per_household", limits.per_household, counts.of_household)
    may_spend(campaign, counts, cost_minor)


def _within(campaign: str, name: str, limit: int | None, used: int, opens_at: datetime | None = None) -> None:
    if limit is not None and used >= limit:
        raise CouponLimitReachedError(campaign, name, limit, used, opens_at=opens_at)


@dataclass(frozen=True, slots=True)
class Coupon:
    """One right to one benefit.

    Attributes:
        code: Cannot be guessed; the caller made it.
        holder: Who may use it; None for whoever brings it.
        generation: 0 as issued, one more each time it was passed on.
        parent: The coupon that it was passed on from, for the tree of shares.
        reserved_for: The payment that set it aside.
    """

    code: str
    campaign: str
    label: Label
    terms: CouponTerms
    holder: str | None = None
    state: CouponState = CouponState.ISSUED
    generation: int = 0
    parent: str | None = None
    reserved_for: str | None = None

    def after(self, event: CouponEvent) -> "Coupon":
        """Return the coupon one step on, or raise :class:`IllegalTransitionError`."""
        return replace(self, state=COUPON_TABLE.after(self.state, event))

    def share(self, token: str, mode: ShareMode, limits: CampaignLimits, *, at: datetime) -> "tuple[Coupon, Share]":
        """Open a link to the coupon: a gift leaves its holder, a copy or pool stays with them.

        Raises:
            ShareCapError: It has been passed on as often as the campaign allows.
            CouponExpiredError: Its time is over.
            CouponReservedError: A payment under way has it.
            CouponRedeemedError: It was used.
            CouponRevokedError: The shop took it back.
            IllegalTransitionError: It is already on its way to somebody.
        """
        self._usable(at)
        if self.generation >= limits.generations:
            raise ShareCapError(self.code, "generations", limits.generations)
        width = 1 if mode is ShareMode.GIFT else limits.width
        moved = self.after(CouponEvent.SHARE)  # also refuses a copy of what is on its way to somebody
        link = Share(token, self.code, mode, self.holder, width)
        return (moved if mode is ShareMode.GIFT else self), link

    def claim(self, share: "Share", by: str, code: str, *, at: datetime) -> "Claim":
        """Take what was shared: a gift changes hands under its code, a copy is a child with a code of its own.

        Args:
            share: The link that was opened.
            by: Who claims.
            code: The child's code; a gift keeps its own.
            at: Now.

        Raises:
            OwnShareError: ``by`` shared it.
            CouponAlreadyClaimedError: Somebody was first, or the pool is empty.
            CouponExpiredError: Its time is over.
            CouponRevokedError: The shop or the one who shared took it back.
        """
        if share.sharer is not None and share.sharer == by:
            raise OwnShareError(self.code)
        if share.state is ShareState.CLAIMED:
            raise CouponAlreadyClaimedError(self.code)
        if share.state is ShareState.WITHDRAWN or self.state is CouponState.REVOKED:
            raise CouponRevokedError(self.code)
        if self.terms.window.is_before(at):
            raise CouponExpiredError(self.code, self.terms.window.ends_at or at)
        deeper = self.generation + 1
        if share.mode is ShareMode.GIFT:
            taken = replace(self.after(CouponEvent.CLAIM), holder=by, generation=deeper)
            return Claim(share=share.counted(), original=taken, taken=taken)
        child = Coupon(code, self.campaign, self.label, self.terms, holder=by, generation=deeper, parent=self.code)
        return Claim(share=share.counted(), original=self, taken=child)

    def withdraw(self, share: "Share") -> "tuple[Coupon, Share]":
        """Take a share back; nothing that was claimed returns.

        Raises:
            IllegalTransitionError: It was claimed or withdrawn before.
        """
        closed = replace(share, state=SHARE_TABLE.after(share.state, ShareEvent.WITHDRAW))
        return (self.after(CouponEvent.WITHDRAW) if share.mode is ShareMode.GIFT else self), closed

    def reserve(self, payment: str, *, at: datetime) -> "Coupon":
        """Set the coupon aside for a payment under way; the same payment may ask again.

        Raises:
            CouponNotStartedError: Its time has not come.
            CouponExpiredError: ``at`` is not before its end.
            CouponReservedError: Another payment has it.
            CouponRedeemedError: It was used.
            CouponRevokedError: The shop took it back.
            IllegalTransitionError: It is on its way to somebody.
        """
        if self.state is CouponState.RESERVED and self.reserved_for == payment:
            return self
        self.demand_usable(at=at)
        return replace(self.after(CouponEvent.RESERVE), reserved_for=payment)

    def demand_usable(self, *, at: datetime) -> None:
        """Make sure that a payment to come could set the coupon aside.

        Raises:
            CheckoutError: As :meth:`reserve` says.
        """
        self._usable(at)
        _in_time(self.code, self.terms.window, at)
        COUPON_TABLE.after(self.state, CouponEvent.RESERVE)

    def release(self) -> "Coupon":
        """Give the coupon back after a payment that was not made."""
        return replace(self.after(CouponEvent.RELEASE), reserved_for=None)

    def redeem(self) -> "Coupon":
        """Use the coupon up; only what was set aside can be used.

        Raises:
            CouponRedeemedError: It was used before.
            IllegalTransitionError: It was not set aside.
        """
        if self.state is CouponState.REDEEMED:
            raise CouponRedeemedError(self.code)
        return self.after(CouponEvent.REDEEM)

    def restore(self, *, at: datetime) -> "Coupon":
        """Give a used coupon back to its holder, whose goods have all come back.

        Raises:
            CouponExpiredError: Its time is over; it stays used.
            IllegalTransitionError: It was not used.
        """
        if self.terms.window.is_before(at):
            raise CouponExpiredError(self.code, self.terms.window.ends_at or at)
        return replace(self.after(CouponEvent.RESTORE), reserved_for=None)

    def revoke(self) -> "Coupon":
        """Take the coupon back for the shop; one that a payment has set aside is out of reach."""
        return self.after(CouponEvent.REVOKE)

    def _usable(self, at: datetime) -> None:
        match self.state:
            case CouponState.RESERVED:
                raise CouponReservedError(self.code)
            case CouponState.REDEEMED:
                raise CouponRedeemedError(self.code)
            case CouponState.REVOKED:
                raise CouponRevokedError(self.code)
            case CouponState.ISSUED | CouponState.SHARED:
                if self.terms.window.is_before(at):
                    raise CouponExpiredError(self.code, self.terms.window.ends_at or at)
            case _:
                assert_never(self.state)


@dataclass(frozen=True, slots=True)
class Share:
    """A link to a coupon.

    Attributes:
        token: Cannot be guessed; the caller made it.
        sharer: Who shared; None for a coupon that nobody holds by name.
        width: How many may claim; None is without bound.
    """

    token: str
    coupon: str
    mode: ShareMode
    sharer: str | None
    width: int | None
    claimed: int = 0
    state: ShareState = ShareState.OPEN

    def counted(self) -> "Share":
        """Return the share after one more claim."""
        claimed = self.claimed + 1
        event = ShareEvent.FILL if claimed == self.width else ShareEvent.CLAIM
        return replace(self, claimed=claimed, state=SHARE_TABLE.after(self.state, event))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a claim leaves behind: the link, the coupon that was shared, and the one in the new holder's hands."""

    share: Share
    original: Coupon
    taken: Coupon


def _in_time(name: str, window: Window, at: datetime) -> None:
    if window.starts_at is not None and window.is_after(at):
        raise CouponNotStartedError(name, window.starts_at)
    if window.ends_at is not None and window.is_before(at):
        raise CouponExpiredError(name, window.ends_at)
