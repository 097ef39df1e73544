"""Nothing of an individual number is kept (個人番号): what earlier releases stored of its end is overwritten.

On PostgreSQL the old rows lie in the table's file until `VACUUM identity_evidence`; backups from before keep them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put in its place what stands where no number is recorded."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(sa.text("PRAGMA secure_delete=ON"))  # not every build overwrites what it lets go
    statement = (
        "UPDATE identity_evidence SET document_last4 = '----'"
        " WHERE document_type = 'individual_number_card' AND document_last4 <> '----'"
    )
    op.execute(sa.text(statement))
