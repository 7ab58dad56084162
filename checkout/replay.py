"""An old ticket against its basket priced anew by the rules stored with it: to the cent, or where not."""

from collections.abc import Iterator
from dataclasses import dataclass

from checkout.quote import Quote


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two quotes part: a line's id or a word such as ``total``, and what each says."""

    where: str
    printed: str
    anew: str


def differences(printed: Quote, anew: Quote) -> tuple[Difference, ...]:
    """Return every place where a stored quote and its replay differ; nothing when the replay holds to the cent."""
    pairs = zip(_facts(printed), _facts(anew), strict=False)
    found = [Difference(f"{theirs[0]}", theirs[1], ours[1]) for theirs, ours in pairs if theirs != ours]
    ours_count, theirs_count = len(anew.lines), len(printed.lines)
    if ours_count != theirs_count:
        return (Difference("lines", str(theirs_count), str(ours_count)),)
    return tuple(found)


def _facts(quote: Quote) -> Iterator[tuple[str, str]]:
    for name, amount in (("gross", quote.gross), ("saved", quote.saved), ("total", quote.total)):
        yield name, str(amount)
    for line in quote.lines:
        rules = ", ".join(f"{one.rule_id} {one.amount}" for one in line.adjustments)
        yield line.line.line_id, f"{line.line.sku} x {line.line.quantity}: {line.gross}, {rules}; {line.due}"
    yield "coupons", ", ".join(f"{one.code} {one.saved}" for one in quote.coupons)
    yield "vat", ", ".join(f"{row.rate_bp}: {row.net} + {row.tax} = {row.gross}" for row in quote.vat)
