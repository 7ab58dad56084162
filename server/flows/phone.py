"""Phone numbers: parsed once at the edge, kept only as a keyed hash and four digits."""

import hmac
import re
from dataclasses import dataclass, field

from server.flows.errors import FlowError

CALLING_CODES = {"FR": "33", "MC": "377", "BE": "32", "CH": "41", "LU": "352", "CN": "86", "DE": "49", "GB": "44"}
"""Countries of the shops and their neighbours. Source: ITU-T E.164, list of assigned country codes."""
NO_TRUNK_ZERO = frozenset({"MC", "LU", "CN"})
"""Where a number is dialled at home as it is abroad, without a leading 0. Source: ITU national numbering plans."""
NATIONAL = {
    "33": re.compile(r"[1-9][0-9]{8}"),
    "86": re.compile(r"1[3-9][0-9]{9}"),
}
"""A number behind its calling code, where we know it; elsewhere E.164's bounds alone. Source: ARCEP, MIIT."""
E164 = re.compile(r"[1-9][0-9]{6,14}")
LAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in its one written form, `+33612345678`. It is never stored or logged."""

    e164: str = field(repr=False)

    @property
    def last4(self) -> str:
        """The digits that narrow the gallery; no secret."""
        return self.e164[-LAST_DIGITS:]

    @property
    def masked(self) -> str:
        """The number as it may be shown to whoever typed it."""
        return f"*** {self.last4}"


def parse_phone(text: str, country: str) -> Phone:
    """Read a number as people write it: `+33 6 12 34 56 78`, `0033...`, or `06 12 34 56 78` in the store's country.

    Raises:
        FlowError: `malformed_phone`.
    """
    digits = re.sub(r"[\s().\-/\u00a0\u202f]", "", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("+"):
        number = digits[1:]
    else:
        home = CALLING_CODES.get(country, "")
        trunk = digits.removeprefix("0")
        national = digits if country in NO_TRUNK_ZERO else trunk
        if not home or (country not in NO_TRUNK_ZERO and trunk == digits):
            raise _malformed("a number without its country begins with 0, such as 06 12 34 56 78")
        number = home + national
    if number.isascii() and E164.fullmatch(number):
        # +33 (0)6...: the 0 in brackets is written on many cards and never dialled from abroad.
        number = re.sub(r"^330(?=[1-9][0-9]{8}$)", "33", number)
        shape = next((shape for code, shape in NATIONAL.items() if number.startswith(code)), None)
        if shape is None or shape.fullmatch(number[2:]):
            return Phone(f"+{number}")
    raise _malformed("it is too short, too long, or holds something other than digits")


@dataclass(frozen=True, slots=True)
class PhoneBook:
    """How this shop reads and hides numbers."""

    country: str
    pepper: bytes = field(repr=False)

    def parse(self, text: str) -> Phone:
        """Read a number as it is written in the store's country; see :func:`parse_phone`."""
        return parse_phone(text, self.country)

    def hash(self, phone: Phone) -> str:
        """Return the keyed hash (HMAC-SHA-256, hex). Without the key ten digits would be tried in seconds."""
        return self.keyed("phone", phone.e164)

    def code_hash(self, code: str) -> str:
        """Return the keyed hash of a wallet code: eight digits need the key as much as a number does."""
        return self.keyed("wallet-code", code)

    def keyed(self, purpose: str, text: str) -> str:
        """Return a keyed hash that is of no use for another purpose."""
        # Not `hmac.digest`: it lets other threads go first even for a text as short as these.
        return hmac.new(self.pepper, f"{purpose}:{text}".encode(), "sha256").hexdigest()


def _malformed(why: str) -> FlowError:
    fields = [{"field": "phone", "message": why, "fix": "Write it as +33 6 12 34 56 78 or 06 12 34 56 78."}]
    return FlowError("malformed_phone", f"This is no phone number: {why}.", errors=fields)
