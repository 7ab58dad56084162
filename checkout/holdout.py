"""Who is left out of a campaign, so that there is something to compare it with: a draw that never changes its mind."""

import hashlib

from checkout.errors import MalformedRuleError

_PERCENT = 100
_STEPS = 100
"""Steps in one percent: the draw has ten thousand lots."""


def is_held_out(campaign: str, person: str, percent: int) -> bool:
    """Say whether a person is kept out of a campaign.

    The lot is drawn from both names alone: the same whoever asks and whenever, and another one in each campaign, so
    that nobody is left out of everything. Nothing about a person decides it.

    Raises:
        MalformedRuleError: ``percent`` is not 0 to 100.

    Examples:
        >>> is_held_out("autumn", "ada", 0), is_held_out("autumn", "ada", 100)
        (False, True)
    """
    if not 0 <= percent <= _PERCENT:
        raise MalformedRuleError(campaign, "a hold-out is 0 to 100 percent")
    lot = int.from_bytes(hashlib.sha256(f"{campaign}\n{person}".encode()).digest()[:8], "big")
    return lot % (_PERCENT * _STEPS) < percent * _STEPS
