"""What stands around the entries of the published list in place of the list: the entries are in the registry anyway.

A list that was published before is not kept; a folder that loses it gets the next one instead.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Put the small columns in the place of the large one."""
    op.drop_column("crl_states", "der")
    op.add_column("crl_states", sa.Column("head", sa.LargeBinary))
    op.add_column("crl_states", sa.Column("tail", sa.LargeBinary))
    op.add_column("crl_states", sa.Column("listed_from", _MOMENT))
