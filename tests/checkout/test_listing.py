"""What a cluster names of its ways, in the cases that baskets seldom lead to."""

from collections.abc import Sequence
from typing import cast

from checkout.allocation import Allocation, Allocator, Contender, Saving
from checkout.clusters import Cluster, Part
from checkout.combination import _Laid, _near, _options
from checkout.gap import View
from checkout.promotions import Cut, EachUnit, Goods, Match
from checkout.uses import Offer


class EvenView:
    """A view in which a minor unit is worth one, on every line."""

    def weight(self, places: Sequence[int]) -> int | None:
        return min(1, len(places))

    def weights(self, places: Sequence[int]) -> tuple[int, ...]:
        return (1,) * len(places)


EVEN = cast("View", EvenView())


def saves(minor: int) -> Part:
    return Part((), 1, Allocation((Saving(0, "a", minor),)), is_fixed=True)


def a_cluster(*picks: Part, margin_minor: int = 0) -> _Laid:
    most = max(part.solved.minor for part in picks)
    first = next((part.solved,) for part in picks if part.solved.minor == most)
    parts = tuple((part,) for part in picks)
    cluster = Cluster(Allocator([]), parts, first, most, margin_minor, 0, is_listed=True)
    return _Laid(cluster, 1, (0,))


def test_best_way_alone_is_named_when_every_other_saves_too_little() -> None:
    laid = a_cluster(saves(10), margin_minor=5)

    assert _options(laid, [(EVEN, 4)]) == (laid.cluster.first,)


def test_pick_is_passed_over_when_it_leaves_no_room_for_more() -> None:
    best, less, near = saves(10), saves(3), saves(9)

    assert _near(a_cluster(best, less, near), EVEN, 1) == [(best.solved,), (near.solved,)]


def test_nothing_is_listed_when_the_best_itself_is_not_proven() -> None:
    one = Contender(Offer("a", EachUnit(Match(), Cut.AMOUNT, 1)), 1)
    allocator = Allocator([Goods("tea", "", 100)])
    allocator._parts["a",] = Allocation((Saving(0, "a", 5),), gap_minor=3)

    ways = allocator.ways([one], (), 0)

    assert (ways.most, ways.near) == (8, None)
