"""Devices prove themselves with keys: the tokens of before are gone, and with them their column.

A device that was paired under a token is unknown from here on, until it is paired again.
"""

from alembic import op
from sqlalchemy import inspect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the column where it is; SQLite copies the table for that."""
    if "token_hash" in {column["name"] for column in inspect(op.get_bind()).get_columns("kiosk")}:
        with op.batch_alter_table("kiosk", recreate="auto") as kiosk:
            kiosk.drop_column("token_hash")
