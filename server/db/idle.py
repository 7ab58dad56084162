"""Accounts that nobody has used for years, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, and_, case, delete, exists, func, literal, or_, select, update

from checkout.peer import AskState, PeerState
from server.db.answers import CLAIMED
from server.db.insert_new import insert_new
from server.db.tables import (
    authentication,
    balance,
    basket,
    basket_check,
    campaign_held_out,
    coupon,
    credit_batch,
    credit_row,
    customer,
    diary,
    household_member,
    idempotency,
    idle_notice,
    money_request,
    payment,
    peer_contact,
    peer_sender,
    peer_transfer,
    phone_code,
    purse,
    share_claim,
    topup,
    wallet_code,
    wallet_pass,
)
from server.flows.ports import Caller
from server.flows.ports.idle import IdleCount

_BY_NUMBER = (
    basket.c.member_phone_hash,
    campaign_held_out.c.phone_hash,
    coupon.c.holder_phone_hash,
    coupon.c.used_by,
    payment.c.phone_hash,
    purse.c.phone_hash,
    share_claim.c.phone_hash,
)
CLOSED = ""
"""The name of a closed account."""


class IdleStore:
    """Who was not seen for long."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seen(self, customer_id: str, *, at: datetime) -> None:
        """Note that somebody signed in; a notice that they were given is void."""
        self._connection.execute(update(customer).where(customer.c.customer_id == customer_id).values(seen_at=at))
        self._connection.execute(delete(idle_notice).where(idle_notice.c.customer_id == customer_id))

    def empty(self, before: datetime, *, limit: int) -> Sequence[str]:
        """Return accounts without money that nobody has used since a moment and that nobody was told of."""
        told = exists(select(idle_notice.c.customer_id).where(idle_notice.c.customer_id == customer.c.customer_id))
        return self._ids(and_(_idle(before), _money() == 0, ~told), limit)

    def due(self, before: datetime, at: datetime, *, limit: int) -> Sequence[str]:
        """Return accounts whose notice is over and that are still empty and unused since a moment."""
        notice = select(idle_notice.c.customer_id).where(idle_notice.c.customer_id == customer.c.customer_id)
        return self._ids(and_(_idle(before), _money() == 0, exists(notice.where(idle_notice.c.closes_at <= at))), limit)

    def count(self, before: datetime) -> IdleCount:
        """Count what lies idle."""
        each = select(_money().label("minor")).where(_idle(before)).subquery()
        counted = select(
            func.count(case((each.c.minor == 0, 1))),
            func.count(case((each.c.minor > 0, 1))),
            func.coalesce(func.sum(each.c.minor), 0),
        )
        empty, with_money, minor = self._connection.execute(counted).one()
        return IdleCount(empty, with_money, int(minor))

    def tell(self, customer_id: str, *, closes_at: datetime) -> None:
        """Keep a notice."""
        insert_new(self._connection, idle_notice, customer_id=customer_id, closes_at=closes_at)

    def withdraw_notices(self, before: datetime) -> int:
        """Drop the notices of accounts that were used since a moment, or that have money now."""
        still = select(customer.c.customer_id).where(_idle(before), _money() == 0)
        gone = delete(idle_notice).where(idle_notice.c.customer_id.not_in(still))
        return self._connection.execute(gone).rowcount

    def is_moving(self, customer_id: str, *, since: datetime) -> bool:
        """Say whether a top-up of since then is unpaid, a pass was given since, or money that was sent waits."""
        begun = topup.c.customer_id == customer_id, topup.c.started_at >= since, topup.c.status == "started"
        given = wallet_pass.c.customer_id == customer_id, wallet_pass.c.given_at >= since
        sent = peer_transfer.c.sender_id == customer_id, peer_transfer.c.state == PeerState.WAITING
        found = or_(exists().where(*begun), exists().where(*given), exists().where(*sent))
        return bool(self._connection.execute(select(found)).scalar_one())

    def close(self, customer_id: str, *, at: datetime) -> None:
        """Take name, number and PIN out of an account for good; what it bought stays, nobody's by name."""
        phone_hash = sha256(f"closed {customer_id}".encode()).hexdigest()
        nobody = {
            "name": CLOSED,
            "phone_hash": phone_hash,
            "phone_last4": "----",
            "pin_hash": CLOSED,
            "seen_at": at,
        }
        mine = select(customer.c.phone_hash).where(customer.c.customer_id == customer_id).scalar_subquery()
        self._connection.execute(update(basket_check).where(basket_check.c.phone_hash == mine).values(phone_hash=None))
        self._forget_between(customer_id, phone_hash, at=at)
        # By the number nobody is found any more, neither who bought nor what was given to them or passed on.
        for column in _BY_NUMBER:
            nobodys = {column.name: phone_hash}
            self._connection.execute(update(column.table).where(column == mine).values(nobodys))
        sent = select(credit_batch.c.batch_id).where(credit_batch.c.sent_at.is_not(None))
        listed = credit_row.c.phone_hash == mine, credit_row.c.batch_id.in_(sent)
        told = {name: nobody[name] for name in ("name", "phone_hash", "phone_last4")}
        self._connection.execute(update(credit_row).where(*listed).values(told))
        for column in (household_member.c.phone_hash, phone_code.c.phone_hash):
            self._connection.execute(delete(column.table).where(column == mine))
        self._connection.execute(update(payment).where(payment.c.customer_id == customer_id).values(subject=CLOSED))
        self._connection.execute(update(customer).where(customer.c.customer_id == customer_id).values(**nobody))
        for table in (diary, idle_notice, wallet_code, peer_contact, peer_sender):
            self._connection.execute(delete(table).where(table.c.customer_id == customer_id))
        # What was answered to their phone says whom they knew; the request under way is answered yet.
        asked = idempotency.c.principal == Caller("shopper", customer_id).name, idempotency.c.status != CLAIMED
        self._connection.execute(delete(idempotency).where(*asked))

    def _forget_between(self, customer_id: str, phone_hash: str, *, at: datetime) -> None:
        """Take number and words out of what stood between somebody and others; the sums stay, as in the ledger.

        What they asked for is asked no more, as nobody is there to be paid.
        """
        asks = money_request.c.asker_id == customer_id, money_request.c.state.in_((AskState.OPEN, AskState.REMINDED))
        ended = {"state": AskState.WITHDRAWN.value, "ended_at": at}
        self._connection.execute(update(money_request).where(*asks).values(**ended))
        hers = select(customer.c.phone_hash).where(customer.c.customer_id == customer_id).scalar_subquery()
        for table, owner in ((peer_transfer, peer_transfer.c.sender_id), (money_request, money_request.c.asker_id)):
            self._connection.execute(update(table).where(owner == customer_id).values(memo=""))
            unnamed = {"memo": "", "phone_hash": phone_hash, "phone_last4": "----"}
            self._connection.execute(update(table).where(table.c.phone_hash == hers).values(**unnamed))

    def _ids(self, which: ColumnElement[bool], limit: int) -> Sequence[str]:
        query = select(customer.c.customer_id).where(which).order_by(customer.c.customer_id).limit(limit)
        return self._connection.execute(query).scalars().all()


def _idle(before: datetime) -> ColumnElement[bool]:
    mine = customer.c.customer_id
    return and_(
        customer.c.name != CLOSED,
        customer.c.created_at < before,
        func.coalesce(customer.c.seen_at, customer.c.created_at) < before,
        ~exists(
            select(authentication.c.customer_id).where(
                authentication.c.customer_id == mine, authentication.c.made_at >= before
            )
        ),
        ~exists(select(topup.c.customer_id).where(topup.c.customer_id == mine, topup.c.started_at >= before)),
    )


def _money() -> ColumnElement[int]:
    """What lies in all purses of a customer, vouchers of their number included."""
    minor = func.coalesce(func.sum(balance.c.balance_minor), 0)
    mine = (literal("main:") + customer.c.customer_id, literal("cashback:") + customer.c.customer_id)
    own = select(minor).where(balance.c.account_id.in_(mine)).correlate(customer).scalar_subquery()
    vouchers = (
        select(minor)
        .select_from(purse)
        .join(balance, balance.c.account_id == literal("voucher:") + purse.c.purse_id)
        .where(purse.c.phone_hash == customer.c.phone_hash)
        .correlate(customer)
        .scalar_subquery()
    )
    return own + vouchers
