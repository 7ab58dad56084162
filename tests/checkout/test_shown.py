from dataclasses import replace

import pytest

from checkout import QUOTE_TABLE, QuoteEvent, QuoteState, Shown
from checkout.errors import BasketChangedError, IllegalTransitionError, QuoteExpiredError
from tests.checkout.builders import HOUR, NOON

SHOWN = Shown("d1", 420, "Store 12", NOON + HOUR)


def test_quote_is_paid_when_it_comes_out_the_same_in_time() -> None:
    SHOWN.demand(SHOWN, at=NOON)
    replace(SHOWN, expires_at=None).demand(SHOWN, at=NOON + 100 * HOUR)


@pytest.mark.parametrize(
    ("now", "shown", "found"),
    [
        (replace(SHOWN, digest="d2"), "d1", "d2"),
        (replace(SHOWN, amount_minor=421), "420", "421"),
        (replace(SHOWN, payee="Store 13"), "Store 12", "Store 13"),
    ],
)
def test_quote_is_refused_with_both_facts_when_anything_shown_changed(now: Shown, shown: str, found: str) -> None:
    with pytest.raises(BasketChangedError) as refused:
        SHOWN.demand(now, at=NOON + HOUR)
    assert (refused.value.shown, refused.value.now) == (shown, found)


def test_quote_is_refused_when_it_was_shown_too_long_ago() -> None:
    with pytest.raises(QuoteExpiredError) as refused:
        SHOWN.demand(SHOWN, at=NOON + HOUR)
    assert refused.value.expired_at == NOON + HOUR


@pytest.mark.parametrize("over", [QuoteState.SUPERSEDED, QuoteState.EXPIRED])
def test_nothing_revives_a_quote_when_it_is_over(over: QuoteState) -> None:
    for event in QuoteEvent:
        with pytest.raises(IllegalTransitionError):
            QUOTE_TABLE.after(over, event)
