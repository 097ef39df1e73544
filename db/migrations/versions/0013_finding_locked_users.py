"""Indexes for the users who are locked or blocked: they are looked for every half minute, among a million."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    op.create_index("ix_customers_status", "customers", ["status"])
    op.create_index("ix_customers_locked_until", "customers", ["locked_until"])
