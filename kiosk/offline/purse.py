"""Take payments while the store is away: checked by what the store has signed, counted and written down on this disk.

What a thief can do with it is bounded and said in docs/kiosk.md: a pass counts at each kiosk by itself, so one person
takes at most the floor at each; a clock that is set back is refused, one that is set forward brings no counter back, as
what the store has not booked counts whatever its age; a disk that is set back repeats a number, which the store finds.
"""

import hmac
import logging
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import TypeAdapter

from checkout import (
    OfflineDraw,
    OfflineRules,
    OfflineSale,
    ProvisionalExit,
    WalletPass,
    pin_verifier,
    read_wallet_pass,
)
from checkout.errors import OfflineLimitError
from checkout.offline_pay import DAY_SECONDS
from checkout.signed_text import signs
from kiosk.offline.grant import GrantFile, Held
from kiosk.offline.outbox import SqliteOutbox, Taken
from kiosk.ports import Clock
from kiosk.visit.calls import Approval, SettleByPass
from kiosk.visit.effects import CheckPass, NoteSettled, PurseEffect, RecallByPass, TakeByPass
from kiosk.visit.events import Event, NotTakenByPass, OfflineRoom, PassAccepted, PassRefused, TakenByPass
from kiosk.visit.values import ExitCode, Facts, Payment, Ticket

CLOCK_MAY_LAG_SECONDS: Final = 300  # a clock that is put right now and then; more is somebody's hand
EXIT_SECONDS: Final = 1800
TRIES: Final = 3  # fewer than at the store: nobody can be told
KEPT_SECONDS: Final = 30 * DAY_SECONDS
_PAYMENT: Final[TypeAdapter[Payment]] = TypeAdapter(Payment)
_LOG = logging.getLogger(__name__)


