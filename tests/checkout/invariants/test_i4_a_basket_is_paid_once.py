"""I4: a basket version has one captured payment.

Caught: a row of a table that lets a paid basket, or captured money, go through again (as ``(PAID, PAY): PAYING``).
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from checkout import BASKET_TABLE, PAYMENT_TABLE, BasketEvent, BasketState, PaymentEvent, PaymentState, TransitionTable

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)
CHOICES = st.lists(st.integers(0, 11), max_size=40)


def walk(table: TransitionTable[S, E], choices: list[int]) -> Iterator[tuple[E, S]]:
    """Go where the table lets one go, one of the allowed events after the other, until an end."""
    state = table.start
    for choice in choices:
        if not (allowed := table.allowed(state)):
            return
        event = allowed[choice % len(allowed)]
        state = table.after(state, event)
        yield event, state


@given(CHOICES)
def test_basket_is_settled_at_most_once_and_then_stands_when_anything_happens(choices: list[int]) -> None:
    steps = list(walk(BASKET_TABLE, choices))
    settled = [place for place, (event, _) in enumerate(steps) if event is BasketEvent.SETTLE]
    assert len(settled) <= 1
    assert all(place == len(steps) - 1 for place in settled)
    assert all((state is BasketState.PAID) == (event is BasketEvent.SETTLE) for event, state in steps)
    assert not BASKET_TABLE.allowed(BasketState.PAID)


@given(CHOICES)
def test_money_is_handed_over_or_given_back_once_when_anything_happens(choices: list[int]) -> None:
    ends = [event for event, _ in walk(PAYMENT_TABLE, choices) if event in {PaymentEvent.POST, PaymentEvent.VOID}]
    assert len(ends) <= 1
    assert not PAYMENT_TABLE.allowed(PaymentState.VOIDED)
    assert not PAYMENT_TABLE.allowed(PaymentState.REFUNDED)
