"""Campaigns, coupons, and how they spread."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, Index, Integer, String, Table, Text, text

from server.db.tables.base import Instant, id_column, metadata

campaign = Table(
    "campaign",
    metadata,
    id_column("campaign_id", primary_key=True),
    id_column("store_id", nullable=False),
    Column("name", Text, nullable=False),
    Column("label", JSON, nullable=False),
    Column("effect_kind", String(16), nullable=False),
    Column("effect_value", BigInteger, nullable=False),
    Column("min_basket_minor", BigInteger, nullable=False),
    Column("budget_minor", BigInteger, nullable=False),
    Column("reserved_minor", BigInteger, nullable=False, server_default=text("0")),
    Column("spent_minor", BigInteger, nullable=False, server_default=text("0")),
    Column("limit_coupons", Integer, nullable=False),
    Column("limit_per_person", Integer, nullable=False),
    Column("limit_generations", Integer, nullable=False),
    Column("issued", Integer, nullable=False, server_default=text("0")),
    Column("share_mode", String(8), nullable=False),
    Column("issue_on_ticket", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("reserved_minor >= 0 AND spent_minor >= 0", name="not_negative"),
    CheckConstraint("reserved_minor + spent_minor <= budget_minor", name="budget_holds"),
    CheckConstraint("issued <= limit_coupons", name="limit_holds"),
)

coupon = Table(
    "coupon",
    metadata,
    Column("code", String(32), primary_key=True),
    id_column("campaign_id", nullable=False),
    Column("holder_phone_hash", String(64)),
    id_column("ticket_id"),
    Column("parent_token", String(64)),
    Column("generation", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    id_column("payment_id"),
    Column("value_minor", BigInteger),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("redeemed_at", Instant),
)
Index(None, coupon.c.campaign_id)
Index(None, coupon.c.holder_phone_hash)

share = Table(
    "share",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("coupon_code", String(32), nullable=False),
    id_column("campaign_id", nullable=False),
    Column("mode", String(8), nullable=False),
    Column("opened", Integer, nullable=False, server_default=text("0")),
    Column("created_at", Instant, nullable=False),
    Column("shared_at", Instant),  # a link printed on a ticket counts as shared when it is first used
    Column("withdrawn_at", Instant),
)
Index(None, share.c.coupon_code)

share_claim = Table(
    "share_claim",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("phone_hash", String(64), primary_key=True),
    Column("coupon_code", String(32), nullable=False),
    Column("claimed_at", Instant, nullable=False),
)
