"""Who hears which live events: of one store, and of it what their work needs (product.md 5.4)."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.flows.errors import FlowError
from server.flows.ports import Caller

ENDED = "session.ended"
"""Somebody's session is over: no one is told of it, but the streams that it opened end with it."""
MARKETERS = frozenset({"marketer", "marketing_lead"})
MERCHANTS = frozenset({"merchant_owner", "merchant_cashier"})
_SALES = frozenset({"payment.captured", "payment.refunded", "day.closed"})
_CAMPAIGNS = frozenset({"campaign.changed", "coupon.claimed", "cashback.changed"})
NUDGES = frozenset({"payment.captured"})
"""What marketing hears without what it says: somebody has bought, so coupons may have been used or given."""

HEARS: Mapping[str, frozenset[str] | None] = {
    "staff_assist": None,
    "staff_manager": None,
    "admin": None,
    "merchant_owner": _SALES,
    "merchant_cashier": _SALES,
    "finance": _SALES,
    "marketer": _CAMPAIGNS,
    "marketing_lead": _CAMPAIGNS,
}
"""Kinds of events by role; None stands for all. Other roles have nothing to listen to."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One who listens, as far as it says what they may hear and when it ends.

    Attributes:
        kinds: Of events; None for all.
        bare: Those of which only the kind is told.
        subject: Whose session or device it is; empty for nobody's.
        session_id: Which of the sessions of staff; empty for a device.
    """

    store_id: str
    kinds: frozenset[str] | None = None
    subject: str = ""
    session_id: str = ""
    bare: frozenset[str] = frozenset()

    def hears(self, store_id: str, kind: str) -> bool:
        """Whether an event is for this listener."""
        return store_id == self.store_id and kind != ENDED and (self.kinds is None or kind in self.kinds)

    def ends_with(self, kind: str, body: Mapping[str, object]) -> bool:
        """Whether an event shuts this listener out: the device is revoked, or the session is over."""
        if kind == "device.revoked":
            return not self.session_id and bool(self.subject) and body.get("device_id") == self.subject
        if kind != ENDED or not self.session_id or body.get("login") != self.subject:
            return False
        return body.get("session_id") in {None, self.session_id}


def hearing_of(who: Caller, store_id: str) -> Hearing:
    """Return what a device or somebody who works here may hear of a store.

    Raises:
        FlowError: `store_not_found`: it is not the store of this device or merchant.
    """
    demand_store(who, store_id)
    if who.kind != "staff":
        return Hearing(store_id, None, who.subject)
    granted = [HEARS[role] for role in who.roles & HEARS.keys()]
    named = [kinds for kinds in granted if kinds is not None]
    if len(named) < len(granted):
        return Hearing(store_id, None, who.subject, who.session_id)
    kinds = frozenset[str]().union(*named)
    bare = NUDGES - kinds if who.roles & MARKETERS else frozenset[str]()
    return Hearing(store_id, kinds | bare, who.subject, who.session_id, bare)


def demand_store(who: Caller, store_id: str) -> None:
    """Let a device, and a merchant, look at their own store alone.

    Raises:
        FlowError: `store_not_found`: to them it is as if there were no other.
    """
    is_bound = who.kind != "staff" or bool(who.store_id) or bool(who.roles & MERCHANTS)
    if is_bound and who.store_id != store_id:
        raise FlowError("store_not_found", f"There is no store {store_id!r} here.", store_id=store_id)
