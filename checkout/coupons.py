"""Coupons and shares: one right to one benefit, passed on, set aside, used once.

The tables say what may happen; the methods add what a table cannot say: time, holder, generation. Codes, tokens and
moments come in as arguments.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from checkout.campaigns import CampaignLimits, ShareMode
from checkout.coupon_terms import CouponTerms, demand_in_time
from checkout.errors import (
    CouponAlreadyClaimedError,
    CouponExpiredError,
    CouponRedeemedError,
    CouponReservedError,
    CouponRevokedError,
    OwnShareError,
    ShareCapError,
)
from checkout.label import Label
from checkout.transitions import TransitionTable


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
        demand_in_time(self.code, self.terms.window, at)
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
