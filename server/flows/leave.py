"""Leave the shop: the receipt for whoever has its link, the exit code for the gate, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkout import ExitCode, SignedExit, read_code, read_provisional_exit, signed_text
from checkout.errors import ExitTokenExpiredError, ExitTokenUsedError
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.payments import ExitRow, TicketRow
from server.flows.tokens import token_hash


def ticket_of(work: Work, ticket_id: str) -> TicketRow:
    """Return a receipt.

    Raises:
        FlowError: `ticket_not_found`.
    """
    if (ticket := work.tickets.get(ticket_id)) is None:
        raise FlowError("ticket_not_found", "There is no such ticket.")
    return ticket


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening that a gate made without a network."""

    code: str
    opened_at: datetime


def open_gate(work: Work, code: str, *, store_id: str, store_key: Ed25519PublicKey, by: str, at: datetime) -> ExitRow:
    """Use an exit code up.

    Raises:
        ExitTokenUsedError: It has opened the gate before.
        ExitTokenExpiredError: It is too old.
        FlowError: `exit_token_unknown`.
    """
    if (signed := _provisional(work, code, store_id, store_key)) is not None:
        return _open_provisional(work, signed, by=by, at=at)
    hashed, found = _exit_of(work, code, store_id)
    if found is None:
        raise FlowError("exit_token_unknown", "This code belongs to no ticket of this shop.")
    name = str(found.ticket_number)
    if found.used_at is not None:
        raise ExitTokenUsedError(name)
    if at >= found.expires_at:
        raise ExitTokenExpiredError(name, found.expires_at)
    if not work.tickets.use_exit(hashed, by=by, at=at):
        raise ExitTokenUsedError(name)
    return found


def report_openings(
    work: Work,
    openings: Sequence[Opened],
    *,
    store_id: str,
    store_key: Ed25519PublicKey,
    gate: str,
    at: datetime,
) -> list[str]:
    """Note what a gate opened without a network, and return a word for each: `noted`, `twice` or `unknown`.

    A code that another gate had opened before was shown twice: the audit log keeps it, since nobody can be held back
    any more.
    """
    words = []
    for opening in openings:
        if (signed := _provisional(work, opening.code, store_id, store_key)) is not None:
            words.append(_note_provisional(work, signed, gate=gate, at=at))
            continue
        hashed, found = _exit_of(work, opening.code, store_id)
        if found is None:
            words.append("unknown")
        elif work.tickets.use_exit(hashed, by=gate, at=min(opening.opened_at, at)):
            words.append("noted")
        elif found.used_by == gate:
            words.append("noted")  # it had asked the store, and the answer was lost
        else:
            work.events.record(
                gate, "exit_used_twice", str(found.ticket_number), at=at, reason=f"first: {found.used_by}"
            )
            words.append("twice")
    return words


def _exit_of(work: Work, code: str, store_id: str) -> tuple[str, ExitRow | None]:
    reading = read_code(code)
    hashed = token_hash(reading.token if isinstance(reading, ExitCode) else code)
    found = work.tickets.exit(hashed)
    return hashed, found if found is not None and found.store_id == store_id else None


def _provisional(work: Work, code: str, store_id: str, store_key: Ed25519PublicKey) -> SignedExit | None:
    """Return the pass of a kiosk without the store, where the store's key and then the kiosk's have signed it."""
    reading = read_code(code)
    found = read_provisional_exit(reading.token) if isinstance(reading, ExitCode) else None
    if found is None or found.grant.store_id != store_id:
        return None
    device = work.devices.get(found.grant.kiosk_id)
    if device is None or device.public_key is None or device.revoked_at is not None:
        return None
    try:
        store_key.verify(found.grant_signature, found.grant.words())
        Ed25519PublicKey.from_public_bytes(signed_text.content(found.grant.public_key)).verify(
            found.signature, found.exit.words()
        )
    except (InvalidSignature, ValueError):
        return None
    return found


def _open_provisional(work: Work, signed: SignedExit, *, by: str, at: datetime) -> ExitRow:
    """Let somebody out whose payment the store may have yet to hear of: the pass counts once, whether or not."""
    name, until = str(signed.exit.number), datetime.fromtimestamp(signed.expires_at_s, UTC)
    if at >= until:
        raise ExitTokenExpiredError(name, until)
    if not work.used_words.use(_word(signed), expires_at=until):
        raise ExitTokenUsedError(name)
    work.used_words.use(f"{_word(signed)}:{by}", expires_at=until)
    return ExitRow("", signed.exit.number, signed.grant.store_id, until, at, by)


def _note_provisional(work: Work, signed: SignedExit, *, gate: str, at: datetime) -> str:
    until = datetime.fromtimestamp(signed.expires_at_s, UTC)
    is_first = work.used_words.use(_word(signed), expires_at=until)
    is_new_here = work.used_words.use(f"{_word(signed)}:{gate}", expires_at=until)
    if is_first or not is_new_here:
        return "noted"
    work.events.record(gate, "exit_used_twice", f"{signed.grant.kiosk_id}-{signed.exit.number}", at=at)
    return "twice"


def _word(signed: SignedExit) -> str:
    return f"provisional-exit:{signed.grant.public_key}:{signed.exit.nonce}"
