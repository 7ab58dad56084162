"""Baskets: one a visit, the codes of those that were put aside, and the draws of random checks."""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, text

from server.db.tables.base import Instant, id_column, metadata

basket = Table(
    "basket",
    metadata,
    id_column("basket_id", primary_key=True),
    id_column("store_id", nullable=False),
    id_column("kiosk_id", nullable=False),
    Column("channel", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("lines", JSON, nullable=False),
    Column("coupon_codes", JSON, nullable=False),
    Column("age_check", String(16), nullable=False, server_default="not_needed"),
    Column("is_member", Boolean, nullable=False, server_default=text("false")),
    Column("member_phone_hash", String(64)),  # whose wallet was shown
    Column("kept_codes", JSON),  # coupons of that person which stay with them this time
    Column("age_checked_for", Integer),  # the age that a person has seen the shopper to have
    Column("age_checked_by", String(64)),
    Column("age_checked_at", Instant),
    Column("random_check", String(16), nullable=False, server_default="undrawn"),
    id_column("payment_id"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

Index(
    # Few at any time, whatever the table holds: the sweeper asks for them every few seconds.
    "ix_basket_unused",
    basket.c.updated_at,
    sqlite_where=text("state = 'open' AND version = 1"),
    postgresql_where=text("state = 'open' AND version = 1"),
)
UNLOOKED = text("state IN ('abandoned', 'suspended') AND random_check IN ('amending', 'waiting')")
"""Left, or put aside, while somebody was yet to look at it; few likewise, and asked for with each draw."""
Index("ix_basket_unlooked", basket.c.updated_at, sqlite_where=UNLOOKED, postgresql_where=UNLOOKED)

handover = Table(
    "handover",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    id_column("basket_id", nullable=False),
    Column("expires_at", Instant, nullable=False),
    id_column("taken_by"),  # the kiosk that took the basket over
    Column("taken_at", Instant),
)
Index(None, handover.c.basket_id)

basket_check = Table(
    "basket_check",
    metadata,
    id_column("basket_id", primary_key=True),
    id_column("store_id", nullable=False),
    Column("phone_hash", String(64)),  # whose wallet was shown
    Column("chance_bp", Integer, nullable=False),
    Column("roll", Integer, nullable=False),
    Column("line_ids", JSON, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("drawn_at", Instant, nullable=False),
    Column("settled_by", String(64)),
    Column("settled_at", Instant),
    Column("pieces", Integer, nullable=False, server_default="0"),  # when it was drawn
    Column("is_handed_on", Boolean, nullable=False, server_default=text("false")),
)
Index(None, basket_check.c.phone_hash)
