"""Branches, terminals, staff, organizations, users and their search keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_LETTERS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def upgrade() -> None:
    """Create the tables."""
    _create_branches()
    _create_terminals()
    _create_staff()
    _create_organizations()
    _create_customers()
    _create_lookup_keys()


def _create_branches() -> None:
    op.create_table(
        "branches",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("branch_no", sa.String(3), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        _check("ck_branches_branch_no_characters", "ltrim(branch_no, '0123456789') = ''"),
        _check("ck_branches_branch_no_length", "length(branch_no) BETWEEN 3 AND 3"),
        _check("ck_branches_name_length", "length(name) BETWEEN 1 AND 100"),
        _check("ck_branches_phone_length", "length(phone) BETWEEN 0 AND 30"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_branches")),
        sa.UniqueConstraint("branch_no", name=op.f("uq_branches_branch_no")),
    )


def _create_terminals() -> None:
    op.create_table(
        "terminals",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("branch_pk", sa.Integer, nullable=False),
        sa.Column("terminal_no", sa.String(2), nullable=False),
        _check("ck_terminals_terminal_no_characters", "ltrim(terminal_no, '0123456789') = ''"),
        _check("ck_terminals_terminal_no_length", "length(terminal_no) BETWEEN 2 AND 2"),
        sa.ForeignKeyConstraint(["branch_pk"], ["branches.pk"], name=op.f("fk_terminals_branch_pk_branches")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_terminals")),
        sa.UniqueConstraint("branch_pk", "terminal_no", name=op.f("uq_terminals_branch_pk_terminal_no")),
    )


def _create_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("staff_id", _code_points(20), nullable=False),
        sa.Column("person_number", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("branch_pk", sa.Integer, nullable=False),
        sa.Column("password_hash", sa.String(300), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("paused_until", _MOMENT),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        _check("ck_staff_staff_id_characters", f"ltrim(staff_id, '{_LETTERS_AND_DIGITS}') = ''"),
        _check("ck_staff_role", "role IN ('clerk', 'supervisor', 'auditor', 'administrator')"),
        _check("ck_staff_failures_range", "failures BETWEEN 0 AND 2147483647"),
        _check("ck_staff_name_length", "length(name) BETWEEN 1 AND 100"),
        _check("ck_staff_password_hash_length", "length(password_hash) BETWEEN 1 AND 300"),
        _check("ck_staff_person_number_length", "length(person_number) BETWEEN 1 AND 20"),
        _check("ck_staff_staff_id_length", "length(staff_id) BETWEEN 1 AND 20"),
        sa.ForeignKeyConstraint(["branch_pk"], ["branches.pk"], name=op.f("fk_staff_branch_pk_branches")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_staff")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_staff_staff_id")),
    )
    op.create_index(op.f("ix_staff_branch_pk"), "staff", ["branch_pk"])


def _create_organizations() -> None:
    op.create_table(
        "organizations",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("branch_pk", sa.Integer, nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        _check("ck_organizations_kind", "kind IN ('member', 'employer')"),
        _check("ck_organizations_code_length", "length(code) BETWEEN 1 AND 20"),
        _check("ck_organizations_name_length", "length(name) BETWEEN 1 AND 100"),
        _check("ck_organizations_phone_length", "length(phone) BETWEEN 0 AND 30"),
        sa.ForeignKeyConstraint(
            ["branch_pk"], ["branches.pk"], name=op.f("fk_organizations_branch_pk_branches")
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_organizations")),
        sa.UniqueConstraint("code", name=op.f("uq_organizations_code")),
    )
    op.create_index(op.f("ix_organizations_branch_pk"), "organizations", ["branch_pk"])


def _create_customers() -> None:
    op.create_table(
        "customers",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("user_id", _code_points(12), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kana", sa.String(100), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("organization_pk", sa.Integer, nullable=False),
        sa.Column("branch_pk", sa.Integer, nullable=False),
        sa.Column("password_hash", sa.String(300), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("consecutive_failures", sa.Integer, nullable=False),
        sa.Column("lock_count", sa.Integer, nullable=False),
        sa.Column("locked_until", _MOMENT),
        sa.Column("charges", sa.Integer, nullable=False),
        sa.Column("initial_registration_done", sa.Boolean, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        _check("ck_customers_user_id_characters", f"ltrim(user_id, '{_LETTERS_AND_DIGITS}') = ''"),
        _check("ck_customers_role", "role IN ('master', 'general')"),
        _check("ck_customers_status", "status IN ('active', 'blocked')"),
        _check("ck_customers_charges_range", "charges BETWEEN 0 AND 2147483647"),
        _check("ck_customers_consecutive_failures_range", "consecutive_failures BETWEEN 0 AND 6"),
        _check("ck_customers_email_length", "length(email) BETWEEN 3 AND 254"),
        _check("ck_customers_kana_length", "length(kana) BETWEEN 0 AND 100"),
        _check("ck_customers_name_length", "length(name) BETWEEN 1 AND 100"),
        _check("ck_customers_password_hash_length", "length(password_hash) BETWEEN 1 AND 300"),
        _check("ck_customers_user_id_length", "length(user_id) BETWEEN 6 AND 12"),
        _check("ck_customers_lock_count_range", "lock_count BETWEEN 0 AND 3"),
        sa.ForeignKeyConstraint(["branch_pk"], ["branches.pk"], name=op.f("fk_customers_branch_pk_branches")),
        sa.ForeignKeyConstraint(
            ["organization_pk"], ["organizations.pk"], name=op.f("fk_customers_organization_pk_organizations")
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_customers")),
        sa.UniqueConstraint("user_id", name=op.f("uq_customers_user_id")),
    )
    op.create_index(op.f("ix_customers_branch_pk"), "customers", ["branch_pk"])
    op.create_index(op.f("ix_customers_organization_pk"), "customers", ["organization_pk"])


def _create_lookup_keys() -> None:
    op.create_table(
        "lookup_keys",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("branch_pk", sa.Integer, nullable=False),
        sa.Column("key", _code_points(200), nullable=False),
        sa.Column("user_pk", sa.Integer, nullable=False),
        _check("ck_lookup_keys_key_length", "length(key) BETWEEN 1 AND 200"),
        sa.ForeignKeyConstraint(
            ["branch_pk"], ["branches.pk"], name=op.f("fk_lookup_keys_branch_pk_branches")
        ),
        sa.ForeignKeyConstraint(
            ["user_pk"], ["customers.pk"], name=op.f("fk_lookup_keys_user_pk_customers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_lookup_keys")),
    )
    op.create_index("ix_lookup_keys_everywhere", "lookup_keys", ["key", "user_pk"])
    op.create_index(op.f("ix_lookup_keys_user_pk"), "lookup_keys", ["user_pk"])
    op.create_index(
        "ix_lookup_keys_within_branch", "lookup_keys", ["branch_pk", "key", "user_pk"], unique=True
    )


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))


def _code_points(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
