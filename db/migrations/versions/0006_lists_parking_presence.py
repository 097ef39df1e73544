"""Indexes for the list of ends and for past receptions; parked receptions; when a terminal was last heard of."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_DROPPED = (
    "ix_certificates_user_pk",
    "ix_certificates_last_valid_date",
    "ix_customers_branch_pk",
)
"""Each begins an index that is made now, or is never asked without the columns that stand in one."""


def upgrade() -> None:
    """Add columns in words both engines understand: SQLite would copy the whole table otherwise."""
    moment = sa.DateTime(timezone=True).compile(dialect=op.get_bind().dialect)
    op.execute(f"ALTER TABLE terminals ADD COLUMN seen_at {moment}")
    op.execute(f"ALTER TABLE cases ADD COLUMN parked_at {moment}")
    op.execute(
        "ALTER TABLE cases ADD COLUMN parked_reason VARCHAR(60)"
        " CONSTRAINT ck_cases_parked_reason_length CHECK (length(parked_reason) BETWEEN 1 AND 60)"
    )
    for name in _DROPPED:
        op.execute(f"DROP INDEX {name}")
    op.create_index(
        "ix_certificates_user_pk_state_last_valid_date",
        "certificates",
        ["user_pk", "state", "last_valid_date"],
    )
    op.create_index(
        "ix_certificates_state_last_valid_date_user_pk",
        "certificates",
        ["state", "last_valid_date", "user_pk"],
    )
    op.create_index("ix_customers_branch_pk_organization_pk", "customers", ["branch_pk", "organization_pk"])
    op.create_index("ix_cases_business_date", "cases", ["business_date"])
    op.create_index("ix_cases_staff_pk", "cases", ["staff_pk"])
