"""Who is let in, and how: codes that pair a device, words that are signed once."""

from sqlalchemy import Column, LargeBinary, String, Table, Text

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
