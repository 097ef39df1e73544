"""Which revocation list the web system was told about, and an index that holds all a list asks for."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_REVOKED = sa.text("state = 'revoked'")


def upgrade() -> None:
    """Add the columns, in words both engines understand, and the index."""
    op.execute(
        "ALTER TABLE crl_states ADD COLUMN announced_number BIGINT"
        " CONSTRAINT ck_crl_states_announced_number_range"
        " CHECK (announced_number BETWEEN 1 AND 9223372036854775807)"
    )
    op.execute(
        "ALTER TABLE crl_states ADD COLUMN announce_failure VARCHAR(20)"
        " CONSTRAINT ck_crl_states_announce_failure_length CHECK (length(announce_failure) BETWEEN 1 AND 20)"
    )
    op.create_index(
        "ix_certificates_state_not_after_crl_entry",
        "certificates",
        ["state", "not_after", "crl_entry"],
        sqlite_where=_REVOKED,
        postgresql_where=_REVOKED,
    )
