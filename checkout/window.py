"""From when until when. Expiry is never a state here: it is a comparison with a moment that the caller names."""

from dataclasses import dataclass
from datetime import datetime

from checkout.errors import MalformedRuleError


@dataclass(frozen=True, slots=True)
class Window:
    """A time span with time zones; the start belongs to it, the end does not. None is open on that side."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        if any(moment is not None and moment.tzinfo is None for moment in (self.starts_at, self.ends_at)):
            raise MalformedRuleError("window", "a moment names its time zone")
        if self.starts_at is not None and self.ends_at is not None and self.ends_at <= self.starts_at:
            raise MalformedRuleError("window", "it ends before it starts")

    def is_before(self, at: datetime) -> bool:
        """Whether the span is over at that moment."""
        return self.ends_at is not None and at >= self.ends_at

    def is_after(self, at: datetime) -> bool:
        """Whether the span has yet to begin."""
        return self.starts_at is not None and at < self.starts_at

    def __contains__(self, at: datetime) -> bool:
        return not self.is_before(at) and not self.is_after(at)


ALWAYS = Window()
