"""Prove a phone number by a code that is sent to it: ten minutes, five tries, once, and only for whoever asked.

Whether a number has an account is told to nobody here: a code is sent to any number, the answer is always the same.
Neither number nor code is kept, only keyed hashes. How many messages go out is bounded for each number, for whoever
asks, and for the store in a day, as each costs money and somebody may be paid for receiving them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from math import ceil
from secrets import randbelow
from typing import Protocol

from server.flows.errors import FlowError
from server.flows.phone import Phone, PhoneBook
from server.flows.ports import Work
from server.flows.ports.phone_codes import PhoneCode

DIGITS = 6
LIFE = timedelta(minutes=10)
"""Messages may be minutes late."""
TRIES = 5
"""Five of a million: with `PER_HOUR` codes an hour somebody who guesses needs three years for an even chance."""
AGAIN_AFTER = timedelta(seconds=30)
PER_HOUR = 5
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PROOF_LIFE = timedelta(minutes=15)
"""How long a proven number may wait for the account or the face that it was proven for."""
KEPT = DAY
"""The longest span that anything is counted over."""

WORDS = {
    "fr": "Sésame : votre code est {code}. Il vaut dix minutes. Ne le donnez à personne, nous ne le demandons jamais.",
    "en": "Sésame: your code is {code}. It lasts ten minutes. Give it to nobody, we never ask for it.",
    "zh": "Sésame 验证码 {code}。十分钟内有效。请勿告诉任何人。我们绝不会索要。",
}


class Messenger(Protocol):
    """Whoever carries messages to phones. Called outside of every transaction."""

    is_sandbox: bool

    def send(self, to: Phone, words: str) -> None:
        """Send one message.

        Raises:
            FlowError: `message_not_sent`.
        """
        ...


class SandboxMessenger(Messenger):
    """Sends nothing: the code stands in the answer, for demonstrations, and every page says so."""

    is_sandbox = True

    def send(self, to: Phone, words: str) -> None:
        """Send nothing."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a try came to. `left`: how many there are still; None when it was not even looked at."""

    is_right: bool
    left: int | None


def new_phone_code() -> str:
    """Return six digits of chance."""
    return f"{randbelow(10**DIGITS):0{DIGITS}d}"


def ask_code(
    work: Work,
    phones: PhoneBook,
    phone: Phone,
    *,
    phone_code_id: str,
    asked_by: str,
    code: str,
    per_day: int,
    at: datetime,
) -> PhoneCode:
    """Keep a code that is about to be sent; who wants another makes a new id.

    Raises:
        FlowError: `too_many_requests` for a number that gets too many; `messages_spent` when the store has sent
            `per_day`; `phone_code_exists`.
    """
    phone_hash = phones.hash(phone)
    asked = work.phone_codes.asked_since(phone_hash, at - HOUR)
    waits = [asked[0] + AGAIN_AFTER - at] if asked else []
    waits += [asked[PER_HOUR - 1] + HOUR - at] if len(asked) >= PER_HOUR else []
    if (wait := max(waits, default=timedelta())) > timedelta():
        detail = f"A number gets a code every {AGAIN_AFTER.seconds} seconds and {PER_HOUR} an hour."
        raise FlowError("too_many_requests", detail, retry_after_seconds=max(1, ceil(wait.total_seconds())))
    if work.phone_codes.sent_since(at - DAY) >= per_day:
        raise FlowError("messages_spent", "The store has sent as many messages as it may in a day.")
    made = PhoneCode(phone_code_id, phone_hash, _hashed(phones, phone_code_id, code), asked_by, at, at + LIFE)
    if not work.phone_codes.add(made):
        raise FlowError("phone_code_exists", "A code was asked for under this id before.")
    return made


def try_code(work: Work, phones: PhoneBook, phone_code_id: str, code: str, *, asked_by: str, at: datetime) -> Tried:
    """Try a code. It returns and never refuses, so that the try is counted whatever comes of it."""
    made = work.phone_codes.get(phone_code_id)
    if made is None or made.asked_by != asked_by:
        return Tried(is_right=False, left=None)
    fits = compare_digest(made.code_hash, _hashed(phones, phone_code_id, code))
    if made.proven_at is not None and fits and at < made.expires_at:
        return Tried(is_right=True, left=0)  # the same answer again: the first was lost on its way
    if not work.phone_codes.charge_try(phone_code_id, limit=TRIES, at=at):
        return Tried(is_right=False, left=None)
    if fits:
        work.phone_codes.prove(phone_code_id, at=at)
    now = work.phone_codes.get(phone_code_id) or made
    return Tried(is_right=fits, left=TRIES - now.tries)


def demand_right(tried: Tried) -> None:
    """Say why a try was not right.

    Raises:
        FlowError: `phone_code_wrong` with `attempts_left`; `phone_code_over`, also for one that never was.
    """
    if tried.is_right:
        return
    if not tried.left:
        raise FlowError("phone_code_over", "This code is over, used up, or was never sent.")
    raise FlowError("phone_code_wrong", "That is another code.", attempts_left=tried.left)


@dataclass(frozen=True, slots=True)
class Proof:
    """Which proven code a request comes with, from whom, and whether it needs one."""

    phone_code_id: str | None
    asked_by: str
    is_needed: bool

    def demand_named(self) -> None:
        """Refuse a request that needs a proof and names none, before anything else is said about the number.

        Raises:
            FlowError: `phone_unproven`.
        """
        if self.is_needed and self.phone_code_id is None:
            raise unproven()

    def use(self, work: Work, phone_hash: str, *, at: datetime) -> None:
        """Use the proof up, in the transaction of what it was given for.

        Raises:
            FlowError: `phone_unproven`.
        """
        self.demand_named()
        since = at - PROOF_LIFE
        if self.phone_code_id is not None and not work.phone_codes.use(
            self.phone_code_id, phone_hash, self.asked_by, proven_since=since, at=at
        ):
            raise unproven()


def unproven() -> FlowError:
    """Return the refusal of a number that nobody has proven to have."""
    return FlowError("phone_unproven", "Nobody has shown that this number is theirs, or too long ago.")


def worded(code: str, locale: str) -> str:
    """Return the message with a code."""
    return WORDS[locale].format(code=code)


def _hashed(phones: PhoneBook, phone_code_id: str, code: str) -> str:
    return phones.keyed("phone-code", f"{phone_code_id} {code}")
