"""Which transaction of the menu a reception was opened for, so that it can be taken up where it was left."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, in words both engines understand; receptions from before do not know it."""
    statement = (
        "ALTER TABLE cases ADD COLUMN begun_as VARCHAR(3) CONSTRAINT ck_cases_begun_as"
        " CHECK (begun_as IN ('101', '102', '103', '201', '202', '301'))"
    )
    op.execute(sa.text(statement))
