"""Paying while the store is away: who may take how much, what proves it, and what is settled later (IP13).

Three texts, each signed, none of them a secret by itself:

- a *grant*: the store says that a kiosk's own key may sign until a moment;
- a *wallet pass*: the store says whose wallet pays, up to which floor, until when. It carries a check of the PIN that
  only a kiosk with the store's key of that day can make, so that no kiosk keeps anything of anybody's PIN and a
  photographed pass does not give the PIN away;
- a *provisional exit pass*: a kiosk with a grant says that somebody may leave.

What a shopper may pay without the store is bounded for each kiosk, for each person at each kiosk, and by what lay in
the wallet when the pass was made. Kiosks that are cut off do not know of each other: the most that one person can take
is the floor times the number of kiosks.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from checkout import signed_text
from checkout.basket import Line
from checkout.errors import OfflineLimitError
from checkout.random_check import roll_of

OFFLINE_CODE = "SESAME:O:"
_GRANT, _PASS, _EXIT = "G", "P", "2"
_SCRYPT_N, _SCRYPT_R, _SCRYPT_MEMORY = 2**15, 8, 64 << 20
"""32 MiB and some 0.1 s a try. Source: OWASP password storage, scrypt."""
_VERIFIER_BYTES = 16
DAY_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class OfflineRules:
    """How much kiosks take while the store is away, in minor units; nothing at all where one of them is zero.

    Attributes:
        person_day_minor: Of one person, at one kiosk, within 24 hours.
        kiosk_day_minor: Of everybody, at one kiosk, within 24 hours.
    """

    person_day_minor: int = 3000
    kiosk_day_minor: int = 30_000

    @property
    def room_minor(self) -> int:
        """The most that any one payment may be."""
        return min(self.person_day_minor, self.kiosk_day_minor)

    def demand(self, amount_minor: int, *, floor_minor: int, of_person_minor: int, of_kiosk_minor: int) -> None:
        """Make sure that a payment stays below every bound.

        Args:
            amount_minor: What is to be paid.
            floor_minor: Of the pass.
            of_person_minor: What this pass has paid here and is still counted.
            of_kiosk_minor: What all have.

        Raises:
            OfflineLimitError: With what is left for this person here.
        """
        person_left = min(self.person_day_minor, floor_minor) - of_person_minor
        left = max(0, min(person_left, self.kiosk_day_minor - of_kiosk_minor))
        if amount_minor > left:
            raise OfflineLimitError(amount_minor, left)


@dataclass(frozen=True, slots=True)
class Grant:
    """A kiosk's key as the store knows it; ``public_key`` as :func:`checkout.signed_text.signs` writes it."""

    store_id: str
    kiosk_id: str
    public_key: str
    expires_at_s: int

    def words(self) -> bytes:
        """Return what the store signs."""
        return f"sesame-offline-grant\n{signed_text.written(_GRANT, self._facts)}".encode()

    def token(self, signature: bytes) -> str:
        """Return the grant as it travels."""
        return signed_text.token(_GRANT, self._facts, signature)

    @property
    def _facts(self) -> tuple[str | int, ...]:
        return (self.store_id, self.kiosk_id, self.public_key, self.expires_at_s)


def read_grant(text: str) -> tuple[Grant, bytes] | None:
    """Read a grant and its signature; None for anything else."""
    if (found := signed_text.read(_GRANT, (str, str, str, int), text)) is None:
        return None
    (store_id, kiosk_id, key, expires_at_s), signature = found
    return Grant(str(store_id), str(kiosk_id), str(key), int(expires_at_s)), signature


@dataclass(frozen=True, slots=True)
class WalletPass:
    """Whose wallet pays.

    Attributes:
        pass_id: Stands for the wallet; says nothing about a person.
        subject: As a screen may show it.
        floor_minor: The most that it pays at one kiosk in a day.
        day: Which key of the store its check was made with.
        verifier: Of the PIN, by :func:`pin_verifier`.
        check_bp: How likely a random check is, as the store would draw it; zero is never, and is not written.
    """

    store_id: str
    pass_id: str
    subject: str
    floor_minor: int
    expires_at_s: int
    day: str
    verifier: str
    check_bp: int = 0

    def words(self) -> bytes:
        """Return what the store signs."""
        return f"sesame-wallet-pass\n{signed_text.written(_PASS, self._facts)}".encode()

    def token(self, signature: bytes) -> str:
        """Return the pass as it stands behind :data:`OFFLINE_CODE`."""
        return signed_text.token(_PASS, self._facts, signature)

    @property
    def _facts(self) -> tuple[str | int, ...]:
        facts = (self.store_id, self.pass_id, self.subject, self.floor_minor)
        return (*facts, self.expires_at_s, self.day, self.verifier, *([self.check_bp] if self.check_bp else []))


def read_wallet_pass(text: str) -> tuple[WalletPass, bytes] | None:
    """Read a pass and its signature; None for anything else."""
    shape = (str, str, str, int, int, str, str)
    found = signed_text.read(_PASS, shape, text) or signed_text.read(_PASS, (*shape, int), text)
    if found is None:
        return None
    (store_id, pass_id, subject, floor, expires_at_s, day, verifier, *checked), signature = found
    told = WalletPass(str(store_id), str(pass_id), str(subject), int(floor), int(expires_at_s), str(day), str(verifier))
    return replace(told, check_bp=int(checked[0]) if checked else 0), signature


