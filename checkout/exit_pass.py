"""The pass that opens the gate: what of it is signed, and how it is written.

The store signs, a gate checks, and neither key is known here. A gate without a network can so tell a real pass from an
invented one, and an old one from one in force; that it opens once is a matter of memory, not of signatures.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

_KIND = "1"
_PARTS = 3


@dataclass(frozen=True, slots=True)
class ExitPass:
    """What a pass says.

    Attributes:
        store_id: Whose gates it opens.
        ticket_number: Of the paid ticket that it belongs to.
        expires_at_s: Seconds since 1970 from which on it opens nothing.
        nonce: What makes it one of its kind; gates remember it.
    """

    store_id: str
    ticket_number: int
    expires_at_s: int
    nonce: str

    def words(self) -> bytes:
        """Return the bytes that are signed; they say what they are, as the key signs other things, too."""
        return f"sesame-exit-pass\n{self._facts()}".encode()

    def token(self, signature: bytes) -> str:
        """Return the pass with its signature, as it stands behind `SESAME:X:` in a code."""
        return f"{self._facts()}.{_text(signature)}"

    def _facts(self) -> str:
        facts = [self.store_id, self.ticket_number, self.expires_at_s, self.nonce]
        return f"{_KIND}.{_text(json.dumps(facts, separators=(',', ':')).encode())}"


@dataclass(frozen=True, slots=True)
class SignedPass:
    """A pass as it was read: nothing is believed before the signature was checked."""

    exit_pass: ExitPass
    signature: bytes


def read_exit_pass(token: str) -> SignedPass | None:
    """Read a token; None for anything that was not written by :meth:`ExitPass.token`.

    Examples:
        >>> written = ExitPass("demo", 7, 1_795_000_000, "n").token(b"signed")
        >>> read_exit_pass(written).exit_pass.ticket_number
        7
        >>> read_exit_pass("1.AAAA.AAAA") is None
        True
    """
    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        facts = json.loads(_bytes(parts[1]))
        signature = _bytes(parts[2])
    except ValueError:
        return None
    if not isinstance(facts, list) or [type(fact) for fact in facts] != [str, int, int, str]:
        return None
    found = SignedPass(ExitPass(*facts), signature)
    # Written again it must be the same text: one pass has one spelling.
    return found if found.exit_pass.token(signature) == token else None


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
