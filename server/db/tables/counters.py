"""Counters: the codes that merchants print, their picture, and which payments came by them."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text

from server.db.tables.base import Instant, id_column, metadata

merchant = Table(
    # What a store is as a merchant; one without a row has no picture and is not suspended.
    "merchant",
    metadata,
    id_column("store_id", primary_key=True),
    Column("picture", LargeBinary),  # JPEG, as this server wrote it
    Column("picture_sha256", String(64)),
    Column("suspended_at", Instant),
    Column("suspended_by", String(64)),
    Column("suspended_why", Text),
)

counter_code = Table(
    "counter_code",
    metadata,
    id_column("code_id", primary_key=True),
    id_column("store_id", nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("vat_class", String(32), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", String(64)),
)

counter_payment = Table(
    # Nothing of it is about a person: who paid stands in `payment` and goes with them.
    "counter_payment",
    metadata,
    id_column("payment_id", primary_key=True),
    id_column("code_id", nullable=False),
    id_column("store_id", nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("paid_at", Instant, nullable=False),
)
Index(None, counter_payment.c.store_id, counter_payment.c.paid_at)  # what is usual on this counter
