"""Every table of the store, once. Ids are made by the application; the ledger is only ever added to.

Instants are stored as microseconds since 1970 in UTC, so that both engines compare them alike. Documents that are read
and written whole (lines of a basket, a ticket's body) are JSON; whatever is counted, limited or joined is a column.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC, stored as whole microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Turn an aware datetime into microseconds."""
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Turn microseconds into a datetime in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


def _id(name: str, **more: Any) -> Column[str]:  # noqa: ANN401 - handed on to Column as it is
    return Column(name, String(64), **more)


# --- the shop ---------------------------------------------------------------------------------------------------------

store = Table(
    "store",
    metadata,
    _id("store_id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("payee", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("country", String(2), nullable=False),
    Column("timezone", Text, nullable=False),
    Column("demo_prices", Boolean, nullable=False),
    Column("next_ticket_number", BigInteger, nullable=False, server_default=text("1")),
)

kiosk = Table(
    "kiosk",
    metadata,
    _id("kiosk_id", primary_key=True),
    _id("store_id", nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False, server_default="kiosk"),  # kiosk or gate
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("state", JSON),
    Column("last_seen_at", Instant),
    Column("revoked_at", Instant),
)

product = Table(
    "product",
    metadata,
    _id("sku", primary_key=True),
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
    CheckConstraint("unit_price_minor >= 0", name="price_not_negative"),
)

product_code = Table(
    "product_code",
    metadata,
    Column("code", String(32), primary_key=True),
    _id("sku", nullable=False),
    Column("quantity", Integer, nullable=False, server_default=text("1")),
)

price = Table(
    # Prices for a group of stores ("" for all) and a time; the base price that always holds stands in `product`.
    "price",
    metadata,
    _id("sku", primary_key=True),
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
    _id("sku", primary_key=True),
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
    _id("promotion_id", primary_key=True),
    Column("body", JSON, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
)

# --- baskets ----------------------------------------------------------------------------------------------------------

basket = Table(
    "basket",
    metadata,
    _id("basket_id", primary_key=True),
    _id("store_id", nullable=False),
    _id("kiosk_id", nullable=False),
    Column("channel", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("lines", JSON, nullable=False),
    Column("coupon_codes", JSON, nullable=False),
    Column("age_check", String(16), nullable=False, server_default="not_needed"),
    Column("is_member", Boolean, nullable=False, server_default=text("false")),
    Column("age_checked_for", Integer),  # the age that a person has seen the shopper to have
    Column("age_checked_by", String(64)),
    Column("age_checked_at", Instant),
    _id("payment_id"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# --- money ------------------------------------------------------------------------------------------------------------

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
    _id("payment_id", primary_key=True),
    _id("basket_id", nullable=False),
    _id("store_id", nullable=False),
    _id("kiosk_id", nullable=False),
    _id("customer_id"),
    _id("authentication_id"),
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

ticket = Table(
    "ticket",
    metadata,
    _id("ticket_id", primary_key=True),
    _id("store_id", nullable=False),
    Column("number", BigInteger, nullable=False),
    _id("payment_id", nullable=False, unique=True),
    Column("body", JSON, nullable=False),
    Column("issued_at", Instant, nullable=False),
    UniqueConstraint("store_id", "number"),
)

exit_token = Table(
    "exit_token",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _id("ticket_id", nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

refund = Table(
    "refund",
    metadata,
    _id("refund_id", primary_key=True),
    _id("store_id", nullable=False),
    Column("number", BigInteger, nullable=False),
    _id("ticket_id", nullable=False),
    _id("payment_id", nullable=False, index=True),
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
    _id("closing_id", primary_key=True),
    _id("store_id", nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("body", JSON, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("closed_by", String(64), nullable=False),
    Column("closed_at", Instant, nullable=False),
    UniqueConstraint("store_id", "number"),
)

# --- people -----------------------------------------------------------------------------------------------------------

customer = Table(
    "customer",
    metadata,
    _id("customer_id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone_hash", String(64), nullable=False, unique=True),
    Column("phone_last4", String(4), nullable=False),
    Column("pin_hash", Text, nullable=False),
    Column("pin_failures", Integer, nullable=False, server_default=text("0")),
    Column("pin_locked_until", Instant),
    Column("locale", String(2), nullable=False),
    Column("created_at", Instant, nullable=False),
)
Index(None, customer.c.phone_last4)

consent = Table(
    "consent",
    metadata,
    _id("consent_id", primary_key=True),
    _id("customer_id", nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("version", String(32), nullable=False),
    Column("locale", String(2), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
)
Index(None, consent.c.customer_id)

face_reference = Table(
    "face_reference",
    metadata,
    _id("reference_id", primary_key=True),
    _id("customer_id", nullable=False),
    Column("model_id", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("captures", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
)
Index(None, face_reference.c.customer_id)

erasure = Table(
    "erasure",
    metadata,
    _id("erasure_id", primary_key=True),
    _id("customer_id", nullable=False),
    Column("reference_ids", JSON, nullable=False),
    Column("erased_at", Instant, nullable=False),
)

erasure_acknowledgement = Table(
    "erasure_acknowledgement",
    metadata,
    _id("erasure_id", primary_key=True),
    _id("kiosk_id", primary_key=True),
    Column("acknowledged_at", Instant),
)

authentication = Table(
    "authentication",
    metadata,
    _id("authentication_id", primary_key=True),
    _id("customer_id", nullable=False),
    _id("kiosk_id", nullable=False),
    _id("basket_id", nullable=False),
    Column("digest", String(64), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("payee", Text, nullable=False),
    Column("factors", JSON, nullable=False),
    Column("evidence", JSON),
    Column("step_up_reason", String(32)),
    Column("pin_at", Instant),  # when the PIN was proven in this approval; what was paid by face is counted from there
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
Index(None, authentication.c.customer_id, authentication.c.made_at)

wallet_code = Table(
    "wallet_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    _id("customer_id", nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

topup = Table(
    "topup",
    metadata,
    _id("topup_id", primary_key=True),
    _id("customer_id", nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("status", String(16), nullable=False),
    Column("provider_ref", String(96)),
    Column("started_at", Instant, nullable=False),
    Column("credited_at", Instant),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
)
Index(None, topup.c.customer_id)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    _id("subject", nullable=False),
    Column("roles", JSON, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

staff = Table(
    "staff",
    metadata,
    Column("login", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("locked_until", Instant),
)

# --- coupons ----------------------------------------------------------------------------------------------------------

campaign = Table(
    "campaign",
    metadata,
    _id("campaign_id", primary_key=True),
    _id("store_id", nullable=False),
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
    _id("campaign_id", nullable=False),
    Column("holder_phone_hash", String(64)),
    _id("ticket_id"),
    Column("parent_token", String(64)),
    Column("generation", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    _id("payment_id"),
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
    _id("campaign_id", nullable=False),
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

# --- help, record, messages -------------------------------------------------------------------------------------------

intervention = Table(
    "intervention",
    metadata,
    _id("intervention_id", primary_key=True),
    _id("store_id", nullable=False),
    _id("kiosk_id", nullable=False),
    _id("basket_id"),
    _id("line_id"),
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
    _id("store_id", nullable=False),
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
