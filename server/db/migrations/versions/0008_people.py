"""Money between people, codes of counters, tickets that bring a coupon from an amount on; whose look is still owed."""

from alembic import op

from server.db.missing import add_missing

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
SHAPE = "6326ab28250cf6d4"
"""What the tables look like from here on (`server.db.missing.shape`)."""


def upgrade() -> None:
    """Add the tables and columns that are not there, and make the index anew that looks at more states than before."""
    op.drop_index("ix_basket_unlooked", table_name="basket", if_exists=True)
    add_missing()
