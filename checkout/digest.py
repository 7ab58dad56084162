"""The one text of a quote that an approval is bound to, and its SHA-256."""

import hashlib
import json
from collections.abc import Iterable, Sequence

from checkout.basket import Basket, Line
from checkout.money import Money
from checkout.quote import AppliedCoupon


def head_of(line: Line, gross_minor: int) -> str:
    """Return the beginning of a line's text, which holds whatever is taken off it."""
    weight = "null" if line.weight_g is None else line.weight_g
    return f"[{_canonical(line.line_id)},{_canonical(line.sku)},{line.quantity},{weight},{gross_minor}"


def text_of(head: str, adjustments: Iterable[str], due_minor: int, vat_rate_bp: int) -> str:
    """Return a line as the digest reads it.

    Args:
        head: As :func:`head_of` has it.
        adjustments: All that is taken off, as :func:`adjustment_text` has it.
        due_minor: What is left.
        vat_rate_bp: Of the line.
    """
    return f"{head},[{','.join(adjustments)}],{due_minor},{vat_rate_bp}]"


def adjustment_text(rule_id: str, minor: int) -> str:
    """Return what a rule does to a line as the digest reads it."""
    return f"[{_canonical(rule_id)},{minor}]"


def digest_of(basket: Basket, lines: Iterable[str], total: Money, coupons: Sequence[AppliedCoupon]) -> str:
    """Return the digest in hex: basket id and version, lines by their texts, coupons, total.

    What is hashed is one JSON object whose names are sorted.
    """
    used = [[coupon.code, coupon.state.value, coupon.saved.minor] for coupon in coupons]
    before = f'{{"basket":{_canonical([basket.id, basket.version])},"coupons":{_canonical(used)}'
    currency = _canonical(total.currency.code)
    text = f'{before},"currency":{currency},"lines":[{",".join(lines)}],"total":{total.minor}}}'
    return hashlib.sha256(text.encode()).hexdigest()


_canonical = json.JSONEncoder(separators=(",", ":")).encode
