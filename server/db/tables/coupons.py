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
    Column("limit_per_day", Integer),  # null: as many as there are
    Column("limit_width", Integer),  # friends that one link reaches; null: without bound
    Column("holdout_percent", Integer, nullable=False, server_default=text("0")),
    Column("testers", JSON),
    Column("skus", JSON),  # goods that its coupons apply to; null together with categories: all
    Column("categories", JSON),
    Column("stacking", String(16), nullable=False, server_default="with_all"),  # or alone, full_price
    Column("on_refund", String(8), nullable=False, server_default="restore"),  # or void
    Column("conditions", JSON),  # hours, stores and people that its coupons ask for; null: none
    Column("joint", String(64)),  # coupons of one joint category exclude each other
    Column("priority", Integer, nullable=False, server_default=text("0")),
    Column("max_per_basket", Integer),
    Column("ticket_from_minor", BigInteger, nullable=False, server_default=text("0")),  # for a coupon on it
    Column("limit_per_store", Integer),  # coupons set aside or used in one store; null: without bound
    Column("limit_per_household", Integer),  # likewise by the people of one household
    CheckConstraint("reserved_minor >= 0 AND spent_minor >= 0", name="not_negative"),
    CheckConstraint("reserved_minor + spent_minor <= budget_minor", name="budget_holds"),
    CheckConstraint("issued <= limit_coupons", name="limit_holds"),
)

campaign_day = Table(
    # Coupons given on one day of a campaign; days are counted from its start, at its hour.
    "campaign_day",
    metadata,
    id_column("campaign_id", primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("issued", Integer, nullable=False),
)

campaign_store = Table(
    # Coupons set aside or used in one store, where a campaign limits them.
    "campaign_store",
    metadata,
    id_column("campaign_id", primary_key=True),
    id_column("store_id", primary_key=True),
    Column("used", Integer, nullable=False),
    CheckConstraint("used >= 0", name="not_negative"),
)

campaign_held_out = Table(
    # Who would have received a campaign and was drawn out of it: what the others are compared with.
    "campaign_held_out",
    metadata,
    id_column("campaign_id", primary_key=True),
    Column("phone_hash", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
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
    Column("node", String(16)),  # its place in the tree of shares: who knows it can use nothing
    id_column("used_in"),  # the store that counts it, where its campaign limits stores
    Column("used_by", String(64)),  # the person whose household counts it, where its campaign limits households
)
Index(None, coupon.c.campaign_id)
Index(None, coupon.c.holder_phone_hash)
Index(
    "ix_coupon_used_by",
    coupon.c.used_by,
    sqlite_where=coupon.c.used_by.is_not(None),
    postgresql_where=coupon.c.used_by.is_not(None),
)

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
    Column("width", Integer),  # how many may claim; null: without bound
    Column("claimed", Integer, nullable=False, server_default=text("0")),
)
Index(None, share.c.coupon_code)

share_claim = Table(
    "share_claim",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("phone_hash", String(64), primary_key=True),
    Column("coupon_code", String(32), nullable=False),
    Column("claimed_at", Instant, nullable=False),
    id_column("campaign_id"),
    Column("generation", Integer),
    Column("node", String(16)),
    Column("parent_node", String(16)),
)
Index(None, share.c.campaign_id)
Index(None, share_claim.c.campaign_id)
Index(None, share_claim.c.parent_node)
