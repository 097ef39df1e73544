"""The bank's signed lists of media that may be used."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; without a list no medium is registered."""
    op.create_table(
        "media_lists",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.CheckConstraint("length(body) BETWEEN 1 AND 4000000", name=op.f("ck_media_lists_body_length")),
        sa.CheckConstraint(
            "length(signature) BETWEEN 64 AND 64", name=op.f("ck_media_lists_signature_length")
        ),
        sa.CheckConstraint("length(key_id) BETWEEN 1 AND 64", name=op.f("ck_media_lists_key_id_length")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_media_lists")),
    )
