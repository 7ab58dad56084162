"""What a request that is settled together with others will ask for."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ahead:
    """Which rows a request will ask for, so that those of a whole batch are read in one statement a table.

    Attributes:
        at: When it came.
        token_hash: Of its sender; empty for one without a token.
    """

    at: datetime
    store_id: str
    token_hash: str
    key: str
    payment_id: str
    basket_id: str
    authentication_id: str
    coupon_codes: tuple[str, ...]
