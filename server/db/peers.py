"""Money between people, in SQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, case, cast, delete, exists, func, or_, select, true, update

from checkout.peer import AskState, PeerState, Sent
from server.db.insert_new import insert_new
from server.db.tables import customer, money_request, peer_contact, peer_sender, peer_transfer
from server.flows.ports.peers import AskRow, Contact, PeerRow, Sender

_sent, _asked = peer_transfer.c, money_request.c
BACK = (PeerState.CANCELLED.value, PeerState.RETURNED.value)


class PeerStore:
    """What was sent and asked for between people."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, row: PeerRow) -> bool:
        """Keep what is sent; False when its id is known."""
        return insert_new(self._connection, peer_transfer, **asdict(row))

    def get(self, transfer_id: str) -> PeerRow | None:
        """Return what was sent, or None."""
        return next(iter(self._rows(select(peer_transfer).where(_sent.transfer_id == transfer_id))), None)

    def move(self, row: PeerRow, state: str, *, at: datetime, recipient_id: str | None = None) -> bool:
        """Step from the state of `row` to another; False when somebody was first."""
        here = (_sent.transfer_id == row.transfer_id, _sent.state == row.state)
        values = {"state": state, "ended_at": at, "recipient_id": recipient_id}
        return self._connection.execute(update(peer_transfer).where(*here).values(**values)).rowcount == 1

    def of(self, customer_id: str, *, limit: int) -> Sequence[PeerRow]:
        """Return what somebody sent and received, newest first."""
        mine = or_(_sent.sender_id == customer_id, _sent.recipient_id == customer_id)
        newest = (_sent.created_at.desc(), _sent.transfer_id)
        return self._rows(select(peer_transfer).where(mine).order_by(*newest).limit(limit))

    def waiting_for(self, phone_hash: str, *, at: datetime, limit: int) -> Sequence[PeerRow]:
        """Return what waits for a number and is not over, by id."""
        waits = (_sent.state == PeerState.WAITING.value, _sent.expires_at > at, _sent.phone_hash == phone_hash)
        return self._rows(select(peer_transfer).where(*waits).order_by(_sent.transfer_id).limit(limit))

    def claimable(self, *, at: datetime, limit: int) -> Sequence[tuple[PeerRow, str]]:
        """Return what waits for a number that has an account by now, with the customer, by id."""
        waits = (_sent.state == PeerState.WAITING.value, _sent.expires_at > at)
        query = select(_sent.transfer_id, customer.c.customer_id).join(
            customer, customer.c.phone_hash == _sent.phone_hash
        )
        found = self._connection.execute(query.where(*waits).order_by(_sent.transfer_id).limit(limit)).all()
        return [(row, each.customer_id) for each in found if (row := self.get(each.transfer_id)) is not None]

    def due(self, at: datetime, *, limit: int) -> Sequence[PeerRow]:
        """Return what has waited long enough, by id."""
        over = (_sent.state == PeerState.WAITING.value, _sent.expires_at <= at)
        return self._rows(select(peer_transfer).where(*over).order_by(_sent.transfer_id).limit(limit))

    def sent(self, customer_id: str, phone_hash: str, *, day: datetime, month: datetime) -> Sent:
        """Return what somebody has sent and not got back since these moments."""

        def summed(condition: Any) -> Any:  # noqa: ANN401 - SQL conditions
            return cast(func.coalesce(func.sum(case((condition, _sent.amount_minor), else_=0)), 0), BigInteger)

        today = _sent.created_at > day
        sums = select(summed(today & (_sent.phone_hash == phone_hash)), summed(today), summed(true()))
        gone = (_sent.sender_id == customer_id, _sent.created_at > month, _sent.state.not_in(BACK))
        person, in_day, in_month = self._connection.execute(sums.where(*gone)).one()
        return Sent(int(person), int(in_day), int(in_month))

    def knows(self, customer_id: str, phone_hash: str) -> bool:
        """Whether the owner of a number has shown themselves to somebody: has sent to them, or paid what they asked."""
        owner = select(customer.c.customer_id).where(customer.c.phone_hash == phone_hash).scalar_subquery()
        arrived = (_sent.recipient_id == customer_id, _sent.sender_id == owner)
        paid = (
            _asked.asker_id == customer_id,
            _asked.phone_hash == phone_hash,
            _asked.state == AskState.ACCEPTED.value,
        )
        either = or_(exists(select(_sent.transfer_id).where(*arrived)), exists(select(_asked.request_id).where(*paid)))
        return bool(self._connection.execute(select(either)).scalar_one())

    def hide_memo(self, transfer_id: str, recipient_id: str) -> bool:
        """Show a memo to its recipient no more; False when it is not theirs."""
        mine = (_sent.transfer_id == transfer_id, _sent.recipient_id == recipient_id)
        return self._connection.execute(update(peer_transfer).where(*mine).values(memo_hidden=True)).rowcount == 1

    def add_ask(self, row: AskRow) -> bool:
        """Keep a request; False when its id is known."""
        return insert_new(self._connection, money_request, **asdict(row))

    def get_ask(self, request_id: str) -> AskRow | None:
        """Return a request, or None."""
        return next(iter(self._asks(select(money_request).where(_asked.request_id == request_id))), None)

    def move_ask(self, row: AskRow, state: str, *, at: datetime, transfer_id: str | None = None) -> bool:
        """Step from the state of `row` to another; False when somebody was first."""
        here = (_asked.request_id == row.request_id, _asked.state == row.state)
        moment = {"reminded_at": at} if state == AskState.REMINDED else {"ended_at": at, "transfer_id": transfer_id}
        return self._connection.execute(update(money_request).where(*here).values(state=state, **moment)).rowcount == 1

    def asks_by(self, customer_id: str, *, limit: int) -> Sequence[AskRow]:
        """Return what somebody asked for, newest first."""
        newest = (_asked.created_at.desc(), _asked.request_id)
        return self._asks(select(money_request).where(_asked.asker_id == customer_id).order_by(*newest).limit(limit))

    def asks_to(self, phone_hash: str, *, limit: int) -> Sequence[AskRow]:
        """Return what is asked of a number, newest first."""
        newest = (_asked.created_at.desc(), _asked.request_id)
        return self._asks(select(money_request).where(_asked.phone_hash == phone_hash).order_by(*newest).limit(limit))

    def asks_for_ticket(self, ticket_id: str) -> Sequence[AskRow]:
        """Return what was asked for parts of a ticket."""
        return self._asks(select(money_request).where(_asked.ticket_id == ticket_id))

    def hide_ask(self, request_id: str, phone_hash: str) -> bool:
        """Show the memo of a request to who is asked no more; False when it is not theirs."""
        mine = (_asked.request_id == request_id, _asked.phone_hash == phone_hash)
        return self._connection.execute(update(money_request).where(*mine).values(memo_hidden=True)).rowcount == 1

    def contacts(self, customer_id: str) -> Sequence[Contact]:
        """Return whom somebody knows by a name, by name."""
        query = select(peer_contact).where(peer_contact.c.customer_id == customer_id).order_by(peer_contact.c.name_key)
        return [Contact(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name

    def put_contact(self, contact: Contact) -> None:
        """Keep a name for a number; the same name again is for this number from now on."""
        same = (peer_contact.c.customer_id == contact.customer_id, peer_contact.c.name_key == contact.name_key)
        number = {"name": contact.name, "phone_hash": contact.phone_hash, "phone_last4": contact.phone_last4}
        if not insert_new(self._connection, peer_contact, **asdict(contact)):
            self._connection.execute(update(peer_contact).where(*same).values(**number))

    def drop_contact(self, customer_id: str, contact_id: str) -> bool:
        """Forget a name; False when there is none."""
        mine = (peer_contact.c.contact_id == contact_id, peer_contact.c.customer_id == customer_id)
        return self._connection.execute(delete(peer_contact).where(*mine)).rowcount == 1

    def sender(self, customer_id: str) -> Sender:
        """Return whether somebody may send."""
        query = select(peer_sender.c.adult_at, peer_sender.c.blocked_at).where(peer_sender.c.customer_id == customer_id)
        row = self._connection.execute(query).one_or_none()
        return Sender() if row is None else Sender(row.adult_at, row.blocked_at)

    def put_sender(self, customer_id: str, sender: Sender) -> None:
        """Keep whether somebody may send."""
        values = asdict(sender)
        if not insert_new(self._connection, peer_sender, customer_id=customer_id, **values):
            mine = peer_sender.c.customer_id == customer_id
            self._connection.execute(update(peer_sender).where(mine).values(**values))

    def _rows(self, query: Select[Any]) -> list[PeerRow]:
        return [PeerRow(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name

    def _asks(self, query: Select[Any]) -> list[AskRow]:
        return [AskRow(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name
