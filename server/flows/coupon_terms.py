"""What a campaign's coupons ask for beside the goods: as a plan says it, as it is kept, as the rules see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from checkout.coupon_conditions import EVERY_DAY, MIDNIGHT, NO_CONDITIONS, Conditions, Hours
from server.flows.ports import Work
from server.flows.segments import SEGMENTS


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan asks of whoever uses a coupon; the words are those of `checkout.Conditions`."""

    opens: time = MIDNIGHT
    closes: time = MIDNIGHT
    days: tuple[int, ...] = tuple(sorted(EVERY_DAY))
    stores: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    members_only: bool = False
    first_purchase_only: bool = False

    def as_json(self) -> dict[str, Any] | None:
        """Return it as it is kept and shown; None when nothing is asked for."""
        if self == NOTHING:
            return None
        return {
            "opens": f"{self.opens:%H:%M}",
            "closes": f"{self.closes:%H:%M}",
            "days": list(self.days),
            "stores": list(self.stores),
            "segments": list(self.segments),
            "members_only": self.members_only,
            "first_purchase_only": self.first_purchase_only,
        }


NOTHING = Asked()


def conditions_of(kept: Mapping[str, Any] | None, *, by_person: bool) -> Conditions:
    """Return what is kept as the rules see it.

    Args:
        kept: As `Asked.as_json` wrote it.
        by_person: Whether the campaign counts by person in another way, so that a name is needed at any rate.
    """
    if not kept:
        return Conditions(members_only=True) if by_person else NO_CONDITIONS
    return Conditions(
        hours=Hours(time.fromisoformat(kept["opens"]), time.fromisoformat(kept["closes"]), frozenset(kept["days"])),
        stores=frozenset(kept["stores"]),
        segments=frozenset(kept["segments"]),
        # Whoever must be in a segment or new here must be known first: then "say who you are" is the next step.
        members_only=kept["members_only"] or bool(kept["segments"]) or kept["first_purchase_only"] or by_person,
        first_purchase_only=kept["first_purchase_only"],
    )


def faults(work: Work, asked: Asked) -> list[dict[str, str]]:
    """Name every field that could never hold, with the way out."""
    found = []
    if asked.opens == asked.closes != MIDNIGHT:
        found.append(("conditions.closes", "it is when they open", "Choose another hour, or midnight to midnight."))
    if not asked.days or not EVERY_DAY.issuperset(asked.days):
        found.append(("conditions.days", "no such day", "Choose days from 1 for Monday to 7 for Sunday."))
    for n, store in enumerate(asked.stores):
        if work.shelf.store(store) is None:
            found.append((f"conditions.stores.{n}", f"there is no store {store!r}", "Take it out, or write its key."))
    for n, segment in enumerate(asked.segments):
        if segment not in SEGMENTS:
            fix = f"Choose from {', '.join(sorted(SEGMENTS))}."
            found.append((f"conditions.segments.{n}", f"there is no segment {segment!r}", fix))
    if asked.first_purchase_only and asked.segments:
        fix = "Take one of the two out."
        found.append(("conditions.segments", "nobody is in a segment before a first purchase", fix))
    return [{"field": field, "message": why, "fix": fix} for field, why, fix in found]
