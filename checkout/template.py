"""The face on file of one shopper: it is matched while it is active, and what has ended matches nobody ever again."""

from enum import StrEnum

from checkout.transitions import TransitionTable


class TemplateState(StrEnum):
    """Where a face template stands. Nothing of an erased or expired one is kept but that it was."""

    ACTIVE = "active"
    LOCKED = "locked"
    """On file, and matched with nobody: its owner said that a payment was not theirs, or asked for a pause."""
    ERASED = "erased"
    EXPIRED = "expired"
    """Not used for so long that it was erased without being asked for."""


class TemplateEvent(StrEnum):
    """What happens to a face template."""

    LOCK = "lock"
    UNLOCK = "unlock"
    ERASE = "erase"
    EXPIRE = "expire"


TEMPLATE_TABLE = TransitionTable(
    name="template",
    start=TemplateState.ACTIVE,
    rows={
        (TemplateState.ACTIVE, TemplateEvent.LOCK): TemplateState.LOCKED,
        (TemplateState.ACTIVE, TemplateEvent.ERASE): TemplateState.ERASED,
        (TemplateState.ACTIVE, TemplateEvent.EXPIRE): TemplateState.EXPIRED,
        (TemplateState.LOCKED, TemplateEvent.UNLOCK): TemplateState.ACTIVE,
        (TemplateState.LOCKED, TemplateEvent.ERASE): TemplateState.ERASED,
        (TemplateState.LOCKED, TemplateEvent.EXPIRE): TemplateState.EXPIRED,
    },
)
