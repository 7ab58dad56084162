"""The books: refunds, closings, members at the till.

A fresh database has all of it from 0001, which follows `tables/`; one that was made before gets what it lacks.
"""

from server.db.missing import add_missing

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns that are not there."""
    add_missing()
