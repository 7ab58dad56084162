"""The shop: stores, kiosks, products, prices, promotions."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from server.db.tables.base import Instant, id_column, metadata

store = Table(
    "store",
    metadata,
    id_column("store_id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("payee", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("country", String(2), nullable=False),
    Column("timezone", Text, nullable=False),
    Column("demo_prices", Boolean, nullable=False),
    Column("next_ticket_number", BigInteger, nullable=False, server_default=text("1")),
    Column("limits", JSON),  # how far one goes alone; null: as everywhere
    Column("rules", JSON),  # code layouts, cap, order of the purses (`checkout.store_rules`); null: as everywhere
)

kiosk = Table(
    "kiosk",
    metadata,
    id_column("kiosk_id", primary_key=True),
    id_column("store_id", nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False, server_default="kiosk"),  # kiosk or gate
    Column("public_key", LargeBinary, unique=True),  # Ed25519, 32 bytes; the private half never leaves the device
    Column("state", JSON),
    Column("last_seen_at", Instant),
    Column("revoked_at", Instant),
    Column("paused_at", Instant),  # since when staff have it closed to shoppers
    Column("pause_reason", String(32)),
    Column("message", Text),  # what staff say on its screen
)

product = Table(
    "product",
    metadata,
    id_column("sku", primary_key=True),
    Column("name", Text, nullable=False),
    Column("brand", Text, nullable=False, server_default=""),
    Column("pack", Text, nullable=False, server_default=""),
    Column("category", Text, nullable=False, server_default=""),
    Column("unit", String(8), nullable=False, server_default="each"),
    Column("net_content", JSON),
    Column("unit_price_minor", BigInteger, nullable=False),
    Column("vat_class", String(32), nullable=False),
    Column("min_age", Integer),
    Column("sale_stop", Text),
    Column("deposit_sku", String(64)),
    Column("demo_price", Boolean, nullable=False, server_default=text("false")),
    Column("warranty_months", Integer),
    CheckConstraint("unit_price_minor >= 0", name="price_not_negative"),
)

product_code = Table(
    "product_code",
    metadata,
    Column("code", String(32), primary_key=True),
    id_column("sku", nullable=False),
    Column("quantity", Integer, nullable=False, server_default=text("1")),
)

price = Table(
    # Prices for a group of stores ("" for all) and a time; the base price that always holds stands in `product`.
    "price",
    metadata,
    id_column("sku", primary_key=True),
    Column("price_group", String(64), primary_key=True),
    Column("starts_at", Instant, primary_key=True),  # EPOCH: since always
    Column("ends_at", Instant),
    Column("unit_price_minor", BigInteger, nullable=False),
    Column("member_price_minor", BigInteger),
    CheckConstraint("unit_price_minor >= 0", name="price_not_negative"),
    CheckConstraint("member_price_minor <= unit_price_minor", name="members_pay_no_more"),
)

recalled_lot = Table(
    "recalled_lot",
    metadata,
    id_column("sku", primary_key=True),
    Column("lot", String(64), primary_key=True),  # * for all
)

product_reference = Table(
    # What suppliers and open databases know of a code, sold here or not. Never a price.
    "product_reference",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("brand", Text, nullable=False),
    Column("pack", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("net_content", Integer),
    Column("vat_class", String(32)),
    Column("vat_is_certain", Boolean, nullable=False),
    Column("is_in_store", Boolean, nullable=False),
    Column("source", String(16), nullable=False),
)

catalogue_import = Table(
    "catalogue_import",
    metadata,
    Column("import_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("format", String(16), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("replaces", Boolean, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("swapped_at", Instant, nullable=False),
)

promotion = Table(
    "promotion",
    metadata,
    id_column("promotion_id", primary_key=True),
    Column("body", JSON, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
)
