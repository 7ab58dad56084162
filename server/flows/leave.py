"""Leave the shop: the receipt for whoever has its link, the exit code for the gate, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from checkout import ExitCode, read_code
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


def open_gate(work: Work, code: str, *, store_id: str, by: str, at: datetime) -> ExitRow:
    """Use an exit code up.

    Raises:
        ExitTokenUsedError: It has opened the gate before.
        ExitTokenExpiredError: It is too old.
        FlowError: `exit_token_unknown`.
    """
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


def report_openings(work: Work, openings: Sequence[Opened], *, store_id: str, gate: str, at: datetime) -> list[str]:
    """Note what a gate opened without a network, and return a word for each: `noted`, `twice` or `unknown`.

    A code that another gate had opened before was shown twice: the audit log keeps it, since nobody can be held back
    any more.
    """
    words = []
    for opening in openings:
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
