"""Help asked for, what staff did, what others are told, what was answered."""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text, text

from server.db.tables.base import Instant, id_column, metadata

intervention = Table(
    "intervention",
    metadata,
    id_column("intervention_id", primary_key=True),
    id_column("store_id", nullable=False),
    id_column("kiosk_id", nullable=False),
    id_column("basket_id"),
    id_column("line_id"),
    Column("type", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("claimed_by", String(64)),
    Column("claimed_at", Instant),
    Column("resolved_by", String(64)),
    Column("resolved_at", Instant),
    Column("resolution", String(16)),
    Column("reason", Text),
)
Index(None, intervention.c.state)

audit_log = Table(
    "audit_log",
    metadata,
    Column("audit_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("who", String(96), nullable=False),
    Column("act", String(48), nullable=False),
    Column("subject", String(96), nullable=False),
    Column("reason", Text),
)

outbox = Table(
    "outbox",
    metadata,
    Column("event_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    id_column("store_id", nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", JSON, nullable=False),
    Column("at", Instant, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("principal", String(96), primary_key=True),
    Column("key", String(96), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("at", Instant, nullable=False),
)

webhook = Table(
    "webhook",
    metadata,
    id_column("endpoint_id", primary_key=True),
    Column("url", Text, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # its secret, closed with a key that is not in the database
    Column("created_by", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("upto", BigInteger, nullable=False),  # the newest event that was looked at for it
    Column("stopped_at", Instant),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    id_column("endpoint_id", primary_key=True),
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("next_at", Instant, nullable=False),
    Column("status", Integer),
    Column("delivered_at", Instant),
)
Index(None, webhook_delivery.c.state, webhook_delivery.c.next_at)
