"""Approvals with their guards, emergencies, and which reception revoked a certificate."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)

_KEPT = ("case_pk", "subject", "digest", "shown", "request", "maker_pk", "maker_person", "asked_at")
"""What a request is; it stays as it was asked."""
_MOVES = (
    "(OLD.state = 'asked' AND NEW.state IN ('asked', 'approved', 'rejected', 'withdrawn', 'void', 'expired'))"
    " OR (OLD.state = 'approved' AND NEW.state IN ('executed', 'withdrawn', 'void', 'expired'))"
)
_REWRITTEN = " OR ".join(
    (
        *(f"NEW.{column} <> OLD.{column}" for column in _KEPT),
        "(OLD.state = 'approved' AND coalesce(NEW.checker_pk, 0) <> OLD.checker_pk)",
    )
)
_REFUSED = f"NOT ({_MOVES}) OR {_REWRITTEN}"


def upgrade() -> None:
    """Create the tables and the column."""
    _create_approvals()
    _create_emergencies()
    _remember_where_revoked()
    _guard_approvals()


def _create_approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("case_pk", sa.Integer, nullable=False),
        sa.Column("subject", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("maker_pk", sa.Integer, nullable=False),
        sa.Column("maker_person", sa.String(20), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("wrong_sign_ons", sa.Integer, nullable=False),
        sa.Column("checker_pk", sa.Integer),
        sa.Column("checker_person", sa.String(20)),
        sa.Column("decided_at", _MOMENT),
        sa.Column("reject_reason", sa.String(200)),
        sa.Column("void_reason", sa.String(20)),
        sa.Column("executed_at", _MOMENT),
        _check(
            "ck_approvals_subject",
            "subject IN ('revoke', 'unblock', 'issue', 'give_up', 'confirm_emergency')",
        ),
        _check(
            "ck_approvals_state",
            "state IN ('asked', 'approved', 'rejected', 'withdrawn', 'void', 'expired', 'executed')",
        ),
        _check("ck_approvals_digest_length", "length(digest) BETWEEN 64 AND 64"),
        _check("ck_approvals_digest_characters", "ltrim(digest, '0123456789abcdef') = ''"),
        _check("ck_approvals_shown_length", "length(shown) BETWEEN 2 AND 10000"),
        _check("ck_approvals_request_length", "length(request) BETWEEN 2 AND 2000"),
        _check("ck_approvals_maker_person_length", "length(maker_person) BETWEEN 1 AND 20"),
        _check("ck_approvals_checker_person_length", "length(checker_person) BETWEEN 1 AND 20"),
        _check("ck_approvals_wrong_sign_ons_range", "wrong_sign_ons BETWEEN 0 AND 3"),
        _check("ck_approvals_reject_reason_length", "length(reject_reason) BETWEEN 1 AND 200"),
        _check("ck_approvals_void_reason_length", "length(void_reason) BETWEEN 1 AND 20"),
        _check("ck_approvals_four_eyes", "checker_pk <> maker_pk AND checker_person <> maker_person"),
        _check("ck_approvals_checker_is_complete", "(checker_pk IS NULL) = (checker_person IS NULL)"),
        _check(
            "ck_approvals_decided_by_somebody",
            "state NOT IN ('approved', 'rejected', 'executed') OR"
            " (checker_pk IS NOT NULL AND decided_at IS NOT NULL)",
        ),
        _check(
            "ck_approvals_asked_is_undecided",
            "state NOT IN ('asked') OR (checker_pk IS NULL AND decided_at IS NULL)",
        ),
        _check(
            "ck_approvals_rejected_has_a_reason", "state NOT IN ('rejected') OR (reject_reason IS NOT NULL)"
        ),
        _check("ck_approvals_executed_has_a_time", "state NOT IN ('executed') OR (executed_at IS NOT NULL)"),
        sa.ForeignKeyConstraint(["case_pk"], ["cases.pk"], name=op.f("fk_approvals_case_pk_cases")),
        sa.ForeignKeyConstraint(["maker_pk"], ["staff.pk"], name=op.f("fk_approvals_maker_pk_staff")),
        sa.ForeignKeyConstraint(["checker_pk"], ["staff.pk"], name=op.f("fk_approvals_checker_pk_staff")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_approvals")),
    )
    live = sa.text("state IN ('asked', 'approved')")
    executed = sa.text("state = 'executed' AND subject <> 'issue'")
    op.create_index(
        "one_live_approval_per_case",
        "approvals",
        ["case_pk"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_index(
        "one_executed_approval_per_case_and_subject",
        "approvals",
        ["case_pk", "subject"],
        unique=True,
        sqlite_where=executed,
        postgresql_where=executed,
    )
    op.create_index("ix_approvals_case_pk", "approvals", ["case_pk"])


def _create_emergencies() -> None:
    op.create_table(
        "emergencies",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("case_pk", sa.Integer, nullable=False),
        sa.Column("called_back_at", _MOMENT, nullable=False),
        sa.Column("called_back_to", sa.String(60), nullable=False),
        sa.Column("called_back_by", sa.String(20), nullable=False),
        sa.Column("executed_at", _MOMENT),
        sa.Column("approval_due_at", _MOMENT),
        sa.Column("paper_due", sa.Date),
        sa.Column("paper_received_at", _MOMENT),
        sa.Column("paper_received_by", sa.String(20)),
        _check("ck_emergencies_called_back_to_length", "length(called_back_to) BETWEEN 1 AND 60"),
        _check("ck_emergencies_called_back_by_length", "length(called_back_by) BETWEEN 1 AND 20"),
        _check("ck_emergencies_paper_received_by_length", "length(paper_received_by) BETWEEN 1 AND 20"),
        _check("ck_emergencies_executed_wants_paper", "(executed_at IS NULL) = (paper_due IS NULL)"),
        _check("ck_emergencies_approval_comes_after", "approval_due_at IS NULL OR executed_at IS NOT NULL"),
        _check(
            "ck_emergencies_paper_was_taken_by_somebody",
            "(paper_received_at IS NULL) = (paper_received_by IS NULL)",
        ),
        sa.ForeignKeyConstraint(["case_pk"], ["cases.pk"], name=op.f("fk_emergencies_case_pk_cases")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_emergencies")),
        sa.UniqueConstraint("case_pk", name=op.f("uq_emergencies_case_pk")),
    )


def _remember_where_revoked() -> None:
    # plain SQL that both engines take: rebuilding a table with children on SQLite would put them at risk
    op.execute(
        "ALTER TABLE certificates ADD COLUMN revoked_in VARCHAR(40)"
        " CONSTRAINT ck_certificates_revoked_in_length CHECK (length(revoked_in) BETWEEN 1 AND 40)"
    )
    op.create_index(op.f("ix_certificates_revoked_in"), "certificates", ["revoked_in"])
    # until now only the reception that had issued a certificate could revoke it
    op.execute(
        "UPDATE certificates SET revoked_in ="
        " (SELECT reception_no FROM cases WHERE cases.pk = certificates.case_pk) WHERE state = 'revoked'"
    )


def _guard_approvals() -> None:
    """Let requests only go on as the rules say, and never go away."""
    if op.get_context().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'an approval is decided once and executed once'); END"
        op.execute(f"CREATE TRIGGER approvals_moves BEFORE UPDATE ON approvals WHEN {_REFUSED} {refuse}")
        op.execute(f"CREATE TRIGGER approvals_no_delete BEFORE DELETE ON approvals {refuse}")
        there_already = "EXISTS (SELECT 1 FROM approvals WHERE pk = NEW.pk)"
        op.execute(
            f"CREATE TRIGGER approvals_no_replace BEFORE INSERT ON approvals WHEN {there_already} {refuse}"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {_REFUSED} THEN RAISE integrity_constraint_violation"
        " USING MESSAGE = 'an approval is decided once and executed once'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER approvals_moves BEFORE UPDATE ON approvals FOR EACH ROW EXECUTE FUNCTION refuse_move()"
    )
    for change, each in (("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER approvals_no_{change.lower()} BEFORE {change} ON approvals"
            f" FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))
