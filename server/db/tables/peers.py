"""Money between people: what was sent and asked for, whom somebody knows by a name, and whether they send at all."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from server.db.tables.base import Instant, id_column, metadata

peer_transfer = Table(
    # To a phone number, of which a keyed hash and four digits are kept; the money itself stands in the ledger.
    "peer_transfer",
    metadata,
    id_column("transfer_id", primary_key=True),
    id_column("sender_id", nullable=False),
    Column("phone_hash", String(64), nullable=False),
    Column("phone_last4", String(4), nullable=False),
    id_column("recipient_id"),  # once it has arrived
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("memo", Text, nullable=False),
    Column("memo_hidden", Boolean, nullable=False, server_default=false()),
    Column("state", String(16), nullable=False),
    Column("proof", String(16), nullable=False),  # pin, or code: the number was proven by a message besides
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
)
Index(None, peer_transfer.c.sender_id, peer_transfer.c.created_at)
Index(None, peer_transfer.c.recipient_id, peer_transfer.c.created_at)
Index(None, peer_transfer.c.state, peer_transfer.c.expires_at)
Index(None, peer_transfer.c.phone_hash)

money_request = Table(
    "money_request",
    metadata,
    id_column("request_id", primary_key=True),
    id_column("asker_id", nullable=False),
    Column("phone_hash", String(64), nullable=False),
    Column("phone_last4", String(4), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("memo", Text, nullable=False),
    Column("memo_hidden", Boolean, nullable=False, server_default=false()),
    Column("state", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("reminded_at", Instant),
    Column("ended_at", Instant),
    id_column("transfer_id"),  # by which it was accepted
    id_column("ticket_id", index=True),  # of which it is a part
    CheckConstraint("amount_minor > 0", name="amount_positive"),
)
Index(None, money_request.c.asker_id, money_request.c.created_at)
Index(None, money_request.c.phone_hash, money_request.c.created_at)

peer_contact = Table(
    # Whom somebody calls how: theirs alone, and the number itself is kept here neither.
    "peer_contact",
    metadata,
    id_column("contact_id", primary_key=True),
    id_column("customer_id", nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", String(64), nullable=False),  # as it is looked up: without case
    Column("phone_hash", String(64), nullable=False),
    Column("phone_last4", String(4), nullable=False),
    UniqueConstraint("customer_id", "name_key"),
)

peer_sender = Table(
    # Who has said that they are of age, and who lets no money be sent from their wallet for now.
    "peer_sender",
    metadata,
    id_column("customer_id", primary_key=True),
    Column("adult_at", Instant),
    Column("blocked_at", Instant),
)
