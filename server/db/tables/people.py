"""People: shoppers, consents, sealed faces, proofs of who is there, staff."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
    text,
)

from server.db.tables.base import Instant, id_column, metadata

customer = Table(
    "customer",
    metadata,
    id_column("customer_id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone_hash", String(64), nullable=False, unique=True),
    Column("phone_last4", String(4), nullable=False),
    Column("pin_hash", Text, nullable=False),
    Column("pin_failures", Integer, nullable=False, server_default=text("0")),
    Column("pin_locked_until", Instant),
    Column("locale", String(2), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant),  # when they last signed in
)
Index(None, customer.c.phone_last4)

household = Table(
    # People who say that they are one household; a code lets another in for a few minutes.
    "household",
    metadata,
    id_column("household_id", primary_key=True),
    Column("code_hash", String(64), unique=True),
    Column("code_expires_at", Instant),
    Column("created_at", Instant, nullable=False),
)

household_member = Table(
    "household_member",
    metadata,
    Column("phone_hash", String(64), primary_key=True),
    id_column("household_id", nullable=False, index=True),
    Column("joined_at", Instant, nullable=False),
)

idle_notice = Table(
    # An account that nobody uses is closed then, unless somebody uses it.
    "idle_notice",
    metadata,
    id_column("customer_id", primary_key=True),
    Column("closes_at", Instant, nullable=False),
)

consent = Table(
    "consent",
    metadata,
    id_column("consent_id", primary_key=True),
    id_column("customer_id", nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("version", String(32), nullable=False),
    Column("locale", String(2), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Column("frozen_at", Instant),  # it rests: nothing is forgotten, and nothing is allowed until its owner says so
)
Index(None, consent.c.customer_id)

face_reference = Table(
    "face_reference",
    metadata,
    id_column("reference_id", primary_key=True),
    id_column("customer_id", nullable=False),
    Column("model_id", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("captures", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("mode", String(16), nullable=False, server_default=text("'gallery'")),  # or sealed: by the shopper's own key
    Column("likeness", Float),  # the cosine of whoever on file looks most like this person, where that is near enough
    Column(
        "pin_always", Boolean, nullable=False, server_default=false()
    ),  # too near to be told apart by the face alone
)
Index(None, face_reference.c.customer_id)

face_key = Table(
    # Which key of the kiosks the gallery is kept under, and the store's half of the rotation, closed with a key that is
    # not in the database. What stands under `next_` is a change under way; `allowed_` is who may make one.
    "face_key",
    metadata,
    id_column("store_id", primary_key=True),
    Column("key_id", String(32), nullable=False),
    Column("salt_sealed", LargeBinary, nullable=False),
    Column("since", Instant, nullable=False),
    Column("next_key_id", String(32)),
    Column("next_salt_sealed", LargeBinary),
    id_column("allowed_kiosk_id"),
    Column("allowed_until", Instant),
)

face_key_wrap = Table(
    # A new key, closed for one kiosk: it opens with that kiosk's own key and the key before, together.
    "face_key_wrap",
    metadata,
    id_column("store_id", primary_key=True),
    Column("from_key_id", String(32), primary_key=True),
    id_column("kiosk_id", primary_key=True),
    Column("to_key_id", String(32), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

face_reference_next = Table(
    # The gallery under the next key, until all of it is here and takes the place of the gallery in one step.
    "face_reference_next",
    metadata,
    id_column("reference_id", primary_key=True),
    Column("model_id", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

erasure = Table(
    "erasure",
    metadata,
    id_column("erasure_id", primary_key=True),
    id_column("customer_id", nullable=False),
    Column("reference_ids", JSON, nullable=False),
    Column("erased_at", Instant, nullable=False),
)

erasure_acknowledgement = Table(
    "erasure_acknowledgement",
    metadata,
    id_column("erasure_id", primary_key=True),
    id_column("kiosk_id", primary_key=True),
    Column("acknowledged_at", Instant),
)

authentication = Table(
    "authentication",
    metadata,
    id_column("authentication_id", primary_key=True),
    id_column("customer_id", nullable=False),
    id_column("kiosk_id", nullable=False),
    id_column("basket_id", nullable=False),
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

phone_code = Table(
    # A code that was sent to prove a number; neither the number nor the code stands here.
    "phone_code",
    metadata,
    id_column("phone_code_id", primary_key=True),
    Column("phone_hash", String(64), nullable=False),
    Column("code_hash", String(64), nullable=False),
    Column("asked_by", String(96), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("proven_at", Instant),
    Column("used_at", Instant),
)
Index(None, phone_code.c.phone_hash, phone_code.c.asked_at)
Index(None, phone_code.c.asked_at)

wallet_code = Table(
    "wallet_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    id_column("customer_id", nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

topup = Table(
    "topup",
    metadata,
    id_column("topup_id", primary_key=True),
    id_column("customer_id", nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("status", String(16), nullable=False),
    Column("provider_ref", String(96)),
    Column("started_at", Instant, nullable=False),
    Column("credited_at", Instant),
    Column("provider", String(16), nullable=False, server_default="sandbox"),
    Column("posted_minor", BigInteger, nullable=False, server_default=text("0")),  # what the wallet has of it now
    Column("missing_minor", BigInteger, nullable=False, server_default=text("0")),  # what could not be taken back
    Column("moves", Integer, nullable=False, server_default=text("0")),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
)
Index(None, topup.c.customer_id)
Index(None, topup.c.provider_ref)

topup_fact = Table(
    # What a provider's signed notices have said; the same notice twice is one row.
    "topup_fact",
    metadata,
    id_column("topup_id", primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("ref", String(96), primary_key=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("at", Instant, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    id_column("subject", nullable=False),
    Column("roles", JSON, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    id_column("session_id", index=True),  # what its owner names it by; the token itself is kept nowhere
    Column("opened_at", Instant),
    Column("factor", String(16)),
    Column("agent", String(120)),
    id_column("store_id"),  # of staff who belong to one store
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
    Column("totp_sealed", LargeBinary),  # closed with a key that is not in the database
    Column("totp_pending", LargeBinary),
    id_column("store_id"),  # of those who belong to one store
    Column("totp_step", BigInteger),  # of the newest code that was used: one code counts once
)

diary = Table(
    # Who looked at whose data or tried to pass for them; shown to that person.
    "diary",
    metadata,
    Column("diary_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    id_column("customer_id", nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("act", String(32), nullable=False),
    Column("at_where", String(96), nullable=False),
)
