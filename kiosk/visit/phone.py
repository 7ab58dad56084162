"""Telephone numbers as people type them, in the one form that the store keeps (E.164)."""

import re
from typing import Final

# Country -> (its dialling code, what a number typed at home looks like). France: ARCEP plan, ten digits that begin with
# 0; China: mobile numbers are eleven digits that begin with 1.
_PLANS: Final = {
    "FR": ("33", re.compile(r"0([1-9][0-9]{8})")),
    "CN": ("86", re.compile(r"(1[3-9][0-9]{9})")),
}
_INTERNATIONAL: Final = re.compile(r"\+[1-9][0-9]{7,14}")


def international(text: str, country: str) -> str | None:
    """Return ``+<country><number>``, or ``None`` where this cannot be a telephone number.

    Examples:
        >>> international("06 12 34 56 78", "FR")
        '+33612345678'
        >>> international("+86 138 0013 8000", "FR")
        '+8613800138000'
        >>> international("12", "FR") is None
        True
    """
    bare = re.sub(r"[\s.\-()/]", "", text)
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    if _INTERNATIONAL.fullmatch(bare):
        return bare
    if country not in _PLANS:
        return bare if re.fullmatch(r"[0-9]{6,15}", bare) else None  # the store knows the plan of its own country
    dialling, at_home = _PLANS[country]
    typed = at_home.fullmatch(bare)
    return f"+{dialling}{typed.group(1)}" if typed else None
