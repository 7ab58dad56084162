"""The purses beside the main one: cashback with its funders, and restricted credit."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.db.tables.base import Instant, id_column, metadata

cashback_programme = Table(
    "cashback_programme",
    metadata,
    id_column("store_id", primary_key=True),
    Column("rate_bp", Integer, nullable=False),
    Column("yearly_cap_minor", BigInteger, nullable=False),
)

cashback_funder = Table(
    "cashback_funder",
    metadata,
    id_column("store_id", primary_key=True),
    id_column("funder_id", primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", JSON, nullable=False),
    Column("weight", Integer, nullable=False),  # 0: they pay no more
    Column("budget_minor", BigInteger, nullable=False),
    Column("spent_minor", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("spent_minor >= 0 AND spent_minor <= budget_minor", name="budget_holds"),
)

cashback_year = Table(
    # What a shopper got back in a calendar year of the store, against the yearly cap.
    "cashback_year",
    metadata,
    id_column("customer_id", primary_key=True),
    id_column("store_id", primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("earned_minor", BigInteger, nullable=False),
    CheckConstraint("earned_minor >= 0", name="not_negative"),
)

purse = Table(
    # By phone number, so that credit waits for somebody who has yet to open an account.
    "purse",
    metadata,
    id_column("purse_id", primary_key=True),
    id_column("batch_id"),
    id_column("phone_hash", nullable=False),
    Column("name", JSON, nullable=False),
    Column("stores", JSON, nullable=False),
    Column("skus", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("expires_at", Instant),
    Column("granted_minor", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("recalled_at", Instant),
    Column("message", Text, nullable=False, server_default=""),
)
Index(None, purse.c.phone_hash)
Index(None, purse.c.batch_id)

credit_batch = Table(
    "credit_batch",
    metadata,
    id_column("batch_id", primary_key=True),
    id_column("sponsor_id", nullable=False),
    id_column("store_id", nullable=False),
    Column("state", String(16), nullable=False),
    Column("name", JSON, nullable=False),
    Column("message", Text, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("people", Integer, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("funding_ref", String(96)),
    Column("funded_at", Instant),
    Column("sent_at", Instant),
    Column("closed_at", Instant),
    Column("recalled_minor", BigInteger, nullable=False, server_default="0"),
    # What its sponsor was told last: no figure is told again before enough more people have spent.
    Column("told_people", Integer),
    Column("told_minor", BigInteger),
    Column("told_shops", Integer),
    Column("told_new", Integer),
    UniqueConstraint("sponsor_id", "file_sha256"),
)

credit_row = Table(
    # The number itself is not kept: a hash finds its owner, four digits let a person check.
    "credit_row",
    metadata,
    id_column("batch_id", primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone_hash", String(64), nullable=False),
    Column("phone_last4", String(4), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    UniqueConstraint("batch_id", "phone_hash"),
)
