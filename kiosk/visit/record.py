"""The little of a visit that outlives the process: the way back to the same basket, and nothing about a person."""

from dataclasses import dataclass

from kiosk.visit.values import Basket, StoreFacts


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """An open basket, and the payment under way if one was sent."""

    basket_id: str
    payment_id: str | None
    locale: str


@dataclass(frozen=True, slots=True)
class LastSeen:
    """What the screen showed last, so that a new process can show it before the store answers.

    Never the truth: the store's basket replaces it as soon as there is one.
    """

    store: StoreFacts
    basket: Basket


@dataclass(frozen=True, slots=True)
class Said:
    """The store's last word on a basket, and the id of the write that it answered."""

    basket: Basket
    key: str | None
