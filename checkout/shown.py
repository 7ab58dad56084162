"""What a shopper was shown and agrees to pay: it holds until the basket changes or its time is over."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checkout.errors import BasketChangedError, QuoteExpiredError
from checkout.transitions import TransitionTable


class QuoteState(StrEnum):
    """Whether a quote may still be paid."""

    VALID = "valid"
    SUPERSEDED = "superseded"
    """Goods, prices, coupons or payee are not what was shown."""
    EXPIRED = "expired"


class QuoteEvent(StrEnum):
    """What happens to a quote that was shown."""

    CONFIRM = "confirm"
    """Priced anew, it came out the same."""
    CHANGE = "change"
    LAPSE = "lapse"


QUOTE_TABLE = TransitionTable(
    name="quote",
    start=QuoteState.VALID,
    rows={
        (QuoteState.VALID, QuoteEvent.CONFIRM): QuoteState.VALID,
        (QuoteState.VALID, QuoteEvent.CHANGE): QuoteState.SUPERSEDED,
        (QuoteState.VALID, QuoteEvent.LAPSE): QuoteState.EXPIRED,
    },
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood on the screen when the shopper agreed.

    Attributes:
        digest: Of the quote.
        amount_minor: Its total.
        payee: Who is paid, by name; empty where an attendant took the money and knows their own shop.
        expires_at: From when on it has to be shown again; None for what was agreed to a moment ago.
    """

    digest: str
    amount_minor: int
    payee: str = ""
    expires_at: datetime | None = None

    def event(self, now: "Shown", *, at: datetime) -> QuoteEvent:
        """Return what has happened to it: ``now`` is the same basket priced anew at ``at``."""
        if self._changes(now):
            return QuoteEvent.CHANGE
        return QuoteEvent.LAPSE if self.expires_at is not None and at >= self.expires_at else QuoteEvent.CONFIRM

    def demand(self, now: "Shown", *, at: datetime) -> None:
        """Make sure that what was shown is what would be paid.

        Raises:
            BasketChangedError: Digest, amount or payee is another.
            QuoteExpiredError: It was shown too long ago.
        """
        state = QUOTE_TABLE.after(QUOTE_TABLE.start, self.event(now, at=at))
        if state is QuoteState.SUPERSEDED:
            raise BasketChangedError(*self._changes(now)[0])
        if state is QuoteState.EXPIRED and self.expires_at is not None:
            raise QuoteExpiredError(self.expires_at)

    def _changes(self, now: "Shown") -> list[tuple[str, str]]:
        pairs = (
            (self.digest, now.digest),
            (str(self.amount_minor), str(now.amount_minor)),
            (self.payee, now.payee),
        )
        return [pair for pair in pairs if pair[0] != pair[1]]
