"""The pass that opens the gate: what of it is signed, and how it is written.

The store signs, a gate checks, and neither key is known here. A gate without a network can so tell a real pass from an
invented one, and an old one from one in force; that it opens once is a matter of memory, not of signatures.
"""

from dataclasses import dataclass

from checkout import signed_text

_KIND = "1"


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
        return f"sesame-exit-pass\n{signed_text.written(_KIND, self._facts)}".encode()

    def token(self, signature: bytes) -> str:
        """Return the pass with its signature, as it stands behind `SESAME:X:` in a code."""
        return signed_text.token(_KIND, self._facts, signature)

    @property
    def _facts(self) -> tuple[str | int, ...]:
        return (self.store_id, self.ticket_number, self.expires_at_s, self.nonce)


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
    if (found := signed_text.read(_KIND, (str, int, int, str), token)) is None:
        return None
    facts, signature = found
    store_id, number, expires_at_s, nonce = facts
    return SignedPass(ExitPass(str(store_id), int(number), int(expires_at_s), str(nonce)), signature)
