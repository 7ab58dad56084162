"""A ticket among friends: every cent is somebody's, nobody owes more than an even share, the payer bears the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.errors import LineNotFoundError
from checkout.split_ticket import Split, split_ticket

LINES = [f"line {n}" for n in range(5)]
SOME = st.sets(st.sampled_from(LINES))


def test_a_shared_line_is_divided_and_the_payer_bears_the_cent_when_it_does_not_come_out_even() -> None:
    assert split_ticket({"wine": 1000}, [{"wine"}, {"wine"}], {"wine"}) == Split((333, 333), 334)
    assert split_ticket({"wine": 1000}, [{"wine"}, {"wine"}, {"wine"}], set()) == Split((333, 333, 333), 1)


def test_what_nobody_took_is_the_payers_when_friends_took_the_rest() -> None:
    assert split_ticket({"wine": 1000, "bread": 250}, [{"bread"}, set()], set()) == Split((250, 0), 1000)


def test_a_line_is_refused_when_the_ticket_does_not_have_it() -> None:
    with pytest.raises(LineNotFoundError, match="beer"):
        split_ticket({"wine": 1000}, [{"wine"}], {"beer"})


@given(st.fixed_dictionaries({line: st.integers(0, 100_000) for line in LINES}), st.lists(SOME, min_size=1), SOME)
def test_all_shares_sum_to_the_ticket_and_none_is_below_zero(
    dues: dict[str, int], taken: list[set[str]], kept: set[str]
) -> None:
    split = split_ticket(dues, taken, kept)

    assert sum(split.friends) + split.payer == sum(dues.values())
    assert min(*split.friends, split.payer) >= 0
    assert all(owed <= sum(dues[line] for line in lines) for owed, lines in zip(split.friends, taken, strict=True))
