"""The little of a visit that outlives the process: the way back to the same basket, and nothing about a person."""

from dataclasses import dataclass

from kiosk.visit.states import State
from kiosk.visit.values import Basket, HandOver, StoreFacts


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """An open basket, the payment under way if one was sent, and how far towards paying the screen was.

    ``screen`` is ``shopping``, ``review``, ``method`` or ``desk``: who was about to pay is not kept, so that choice
    is made again. ``desk_id`` is the call that a colleague at the desk sees. A basket that was put aside is no longer
    ours: then ``basket_id`` is empty, and ``aside`` is what the shopper still has to photograph.
    ``by_pass``: the payment is taken here, without the store; only this kiosk's own disk knows whether it was.
    ``paid_with``: the id of the approval by a face that the payment was sent with, so that its receipt still takes
    "not me"; it names nobody, and goes with the visit.
    """

    basket_id: str
    payment_id: str | None
    locale: str
    screen: str = State.SHOPPING.value
    desk_id: str | None = None
    aside: HandOver | None = None
    by_pass: bool = False
    paid_with: str | None = None


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
