"""What the kiosk asks of the store server for a colleague: to come, to act here, and what they have done."""

from dataclasses import dataclass, field
from typing import Literal

from kiosk.visit.values import Detail


@dataclass(frozen=True, slots=True)
class OpenIntervention:
    """Call a colleague; ``key`` is the intervention's id."""

    key: str
    type: Literal[
        "help_requested",
        "payment_at_desk",
        "unknown_item",
        "face_help",
        "payment_stuck",
        "catalogue_refused",
        "lens_dirty",
        "camera_frozen",
        "wrong_person",
        "offline_check",
    ]
    basket_id: str | None
    detail: Detail = field(default_factory=dict)
    kind: Literal["open_intervention"] = "open_intervention"


@dataclass(frozen=True, slots=True)
class CancelIntervention:
    """Take back a call for a colleague who is not needed any more."""

    key: str
    intervention_id: str
    kind: Literal["cancel_intervention"] = "cancel_intervention"


@dataclass(frozen=True, slots=True)
class Proof:
    """How a colleague says who they are: a badge, or number and PIN."""

    badge: str | None = field(repr=False)
    number: str | None
    pin: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenAttendance:
    """Let a colleague act at this kiosk; ``key`` is the attendance's id."""

    key: str
    proof: Proof
    kind: Literal["open_attendance"] = "open_attendance"


@dataclass(frozen=True, slots=True)
class EndAttendance:
    """Let nobody act under it any more."""

    key: str
    attendance_id: str
    kind: Literal["end_attendance"] = "end_attendance"


@dataclass(frozen=True, slots=True)
class AmendLine:
    """Set a line's quantity as a colleague says, with the reason; 0 takes it out."""

    key: str
    basket_id: str
    attendance_id: str
    line_id: str
    quantity: int
    reason: str
    kind: Literal["amend_line"] = "amend_line"


@dataclass(frozen=True, slots=True)
class SetPrice:
    """Set what pieces of a line cost as a colleague says; ``second`` where somebody else must agree."""

    key: str
    basket_id: str
    attendance_id: str
    line_id: str
    pieces: int
    price_minor: int
    reason: str
    second: Proof | None = None
    kind: Literal["set_price"] = "set_price"


@dataclass(frozen=True, slots=True)
class LookAtAge:
    """Say what a colleague saw who stood before the shopper."""

    key: str
    basket_id: str
    attendance_id: str
    approved: bool
    kind: Literal["look_at_age"] = "look_at_age"


@dataclass(frozen=True, slots=True)
class SettleCheck:
    """Say that a colleague has looked at the goods that were drawn."""

    key: str
    basket_id: str
    attendance_id: str
    kind: Literal["settle_check"] = "settle_check"


@dataclass(frozen=True, slots=True)
class TellKiosk:
    """Close this kiosk to shoppers, or open it, as a colleague before it says."""

    key: str
    kiosk_id: str
    attendance_id: str
    paused: bool
    reason: str = "closed"
    kind: Literal["tell_kiosk"] = "tell_kiosk"


StaffCall = AmendLine | SetPrice | LookAtAge | SettleCheck | TellKiosk
"""What a colleague has done. None of it waits on disk: what they saw a moment ago may not hold when it arrives."""
