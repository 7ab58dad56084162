"""Segments: groups of shoppers by how often they bought here of late. Worked out when asked for, kept nowhere."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from server.flows.ports import Work
from server.flows.ports.payments import Purchases

OF_LATE = timedelta(days=90)
"""The window that campaigns are measured by, too (`server.flows.spread.REPLAYED`)."""
OFTEN = 3
"""Purchases of late that make a regular: one a month."""
MIN_GROUP = 20
"""A smaller group is told as none: who is in it could be guessed (product.md 5.4)."""


class Segment(StrEnum):
    """How often somebody bought of late; everybody who ever bought here is in exactly one."""

    REGULAR = "regular"
    OCCASIONAL = "occasional"
    LAPSED = "lapsed"


SEGMENTS = frozenset(each.value for each in Segment)


def segment_of(purchases: Purchases) -> Segment | None:
    """Return the segment of somebody with these purchases; None for somebody who never bought here."""
    if not purchases.ever:
        return None
    if not purchases.recent:
        return Segment.LAPSED
    return Segment.REGULAR if purchases.recent >= OFTEN else Segment.OCCASIONAL


def purchases_of(work: Work, phone_hash: str, *, at: datetime) -> Purchases:
    """Return how often somebody bought here, ever and of late."""
    return work.payments.purchases(phone_hash, since=at - OF_LATE)


def sizes(work: Work, *, at: datetime) -> list[dict[str, Any]]:
    """Return how many people each segment has now; None for fewer than `MIN_GROUP`."""
    people = dict.fromkeys(Segment, 0)
    for times, count in work.payments.shoppers(since=at - OF_LATE, often=OFTEN).items():
        if (segment := segment_of(Purchases(1, times))) is not None:
            people[segment] += count
    return [
        {"segment": segment.value, "people": count if count >= MIN_GROUP else None} for segment, count in people.items()
    ]
