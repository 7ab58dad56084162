"""The store's memory to its depth: what the first purchase did without.

Until the first release this one follows `tables/`, as 0001 does: it adds whatever a database made before it lacks.
"""

from server.db.missing import add_missing

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns that are not there."""
    add_missing()
