"""When the last password try of a user was counted: a block has no time of its own, and the try may still be compared.

Users of before do not know it, and a terminal of an earlier release goes on without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("customers", sa.Column("charged_at", sa.DateTime(timezone=True)))