class PassRefusedError(Exception):
    """A pass may not pay; ``code`` is a notice's, ``facts`` fill it."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Facts = dict(facts)


@dataclass(frozen=True, slots=True)
class SignedBy:
    """What the store has signed and this kiosk holds: its key, its id, and how much may be taken."""

    key: Ed25519PublicKey
    store_id: str
    rules: OfflineRules


class Purse:
    """One thread beside the loop's; ``carry_out`` returns at once, and what came of it is posted."""

    def __init__(
        self,
        outbox: SqliteOutbox,
        kiosk_id: str,
        key: Ed25519PrivateKey,
        grants: GrantFile,
        store: Callable[[], SignedBy | None],
        clock: Clock,
        deliver: Callable[[Event], None],
    ) -> None:
        """Get ready.

        Args:
            outbox: Where what is taken lies, beside the write that tells the store.
            kiosk_id: Who this kiosk is to the store.
            key: Its own, which the store knows since the pairing.
            grants: What the store lets this key sign.
            store: What the store has signed; None while nothing of it is held.
            clock: The time of day.
            deliver: Where news go.
        """
        self._outbox = outbox
        self._kiosk_id = kiosk_id
        self._key = key
        self._grants = grants
        self._store = store
        self._clock = clock
        self._deliver = deliver
        self._series = sha256(key.public_key().public_bytes_raw()).hexdigest()
        self._proved: tuple[str, Approval] | None = None
        self._room: int | None = None
        self._one = ThreadPoolExecutor(1, "purse")

    def start(self) -> None:
        """Take up what an earlier process left."""
        self._outbox.bring_back()
        self.recount()

    def stop(self) -> None:
        """Take no more."""
        self._one.shutdown()

    def carry_out(self, effect: PurseEffect) -> None:
        """Do it, off the caller's thread."""
        self._one.submit(self._safely, effect)

    def refreshed(self) -> None:
        """Hear that the store was reached: its time is trusted, and it may let this kiosk take another sum."""
        self._outbox.saw(int(self._clock().timestamp()))
        self.recount()

    def recount(self) -> None:
        """Tell how much may be taken, off the caller's thread."""
        self._one.submit(self.tell_room)

    def tell_room(self) -> None:
        """Tell how much may still be taken, where that has changed."""
        room = self._left()
        if room != self._room:
            self._room = room
            self._deliver(OfflineRoom(room))

    def _safely(self, effect: PurseEffect) -> None:
        try:
            self.do(effect)
        except Exception:  # noqa: BLE001 - logged, and the shopper goes on: nothing was taken unless it lies on disk
            _LOG.exception("the purse failed")
            if isinstance(effect, CheckPass):
                self._deliver(PassRefused(effect.key, "unexpected", {"code": "purse"}))
            elif isinstance(effect, TakeByPass | RecallByPass):
                self._deliver(NotTakenByPass(effect.payment_id, "unexpected", {"code": "purse"}))

    def do(self, effect: PurseEffect) -> None:
        """Do it on this thread."""
        match effect:
            case CheckPass(key=key):
                try:
                    self._deliver(PassAccepted(key, self._check(effect)))
                except PassRefusedError as refusal:
                    self._deliver(PassRefused(key, refusal.code, refusal.facts))
            case TakeByPass(payment_id=payment_id):
                try:
                    self._deliver(TakenByPass(self._take(effect)))
                except PassRefusedError as refusal:
                    self._deliver(NotTakenByPass(payment_id, refusal.code, refusal.facts))
                self.tell_room()
            case RecallByPass(payment_id=payment_id):
                known = self._known(payment_id)
                self._deliver(NotTakenByPass(payment_id, "basket_changed", {}) if known is None else TakenByPass(known))
            case NoteSettled(payment_id=payment_id):
                self._outbox.settled(payment_id, before_s=int(self._clock().timestamp()) - KEPT_SECONDS)
                self.tell_room()

    def _known(self, payment_id: str) -> Payment | None:
        found = self._outbox.taken_payment(payment_id)
        return None if found is None else _PAYMENT.validate_json(found)

    def _check(self, asked: CheckPass) -> str:
        """Return who pays, once everything about a pass is right."""
        at_s = self._now()
        held, told = self._held(at_s), self._believed(asked.wallet_pass, at_s)
        self._demand(told, asked.approval, at_s)
        left = self._outbox.charge_try(told.pass_id, at_s=at_s, most=TRIES, span_s=DAY_SECONDS)
        if left is None:
            raise PassRefusedError("pass_locked")
        if told.day not in held.pass_keys:
            raise PassRefusedError("pass_over")
        made = pin_verifier(asked.pin, told.pass_id, b64decode(held.pass_keys[told.day]))
        if not hmac.compare_digest(made, told.verifier):
            raise PassRefusedError("pin_wrong", attempts_left=left) if left else PassRefusedError("pass_locked")
        self._outbox.clear_tries(told.pass_id)
        self._proved = (asked.wallet_pass, asked.approval)
        return told.subject

    def _take(self, asked: TakeByPass) -> Payment:
        """Write a payment down, once; what is returned is on disk."""
        if (known := self._known(asked.payment_id)) is not None:
            return known
        proved, self._proved = self._proved, None
        if proved != (asked.wallet_pass, asked.approval):
            raise PassRefusedError("basket_changed")  # the PIN was given for something else
        at_s = self._now()
        held, told = self._held(at_s), self._believed(asked.wallet_pass, at_s)
        self._demand(told, asked.approval, at_s)
        before = self._last()
        nth, proof = self._undrawn(told, at_s)
        sale = OfflineSale(
            payment_id=asked.payment_id,
            ticket_id=asked.ticket_id,
            number=1 if before is None else before.number + 1,
            previous="" if before is None else before.hash,
            basket_id=asked.approval.basket_id,
            digest=asked.approval.digest,
            amount_minor=asked.approval.amount_minor,
            currency=asked.currency,
            payee=asked.approval.payee,
            wallet_pass=asked.wallet_pass,
            taken_at=datetime.fromtimestamp(at_s, UTC),
            age_verified=asked.age_verified,
            lines=asked.lines,
            draw_nth=nth,
            draw_proof=proof,
        )
        payment = self._payment(asked, sale, held, at_s)
        signature = b64encode(self._key.sign(sale.words())).decode()
        row = Taken(self._series, sale.number, sale.payment_id, told.pass_id, sale.amount_minor, at_s, sale.hash)
        if not self._outbox.take(row, SettleByPass(sale.payment_id, sale, signature), _PAYMENT.dump_json(payment)):
            raise PassRefusedError("offline_limit", left_minor=0)
        return payment

    def _undrawn(self, told: WalletPass, at_s: int) -> tuple[int, str]:
        """Draw, and return the draw's number with its proof; only now, so that nobody knows before they pay.

        Raises:
            PassRefusedError: `pass_drawn`: somebody is to look first. Asked again it is drawn the same all day.
        """
        if not told.check_bp:
            return 0, ""
        day, mine = at_s // DAY_SECONDS, [one for one in self._outbox.taken() if one.pass_id == told.pass_id]
        draw = OfflineDraw(told.pass_id, day, 1 + sum(one.at_s // DAY_SECONDS == day for one in mine))
        proof = self._key.sign(draw.words())
        if (roll := draw.roll(proof)) < told.check_bp:
            raise PassRefusedError("pass_drawn", roll=roll, chance=told.check_bp)
        return draw.nth, signs(proof)

    def _payment(self, asked: TakeByPass, sale: OfflineSale, held: Held, at_s: int) -> Payment:
        way_out = ProvisionalExit(sale.number, at_s + EXIT_SECONDS, token_urlsafe(12))
        token = way_out.token(self._key.sign(way_out.words()), held.grant)
        return Payment(
            payment_id=sale.payment_id,
            basket_id=sale.basket_id,
            status="captured",
            amount_minor=sale.amount_minor,
            subject=asked.subject,
            ticket=Ticket(sale.ticket_id, sale.number, f"/t/{sale.ticket_id}"),
            exit_code=ExitCode(f"SESAME:X:{token}"),
            provisional=f"{self._kiosk_id}-{sale.number}",
        )

    def _now(self) -> int:
        """Return the time in seconds; a clock that was set back is not believed, or old passes would pay again."""
        at_s, latest_s = int(self._clock().timestamp()), self._outbox.latest_s()
        if at_s < latest_s - CLOCK_MAY_LAG_SECONDS:
            raise PassRefusedError("clock_wrong")
        if at_s > latest_s:
            self._outbox.saw(at_s)
        return max(at_s, latest_s)

    def _held(self, at_s: int) -> Held:
        held = self._grants.load()
        if held is None or at_s >= held.expires_at_s:
            raise PassRefusedError("pass_later")
        return held

    def _believed(self, token: str, at_s: int) -> WalletPass:
        store, found = self._store(), read_wallet_pass(token)
        if store is None or found is None or found[0].store_id != store.store_id:
            raise PassRefusedError("pass_wrong")
        try:
            store.key.verify(found[1], found[0].words())
        except InvalidSignature as problem:
            raise PassRefusedError("pass_wrong") from problem
        if at_s >= found[0].expires_at_s:
            raise PassRefusedError("pass_over")
        return found[0]

    def _demand(self, told: WalletPass, approval: Approval, at_s: int) -> None:
        store = self._store()
        counted = self._counted(at_s)
        try:
            (OfflineRules(0, 0) if store is None else store.rules).demand(
                approval.amount_minor,
                floor_minor=told.floor_minor,
                of_person_minor=sum(one.amount_minor for one in counted if one.pass_id == told.pass_id),
                of_kiosk_minor=sum(one.amount_minor for one in counted),
            )
        except OfflineLimitError as refusal:
            raise PassRefusedError("offline_limit", left_minor=refusal.left_minor) from refusal

    def _counted(self, at_s: int) -> list[Taken]:
        """Return what counts against the floors: all of a day, and all that the store has not booked."""
        unsettled = self._outbox.unsettled()
        return [one for one in self._outbox.taken() if one.payment_id in unsettled or one.at_s > at_s - DAY_SECONDS]

    def _last(self) -> Taken | None:
        return max((one for one in self._outbox.taken() if one.series == self._series), key=_number, default=None)

    def _left(self) -> int:
        store, at_s = self._store(), int(self._clock().timestamp())
        try:
            self._held(at_s)
        except (PassRefusedError, Base64Error):
            return 0
        if store is None:
            return 0
        taken_minor = sum(one.amount_minor for one in self._counted(at_s))
        return max(0, min(store.rules.person_day_minor, store.rules.kiosk_day_minor - taken_minor))


def _number(taken: Taken) -> int:
    return taken.number
