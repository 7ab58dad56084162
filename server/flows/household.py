"""A household: people who say that they are one, for offers that count by household; who is in it is told to nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.flows.errors import FlowError
from server.flows.phone import PhoneBook
from server.flows.ports import Work
from server.flows.wallet_code import new_wallet_code

CODE_LIFE = timedelta(minutes=10)
"""Long enough to read eight digits to somebody in the next room."""
MOST_PEOPLE = 12


@dataclass(frozen=True, slots=True)
class Home:
    """A person's household; one person alone is none.

    Attributes:
        people: How many are in it.
    """

    people: int


def home_of(work: Work, phone_hash: str) -> Home:
    """Return how many live together with a person, who counts too."""
    household_id = work.households.of(phone_hash)
    return Home(1 if household_id is None else len(work.households.people(household_id)))


def invite(
    work: Work,
    phones: PhoneBook,
    phone_hash: str,
    *,
    at: datetime,
    new_id: Callable[[], str],
    draw: Callable[[], str] = new_wallet_code,
) -> tuple[str, datetime]:
    """Return a code that lets one more person in, and its end; the one before it leads nowhere any more."""
    household_id = work.households.of(phone_hash)
    if household_id is None:
        household_id = new_id()
        work.households.add(household_id, at=at)
        work.households.join(household_id, phone_hash, at=at)
    code, until = draw(), at + CODE_LIFE
    work.households.open_door(household_id, phones.code_hash(code), until=until)
    return code, until


def join(work: Work, phones: PhoneBook, phone_hash: str, code: str, *, at: datetime) -> Home:
    """Put a person into the household that a code leads into; the code is used up.

    Raises:
        FlowError: `household_code_unknown`; `household_left_first`: they are in another one; `household_full`.
    """
    household_id = work.households.by_code(phones.code_hash(code), at=at)
    if household_id is None or not work.households.locked(household_id):
        raise FlowError("household_code_unknown", "This code leads into no household.")
    if work.households.by_code(phones.code_hash(code), at=at) != household_id:
        raise FlowError("household_code_unknown", "This code leads into no household.")  # used while this one waited
    if (before := work.households.of(phone_hash)) == household_id:
        return home_of(work, phone_hash)
    if before is not None and len(work.households.people(before)) > 1:
        raise FlowError("household_left_first", "Somebody is in one household at a time.")
    if len(work.households.people(household_id)) >= MOST_PEOPLE:
        raise FlowError("household_full", f"A household takes {MOST_PEOPLE} people.", most=MOST_PEOPLE)
    work.households.leave(phone_hash)  # one who was alone in one of their own
    work.households.join(household_id, phone_hash, at=at)
    work.households.open_door(household_id, None, until=None)
    return home_of(work, phone_hash)


def leave(work: Work, phone_hash: str) -> Home:
    """Take a person out of their household; what they have used stays counted as theirs."""
    work.households.leave(phone_hash)
    return home_of(work, phone_hash)
