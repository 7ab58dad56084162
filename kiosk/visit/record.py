"""The little of a visit that outlives the process: the way back to the same basket, and nothing about a person."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """An open basket, and the payment under way if one was sent."""

    basket_id: str
    payment_id: str | None
    locale: str
