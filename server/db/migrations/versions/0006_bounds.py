"""Tries that all servers count together, and merchants who belong to one store."""

from server.db.missing import add_missing

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the columns that are not there."""
    add_missing()
