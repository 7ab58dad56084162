"""The one text of a quote that an approval is bound to, and its SHA-256."""

import hashlib
import json
from collections.abc import Sequence

from checkout.basket import Basket
from checkout.money import Money
from checkout.quote import AppliedCoupon, QuoteLine


def digest_of(basket: Basket, lines: Sequence[QuoteLine], total: Money, coupons: Sequence[AppliedCoupon]) -> str:
    """Return the digest in hex: basket id and version, lines with every adjustment, coupons, total."""
    facts = {
        "basket": [basket.id, basket.version],
        "coupons": [[coupon.code, coupon.state.value, coupon.saved.minor] for coupon in coupons],
        "currency": total.currency.code,
        "lines": [
            [
                line.line.line_id,
                line.line.sku,
                line.line.quantity,
                line.line.weight_g,
                line.gross.minor,
                [[adjustment.rule_id, adjustment.amount.minor] for adjustment in line.adjustments],
                line.due.minor,
                line.vat_rate_bp,
            ]
            for line in lines
        ],
        "total": total.minor,
    }
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
