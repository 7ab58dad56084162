"""Words that somebody must answer within a moment, and once: challenges that this server recognises as its own.

A challenge is not stored when it is made, so asking for thousands of them fills nothing: it carries its own end and a
keyed hash over what it is for. Only one that was answered rightly is noted, until it would be too old anyway.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from server.flows.errors import FlowError
from server.flows.ports import Work


@dataclass(frozen=True, slots=True)
class Challenges:
    """Make and recognise challenges.

    Attributes:
        keyed: `PhoneBook.keyed`: (purpose, text) to a keyed hash in hex.
    """

    keyed: Callable[[str, str], str]

    def make(self, purpose: str, subject: str, nonce: str, *, at: datetime, life: timedelta) -> str:
        """Return a challenge for one purpose and one subject; `nonce` is fresh chance without a dot."""
        end = int((at + life).timestamp())
        return f"{end}.{nonce}.{self._seal(purpose, subject, end, nonce)}"

    def check(self, challenge: str, purpose: str, subject: str, *, at: datetime) -> datetime:
        """Return when a challenge ends.

        Raises:
            FlowError: `challenge_over`: it is too old, for something else, or none of ours.
        """
        end, _, rest = challenge.partition(".")
        nonce, _, seal = rest.partition(".")
        if not (end.isascii() and end.isdigit() and len(end) < 12):  # noqa: PLR2004 - seconds since 1970, for millennia
            raise challenge_over()
        if not hmac.compare_digest(seal.encode(), self._seal(purpose, subject, int(end), nonce).encode()):
            raise challenge_over()
        ends_at = datetime.fromtimestamp(int(end), UTC)
        if at >= ends_at:
            raise challenge_over()
        return ends_at

    def _seal(self, purpose: str, subject: str, end: int, nonce: str) -> str:
        return self.keyed(f"challenge/{purpose}", f"{end}\n{nonce}\n{subject}")


def use_up(work: Work, challenge: str, *, ends_at: datetime) -> None:
    """Let a challenge count this once.

    Raises:
        FlowError: `challenge_over`: it was answered before.
    """
    if not work.used_words.use(challenge, expires_at=ends_at):
        raise challenge_over()


def challenge_over() -> FlowError:
    """Return the refusal of a challenge: whether it is old, used or foreign, nobody learns."""
    return FlowError("challenge_over", "This challenge is not in force.")
