"""The age that a check was for: seen to be 16 is not seen to be 18.

A fresh database has the column from 0001, which follows `tables/`; one that was made before gets it.
"""

from alembic import op
from sqlalchemy import Column, Integer, inspect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column that is not there."""
    known = {column["name"] for column in inspect(op.get_bind()).get_columns("basket")}
    if "age_checked_for" not in known:
        op.add_column("basket", Column("age_checked_for", Integer))
