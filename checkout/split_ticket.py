"""Share a ticket among friends by its lines: shared lines are divided, whoever paid bears the cents that are left."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from checkout.errors import LineNotFoundError


@dataclass(frozen=True, slots=True)
class Split:
    """What a ticket comes to, in minor units.

    Attributes:
        friends: What each friend owes, in their order; some may owe nothing.
        payer: What stays with whoever paid.
    """

    friends: tuple[int, ...]
    payer: int


def split_ticket(dues: Mapping[str, int], taken: Sequence[AbstractSet[str]], kept: AbstractSet[str]) -> Split:
    """Return what each friend owes for the lines that they took part in; all shares sum to the ticket.

    Args:
        dues: What was paid for each line, in minor units, none of them below zero.
        taken: Which lines each friend took part in.
        kept: Which of these whoever paid took part in too. What no friend took is theirs anyway.

    Raises:
        LineNotFoundError: The ticket has no such line.

    Examples:
        >>> split_ticket({"wine": 1000, "bread": 250}, [{"wine"}, {"wine", "bread"}], {"wine"})
        Split(friends=(333, 583), payer=334)
    """
    for line_id in sorted(set().union(kept, *taken) - dues.keys()):
        raise LineNotFoundError(line_id)
    heads = {line_id: sum(line_id in lines for lines in taken) + (line_id in kept) for line_id in dues}
    friends = tuple(sum(dues[line_id] // heads[line_id] for line_id in lines) for lines in taken)
    return Split(friends, sum(dues.values()) - sum(friends))
