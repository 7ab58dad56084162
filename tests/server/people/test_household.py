"""People who say that they are one household: by a code that lets one in, for a while, and no more than it takes."""

from datetime import timedelta
from functools import partial

import pytest

from server.db.database import Database
from server.flows.coupon_rules import household_of
from server.flows.errors import FlowError
from server.flows.household import CODE_LIFE, MOST_PEOPLE, Home, home_of, invite, join, leave
from server.flows.phone import PhoneBook
from server.flows.ports import Work
from tests.server.builders import NOON, an_id
from tests.server.people.builders import at_once

PHONES = PhoneBook("FR", b"p" * 32)


def a_code(work: Work, person: str) -> str:
    return invite(work, PHONES, person, at=NOON, new_id=an_id)[0]


def joined(code: str, person: str, work: Work) -> Home:
    return join(work, PHONES, person, code, at=NOON)


def test_two_are_one_household_when_one_reads_a_code_to_the_other(database: Database) -> None:
    code = database.write(lambda work: a_code(work, "ada"))

    assert database.write(partial(joined, code, "ben")) == Home(2)
    assert database.read(lambda work: household_of(work, "ben")) == ["ada", "ben"]
    with pytest.raises(FlowError, match="no household"):
        database.write(partial(joined, code, "eve"))
    assert database.write(lambda work: leave(work, "ben")) == Home(1)
    assert database.read(lambda work: home_of(work, "ada")) == Home(1)


def test_one_of_64_is_let_in_when_all_have_heard_the_same_code(database: Database) -> None:
    code = database.write(lambda work: a_code(work, "ada"))

    done = at_once([partial(database.write, partial(joined, code, f"person-{n}")) for n in range(64)])

    assert sum(isinstance(each, Home) for each in done) == 1
    assert database.read(lambda work: home_of(work, "ada")) == Home(2)


def test_nobody_is_in_two_households_when_a_second_code_is_used(database: Database) -> None:
    def prepare(work: Work) -> str:
        joined(a_code(work, "ada"), "ben", work)
        return a_code(work, "cem")

    code = database.write(prepare)

    with pytest.raises(FlowError, match="one household at a time"):
        database.write(partial(joined, code, "ben"))


def test_a_code_leads_nowhere_when_its_time_is_over_or_the_household_is_full(database: Database) -> None:
    def fill(work: Work) -> str:
        for n in range(1, MOST_PEOPLE):
            joined(a_code(work, "ada"), f"person-{n}", work)
        return a_code(work, "ada")

    late = database.write(lambda work: a_code(work, "dan"))
    full = database.write(fill)

    with pytest.raises(FlowError, match="no household"):
        database.write(lambda work: join(work, PHONES, "eve", late, at=NOON + CODE_LIFE + timedelta(seconds=1)))
    with pytest.raises(FlowError, match="takes 12 people"):
        database.write(partial(joined, full, "eve"))
