"""The grammar of bodies on the wire: strict types, nothing unasked, bounds on every text."""

import re
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

_is_canonical = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_is_day = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch


def _canonical_id(text: str) -> str:
    return text if _is_canonical(text) else str(UUID(text))


def _read_instant(value: object) -> object:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


class Body(BaseModel):
    """A body that is exactly what it should be: an integer is not a text, and no field is ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, str_max_length=2048)


ClientId = Annotated[str, Field(min_length=32, max_length=36), AfterValidator(_canonical_id)]
"""An id that the sender made and saved before sending: a UUID."""


def _read_day_or_instant(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) and _is_day(value) else _read_instant(value)


Instant = Annotated[AwareDatetime, BeforeValidator(_read_instant)]
"""RFC 3339 with its offset; a bare number is no moment."""

DayOrInstant = Annotated[AwareDatetime | date, BeforeValidator(_read_day_or_instant)]
"""A day of the store's calendar, as 2026-11-23, or a moment."""

ShortText = Annotated[str, Field(min_length=1, max_length=200)]
Minor = Annotated[int, Field(ge=0, le=10**12)]
"""Minor units; bounded so that no sum of them leaves 64 bits."""