def pin_verifier(pin: str, pass_id: str, key: bytes) -> str:
    """Return the check of a PIN that a pass carries: slow, and of no use without the store's key of the day."""
    slow = hashlib.scrypt(
        pin.encode(), salt=pass_id.encode(), n=_SCRYPT_N, r=_SCRYPT_R, p=1, maxmem=_SCRYPT_MEMORY, dklen=32
    )
    return signed_text.signs(hmac.digest(key, slow, "sha256")[:_VERIFIER_BYTES])


@dataclass(frozen=True, slots=True)
class ProvisionalExit:
    """A way out that a kiosk signs; which kiosk and store, its grant says.

    Attributes:
        number: In the kiosk's own series.
        nonce: What makes it one of its kind; gates remember it.
    """

    number: int
    expires_at_s: int
    nonce: str

    def words(self) -> bytes:
        """Return what the kiosk signs."""
        return f"sesame-provisional-exit\n{signed_text.written(_EXIT, self._facts)}".encode()

    def token(self, signature: bytes, grant: str) -> str:
        """Return the pass with the grant of whoever signed it, as it stands behind `SESAME:X:`."""
        return f"{signed_text.token(_EXIT, self._facts, signature)}.{grant}"

    @property
    def _facts(self) -> tuple[str | int, ...]:
        return (self.number, self.expires_at_s, self.nonce)


@dataclass(frozen=True, slots=True)
class SignedExit:
    """A provisional pass as it was read: nothing is believed before both signatures were checked."""

    exit: ProvisionalExit
    signature: bytes
    grant: Grant
    grant_signature: bytes

    @property
    def expires_at_s(self) -> int:
        """From when on it opens nothing: neither the pass nor the grant outlives the other."""
        return min(self.exit.expires_at_s, self.grant.expires_at_s)


_EXIT_PARTS = 6
_OWN_PARTS = 3


def read_provisional_exit(text: str) -> SignedExit | None:
    """Read a token; None for anything that was not written by :meth:`ProvisionalExit.token`."""
    parts = text.split(".")
    if len(parts) != _EXIT_PARTS:
        return None
    own = signed_text.read(_EXIT, (int, int, str), ".".join(parts[:_OWN_PARTS]))
    granted = read_grant(".".join(parts[_OWN_PARTS:]))
    if own is None or granted is None:
        return None
    (number, expires_at_s, nonce), signature = own
    return SignedExit(ProvisionalExit(int(number), int(expires_at_s), str(nonce)), signature, *granted)


@dataclass(frozen=True, slots=True)
class OfflineDraw:
    """What decides without the store whether somebody looks first: the kiosk's own signature of it.

    Nobody who lacks the kiosk's key can foresee it, whoever has the public one can check it, and nothing in it is the
    shopper's to choose: asked again it rolls the same, until they have paid here or the day has ended.

    Attributes:
        pass_id: Whose wallet pays.
        day: Of UTC, counted since 1970 by the kiosk.
        nth: Which of this wallet's payments of that day it is, at this kiosk.
    """

    pass_id: str
    day: int
    nth: int

    def words(self) -> bytes:
        """Return what the kiosk signs; an Ed25519 signature of one text by one key is always the same (RFC 8032)."""
        return f"sesame-offline-check\n{self.pass_id} {self.day} {self.nth}".encode()

    @staticmethod
    def roll(signature: bytes) -> int:
        """Return what a signature rolls, 0 to 9999; below the chance of the pass somebody looks."""
        return roll_of(hashlib.sha256(signature).hexdigest())


@dataclass(frozen=True, slots=True)
class OfflineSale:
    """A payment that a kiosk took without the store: what both sides keep, and what is settled when it is back.

    Attributes:
        payment_id: Made by the kiosk; settled once under it.
        ticket_id: Of the ticket to come, so that the shopper has its address already.
        number: In the kiosk's own series, without gaps. A number that comes twice tells of a disk that was set back.
        previous: The hash of the sale before, or the empty text.
        digest: Of what the shopper agreed to, with ``amount_minor`` and ``payee``.
        wallet_pass: The token of the pass.
        draw_nth: Of the :class:`OfflineDraw` that let it pass; zero where the pass asks for none.
        draw_proof: The kiosk's signature of that draw, as :func:`checkout.signed_text.signs` writes it.
    """

    payment_id: str
    ticket_id: str
    number: int
    previous: str
    basket_id: str
    digest: str
    amount_minor: int
    currency: str
    payee: str
    wallet_pass: str
    taken_at: datetime
    age_verified: bool
    lines: tuple[Line, ...]
    draw_nth: int = 0
    draw_proof: str = ""

    def words(self) -> bytes:
        """Return what the kiosk signs."""
        lines = [
            [
                *(one.line_id, one.sku, one.quantity, one.scanned_code, one.weight_g, one.price_minor, one.lot),
                *([] if one.issue is None else [one.issue]),
            ]
            for one in self.lines
        ]
        facts: Sequence[object] = [
            *(self.payment_id, self.ticket_id, self.number, self.previous, self.basket_id, self.digest),
            *(self.amount_minor, self.currency, self.payee, self.wallet_pass, int(self.taken_at.timestamp())),
            *(self.age_verified, lines),
            *([self.draw_nth, self.draw_proof] if self.draw_nth else []),
        ]
        return b"sesame-offline-payment\n" + json.dumps(facts, separators=(",", ":")).encode()

    def draw(self, pass_id: str) -> OfflineDraw:
        """Return the draw of this sale by the wallet of a pass."""
        return OfflineDraw(pass_id, int(self.taken_at.timestamp()) // DAY_SECONDS, self.draw_nth)

    @property
    def hash(self) -> str:
        """What the next sale of the series names as the one before."""
        return hashlib.sha256(self.words()).hexdigest()
