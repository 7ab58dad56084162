"""Ports for help at the kiosks and for top-ups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Intervention:
    """A call for a person: opened by a kiosk or a rule, claimed by one, resolved by the same one."""

    intervention_id: str
    store_id: str
    kiosk_id: str
    basket_id: str | None
    line_id: str | None
    type: str
    state: str
    detail: dict[str, Any]  # JSON shown to staff: product, min_age, total_minor, emoji, masked
    opened_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    resolution: str | None
    reason: str | None
    claimed_by_name: str | None = None  # as the person is called; `claimed_by` is the login


class Interventions(Protocol):
    """Calls for help."""

    def add(self, intervention: Intervention) -> bool:
        """Keep a call; False when its id is known."""
        ...

    def get(self, intervention_id: str) -> Intervention | None:
        """Return a call, or None."""
        ...

    def of(self, store_id: str, state: str | None, *, limit: int) -> Sequence[Intervention]:
        """Return calls, newest first."""
        ...

    def waiting(self, basket_id: str) -> Sequence[Intervention]:
        """Return the calls of a basket that nobody has closed, in the order they were opened."""
        ...

    def unresolved(self, basket_id: str, type_: str) -> Intervention | None:
        """Return the call of a type that still waits for a basket, or None."""
        ...

    def claim(self, intervention_id: str, by: str, *, at: datetime) -> bool:
        """Take an open call; False when somebody was first."""
        ...

    def describe(self, intervention_id: str, detail: dict[str, Any]) -> None:
        """Replace what a call shows."""
        ...

    def cancel(self, intervention_id: str, resolution: str, *, at: datetime) -> bool:
        """End a call that nobody has closed, without anybody's answer; False when it was closed."""
        ...

    def resolve(self, intervention_id: str, by: str, resolution: str, reason: str, *, at: datetime) -> bool:
        """Close a call that `by` has claimed; False when it is not theirs or closed."""
        ...


@dataclass(frozen=True, slots=True)
class TopUp:
    """Money on its way into a wallet.

    Attributes:
        status: `started`, `credited`, `failed`, `mismatch` or `taken_back`.
        posted_minor: What the wallet has of it now.
        missing_minor: What a refund or dispute should have taken back and could not, as it is spent.
        moves: How often the ledger was moved for it.
    """

    topup_id: str
    customer_id: str
    amount_minor: int
    currency: str
    status: str
    provider_ref: str | None
    started_at: datetime
    credited_at: datetime | None
    provider: str = "sandbox"
    posted_minor: int = 0
    missing_minor: int = 0
    moves: int = 0


class TopUps(Protocol):
    """Top-ups with what their provider has said of them."""

    def add(self, topup: TopUp) -> bool:
        """Keep a started top-up; False when its id is known."""
        ...

    def get(self, topup_id: str) -> TopUp | None:
        """Return a top-up, or None."""
        ...

    def locked(self, topup_id: str) -> TopUp | None:
        """Return a top-up that nobody else changes before this transaction ends."""
        ...

    def by_reference(self, provider_ref: str) -> str | None:
        """Return the id of the top-up that bears a provider's reference."""
        ...

    def put(self, topup: TopUp) -> None:
        """Keep how a locked top-up stands now."""
        ...

    def keep_fact(
        self, topup_id: str, kind: str, ref: str, amount_minor: int, currency_code: str, *, at: datetime
    ) -> None:
        """Keep a fact; of the same fact with two amounts the larger, as sums only grow."""
        ...

    def facts(self, topup_id: str) -> list[tuple[str, int, str]]:
        """Return kind, amount and currency of all facts of a top-up."""
        ...
