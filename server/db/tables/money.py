"""Money: accounts, transfers, payments, tickets, refunds, closings. The ledger is only ever added to."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.db.tables.base import Instant, id_column, metadata

balance = Table(
    # Only accounts that must not go below zero have a row here; every other balance is the fold of its postings, so
    # that the shop's own account, which every sale credits, is never a row that all payments wait for.
    "balance",
    metadata,
    Column("account_id", String(96), primary_key=True),
    Column("currency", String(3), nullable=False),
    Column("balance_minor", BigInteger, nullable=False),
    CheckConstraint("balance_minor >= 0", name="not_below_zero"),
)

transfer = Table(
    "transfer",
    metadata,
    Column("transfer_id", String(96), primary_key=True),
    Column("position", BigInteger, nullable=False, unique=True),
    Column("kind", String(24), nullable=False),
    Column("ref", String(96), nullable=False),
    Column("at", Instant, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

ledger_head = Table(
    # The newest link of the chain. Whoever posts holds this row until the commit, so the chain has one order.
    "ledger_head",
    metadata,
    Column("chain", String(16), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

posting = Table(
    "posting",
    metadata,
    Column("transfer_id", String(96), ForeignKey("transfer.transfer_id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("debit", String(96), nullable=False),
    Column("credit", String(96), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("debit <> credit", name="two_ends"),
)
Index(None, posting.c.debit)
Index(None, posting.c.credit)

payment = Table(
    "payment",
    metadata,
    id_column("payment_id", primary_key=True),
    id_column("basket_id", nullable=False),
    id_column("store_id", nullable=False),
    id_column("kiosk_id", nullable=False),
    id_column("customer_id"),
    id_column("authentication_id"),
    Column("digest", String(64), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("payee", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("subject", Text, nullable=False),
    Column("phone_hash", String(64)),
    Column("tenders", JSON, nullable=False),
    Column("quote", JSON, nullable=False),
    Column("held_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("receipt", JSON),
)
# One basket has at most one payment that holds or has taken money (I4).
Index(
    "uq_payment_live_basket",
    payment.c.basket_id,
    unique=True,
    sqlite_where=payment.c.status.in_(["held", "captured"]),
    postgresql_where=payment.c.status.in_(["held", "captured"]),
)
Index(None, payment.c.status, payment.c.held_at)
Index(None, payment.c.phone_hash, payment.c.held_at)  # whether somebody has bought here before, and how often

ticket = Table(
    "ticket",
    metadata,
    id_column("ticket_id", primary_key=True),
    id_column("store_id", nullable=False),
    Column("number", BigInteger, nullable=False),
    id_column("payment_id", nullable=False, unique=True),
    Column("body", JSON, nullable=False),
    Column("issued_at", Instant, nullable=False),
    UniqueConstraint("store_id", "number"),
)
Index(None, ticket.c.store_id, ticket.c.issued_at)  # what was sold on a day

exit_token = Table(
    "exit_token",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    id_column("ticket_id", nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    id_column("used_by"),  # the gate or the login that let somebody out with it
)

refund = Table(
    "refund",
    metadata,
    id_column("refund_id", primary_key=True),
    id_column("store_id", nullable=False),
    Column("number", BigInteger, nullable=False),
    id_column("ticket_id", nullable=False),
    id_column("payment_id", nullable=False, index=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("body", JSON, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("store_id", "number"),
    CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
)

closing = Table(
    "closing",
    metadata,
    id_column("closing_id", primary_key=True),
    id_column("store_id", nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("body", JSON, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("closed_by", String(64), nullable=False),
    Column("closed_at", Instant, nullable=False),
    UniqueConstraint("store_id", "number"),
)

period_closing = Table(
    # Months and years: sums of days and of months, chained like those.
    "period_closing",
    metadata,
    id_column("closing_id", primary_key=True),
    id_column("store_id", nullable=False),
    Column("kind", String(8), nullable=False),
    Column("period", String(8), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("body", JSON, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("closed_by", String(64), nullable=False),
    Column("closed_at", Instant, nullable=False),
    UniqueConstraint("store_id", "kind", "number"),
    UniqueConstraint("store_id", "kind", "period"),
)

wallet_pass = Table(
    # Whose wallet a pass stands for that pays without a network; one id a wallet, however many passes it is given.
    "wallet_pass",
    metadata,
    Column("pass_id", String(64), primary_key=True),
    id_column("customer_id", nullable=False),
    Column("given_at", Instant, nullable=False),
)

offline_payment = Table(
    # What kiosks took while the store was away, in the series of each kiosk's key. A number may come twice: that is
    # what is to be found out, and neither of the two sales is lost.
    "offline_payment",
    metadata,
    id_column("payment_id", primary_key=True),
    id_column("store_id", nullable=False),
    id_column("kiosk_id", nullable=False),
    Column("series", String(64), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("owed_minor", BigInteger, nullable=False),
    Column("is_broken", Boolean, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("settled_at", Instant, nullable=False),
)
Index(None, offline_payment.c.series, offline_payment.c.number)
