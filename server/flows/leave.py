"""Leave the shop: the receipt for whoever has its link, the exit code for the gate, once."""

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


def open_gate(work: Work, code: str, *, store_id: str, at: datetime) -> ExitRow:
    """Use an exit code up.

    Raises:
        ExitTokenUsedError: It has opened the gate before.
        ExitTokenExpiredError: It is too old.
        FlowError: `exit_token_unknown`.
    """
    reading = read_code(code)
    hashed = token_hash(reading.token if isinstance(reading, ExitCode) else code)
    found = work.tickets.exit(hashed)
    if found is None or found.store_id != store_id:
        raise FlowError("exit_token_unknown", "This code belongs to no ticket of this shop.")
    name = str(found.ticket_number)
    if found.used_at is not None:
        raise ExitTokenUsedError(name)
    if at >= found.expires_at:
        raise ExitTokenExpiredError(name, found.expires_at)
    if not work.tickets.use_exit(hashed, at=at):
        raise ExitTokenUsedError(name)
    return found
