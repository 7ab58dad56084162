"""How the store's basket differs from what this kiosk had reckoned without it."""

from kiosk.visit.values import Basket, Difference, Line


def differences(reckoned: Basket, said: Basket, asked_for: frozenset[str]) -> tuple[Difference, ...]:
    """Return where the store's basket is not what this kiosk had reckoned, in the order of the lines.

    A line that the shopper asked for and that was not reckoned yet (``asked_for``) is new, not different.
    """
    before, after = ({line.line_id: line for line in basket.lines} for basket in (reckoned, said))
    known = [line_id for line_id in {**before, **after} if line_id in before or line_id not in asked_for]
    found = [_difference(before.get(line_id), after.get(line_id)) for line_id in known]
    return tuple(one for one in found if one is not None)


def _difference(before: Line | None, after: Line | None) -> Difference | None:
    match before, after:
        case Line(), None:
            return Difference(before.name, "gone", before.due_minor, None)
        case None, Line():
            return Difference(after.name, "added", None, after.due_minor)
        case Line(), Line():
            if before.quantity != after.quantity:
                return Difference(after.name, "quantity", before.due_minor, after.due_minor)
            if before.unit_price_minor != after.unit_price_minor:
                return Difference(after.name, "price", before.due_minor, after.due_minor)
            if before.due_minor != after.due_minor:
                return Difference(after.name, "offer", before.due_minor, after.due_minor)
            return None
        case _:
            raise AssertionError("a line of neither basket")
