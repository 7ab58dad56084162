"""How many pieces lay in a basket when its check was drawn, and a quick way to those left before anybody had looked."""

from server.db.missing import add_missing

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the index that are not there."""
    add_missing()
