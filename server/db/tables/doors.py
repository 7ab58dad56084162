"""Who is let in, and how: codes that pair a device, words that count once, second factors, second persons."""

from sqlalchemy import JSON, BigInteger, Column, LargeBinary, String, Table, Text

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
