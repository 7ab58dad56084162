"""The purses beside the main one: cashback with its funders, and restricted credit."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, Integer, Table

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
)
Index(None, purse.c.phone_hash)
Index(None, purse.c.batch_id)
