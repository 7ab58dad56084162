"""The code on a merchant's counter: what of it is signed, and how it is written.

The store signs, and checks what it has signed: a code that somebody pasted over it leads to nobody, or to the name and
picture of another. That a code is in force is a matter of memory, not of signatures.
"""

from dataclasses import dataclass

from checkout import signed_text

_KIND = "m"


@dataclass(frozen=True, slots=True)
class CounterCode:
    """What a code says.

    Attributes:
        store_id: Whose counter it stands on.
        code_id: Which of the merchant's codes it is; it can be withdrawn and another printed.
        amount_minor: What is to be paid, in minor units; 0 where the payer types it.
    """

    store_id: str
    code_id: str
    amount_minor: int = 0

    def words(self) -> bytes:
        """Return the bytes that are signed; they say what they are, as the key signs other things, too."""
        return f"sesame-counter-code\n{signed_text.written(_KIND, self._facts)}".encode()

    def token(self, signature: bytes) -> str:
        """Return the code with its signature, as it stands behind `/p/` in a link."""
        return signed_text.token(_KIND, self._facts, signature)

    @property
    def _facts(self) -> tuple[str | int, ...]:
        return (self.store_id, self.code_id, self.amount_minor)


@dataclass(frozen=True, slots=True)
class SignedCounter:
    """A code as it was read: nothing is believed before the signature was checked."""

    code: CounterCode
    signature: bytes


def read_counter_code(token: str) -> SignedCounter | None:
    """Read a token; None for anything that was not written by :meth:`CounterCode.token`.

    Examples:
        >>> written = CounterCode("demo", "c1", 1240).token(b"signed")
        >>> read_counter_code(written).code.amount_minor
        1240
        >>> read_counter_code("m.AAAA.AAAA") is None
        True
    """
    if (found := signed_text.read(_KIND, (str, str, int), token)) is None:
        return None
    facts, signature = found
    store_id, code_id, amount_minor = facts
    return SignedCounter(CounterCode(str(store_id), str(code_id), int(amount_minor)), signature)
