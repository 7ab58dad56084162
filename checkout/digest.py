"""The one text of a quote that an approval is bound to, and its SHA-256."""

import hashlib
import json
from collections.abc import Iterable, Sequence

from checkout.basket import Basket
from checkout.money import Money
from checkout.quote import AppliedCoupon


def charge_text(sku: str, quantity: int, weight_g: int | None, gross_minor: int) -> str:
    """Return what lines that cost the same have in common as the digest reads it: it follows a line's id."""
    return f",{_quoted(sku)},{quantity},{'null' if weight_g is None else weight_g},{gross_minor}"


def left_text(charge: str, adjustments: Iterable[str], due_minor: int, vat_rate_bp: int) -> str:
    """Return a line as the digest reads it, without its id.

    Args:
        charge: As :func:`charge_text` has it.
        adjustments: All that is taken off, as :func:`adjustment_text` has it.
        due_minor: What is left.
        vat_rate_bp: Of the line.
    """
    return f"{charge},[{','.join(adjustments)}],{due_minor},{vat_rate_bp}]"


def line_text(line_id: str, left: str) -> str:
    """Return a line as the digest reads it; ``left`` is from :func:`left_text`."""
    return f"[{_quoted(line_id)}{left}"


def adjustment_text(rule_id: str, minor: int) -> str:
    """Return what a rule does to a line as the digest reads it."""
    return f"[{_quoted(rule_id)},{minor}]"


def digest_of(basket: Basket, lines: Iterable[str], total: Money, coupons: Sequence[AppliedCoupon]) -> str:
    """Return the digest in hex: basket id and version, lines by their texts, coupons, total.

    What is hashed is one JSON object whose names are sorted.
    """
    used = [[coupon.code, coupon.state.value, coupon.saved.minor] for coupon in coupons]
    before = f'{{"basket":{_canonical([basket.id, basket.version])},"coupons":{_canonical(used)}'
    currency = _quoted(total.currency.code)
    text = f'{before},"currency":{currency},"lines":[{",".join(lines)}],"total":{total.minor}}}'
    return hashlib.sha256(text.encode()).hexdigest()


_canonical = json.JSONEncoder(separators=(",", ":")).encode
_quoted = json.encoder.encode_basestring_ascii
"""A text as the same encoder writes it."""
