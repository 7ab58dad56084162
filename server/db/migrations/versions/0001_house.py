"""The house: every table of the first release.

A migration is frozen once released. Until the first release this one follows `tables/`.
"""

from alembic import op

from server.db.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables, in the order of their references."""
    metadata.create_all(op.get_bind())
