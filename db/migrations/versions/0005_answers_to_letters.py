"""To whom a letter went, and what the mail server said to it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, in words both engines understand: SQLite would copy the whole table otherwise."""
    for column, least, most in (("sent_to", 1, 254), ("answer", 0, 300)):
        statement = (
            f"ALTER TABLE outbox ADD COLUMN {column} VARCHAR({most})"
            f" CONSTRAINT ck_outbox_{column}_length CHECK (length({column}) BETWEEN {least} AND {most})"
        )
        op.execute(sa.text(statement))
