"""Who is let in, and how: pairing codes, words that count once, second factors, second persons, staff at a kiosk."""

from sqlalchemy import JSON, BigInteger, Column, Integer, LargeBinary, String, Table, Text, text

from server.db.tables.base import Instant, id_column, metadata

pairing_code = Table(
    "pairing_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    id_column("device_id", nullable=False),
    id_column("store_id", nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("public_key", LargeBinary),  # who has used it; the same key may ask again, after an answer that was lost
)

used_word = Table(
    # Words that count once (challenges): kept until they would be too old anyway.
    "used_word",
    metadata,
    Column("word_hash", String(64), primary_key=True),
    Column("expires_at", Instant, nullable=False, index=True),
)

tried = Table(
    # When something that is bounded was tried, by whom or for what: kept for the minutes that it counts.
    "tried",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("moments", JSON, nullable=False),  # microseconds, as many as are allowed at most
    Column("ends_at", Instant, nullable=False, index=True),
)

passkey = Table(
    "passkey",
    metadata,
    Column("credential_id", String(1400), primary_key=True),  # base64url of at most 1023 bytes
    Column("login", String(64), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("used_at", Instant),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("login", String(64), nullable=False, index=True),
    Column("used_at", Instant),
)

second_request = Table(
    # What one has asked for and another must agree to.
    "second_request",
    metadata,
    id_column("request_id", primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("body", JSON, nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("decided_by", String(64)),
    Column("decided_at", Instant),
)

staff_badge = Table(
    # A code on somebody's screen that a kiosk reads: it opens one thing, once, for a minute.
    "staff_badge",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("login", String(64), nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    id_column("used_for"),  # the attendance or the act that it opened; the same may ask again
)

staff_pin = Table(
    # What somebody types at a kiosk: a number that is no secret, and a PIN.
    "staff_pin",
    metadata,
    Column("login", String(64), primary_key=True),
    Column("number", String(8), nullable=False, unique=True),
    Column("pin_hash", Text, nullable=False),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("locked_until", Instant),
)

attendance = Table(
    # Somebody who works here stands at a kiosk, for minutes.
    "attendance",
    metadata,
    id_column("attendance_id", primary_key=True),
    id_column("kiosk_id", nullable=False),
    Column("login", String(64), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("ended_at", Instant),
)

price_set = Table(
    # Prices that were set by hand. What one person may take off alone is counted over a whole basket.
    "price_set",
    metadata,
    id_column("act_id", primary_key=True),
    id_column("basket_id", nullable=False, index=True),
    id_column("sku", nullable=False),
    Column("login", String(64), nullable=False),
    Column("second", String(64)),  # who agreed, where one alone may not
    Column("pieces", Integer, nullable=False),
    Column("off_minor", BigInteger, nullable=False),  # below zero where an earlier price is taken back
    Column("reason", String(32), nullable=False),
    Column("at", Instant, nullable=False),
)
