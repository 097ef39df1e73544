"""Receptions, certificates, deliveries, media and verification codes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    _create_cases()
    _create_identity_evidence()
    _create_reception_counters()
    _create_certificates()
    _create_deliveries()
    _create_media()
    _create_medium_movements()
    _create_verification_codes()


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("reception_no", sa.String(40), nullable=False),
        sa.Column("operation_id", sa.String(64), nullable=False),
        sa.Column("branch_pk", sa.Integer, nullable=False),
        sa.Column("terminal_pk", sa.Integer, nullable=False),
        sa.Column("staff_pk", sa.Integer, nullable=False),
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("user_pk", sa.Integer),
        sa.Column("transaction", sa.String(3)),
        sa.Column("family", sa.String(20)),
        sa.Column("issue_kind", sa.String(20)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("form_no", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("visitor_kind", sa.String(20), nullable=False),
        sa.Column("visitor_name", sa.String(100), nullable=False),
        sa.Column("pc_alias", sa.String(40), nullable=False),
        sa.Column("medium_no", sa.String(20)),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT),
        sa.Column("verified_at", _MOMENT),
        sa.Column("void_reason", sa.String(200)),
        sa.Column("session", sa.String(64), nullable=False),
        _check("ck_cases_channel", "channel IN ('counter', 'phone')"),
        _check("ck_cases_issue_has_a_kind", "family <> 'issue' OR issue_kind IS NOT NULL"),
        _check("ck_cases_family", "family IN ('issue', 'revoke', 'unblock')"),
        _check("ck_cases_issue_kind", "issue_kind IN ('first_issue', 'renew', 'reissue')"),
        _check(
            "ck_cases_state",
            "state IN ('reception', 'user_chosen', 'transaction_chosen', 'password_ok', 'code_ok', "
            "'issuing', 'issued', 'delivered', 'done', 'voided', 'needs_attention')",
        ),
        _check("ck_cases_chosen_user", "state NOT IN ('user_chosen') OR (user_pk IS NOT NULL)"),
        _check("ck_cases_visitor_kind", "visitor_kind IN ('self', 'proxy')"),
        _check(
            "ck_cases_transaction",
            "\"transaction\" IN ('101', '102', '103', '201', '202', '301', '401', '402', '403', '801', "
            "'901', '902', '903', '999')",
        ),
        _check("ck_cases_family_of_transaction", '(family IS NULL) = ("transaction" IS NULL)'),
        _check("ck_cases_form_no_length", "length(form_no) BETWEEN 1 AND 40"),
        _check("ck_cases_medium_no_length", "length(medium_no) BETWEEN 1 AND 20"),
        _check("ck_cases_operation_id_length", "length(operation_id) BETWEEN 1 AND 64"),
        _check("ck_cases_pc_alias_length", "length(pc_alias) BETWEEN 0 AND 40"),
        _check("ck_cases_reception_no_length", "length(reception_no) BETWEEN 1 AND 40"),
        _check("ck_cases_session_length", "length(session) BETWEEN 1 AND 64"),
        _check("ck_cases_visitor_name_length", "length(visitor_name) BETWEEN 1 AND 100"),
        _check("ck_cases_void_reason_length", "length(void_reason) BETWEEN 1 AND 200"),
        _check(
            "ck_cases_chosen_transaction",
            "state NOT IN ('transaction_chosen', 'password_ok', 'code_ok', 'issuing', 'issued', "
            "'delivered', 'done') OR (user_pk IS NOT NULL AND \"transaction\" IS NOT NULL)",
        ),
        sa.ForeignKeyConstraint(["branch_pk"], ["branches.pk"], name=op.f("fk_cases_branch_pk_branches")),
        sa.ForeignKeyConstraint(["staff_pk"], ["staff.pk"], name=op.f("fk_cases_staff_pk_staff")),
        sa.ForeignKeyConstraint(
            ["terminal_pk"], ["terminals.pk"], name=op.f("fk_cases_terminal_pk_terminals")
        ),
        sa.ForeignKeyConstraint(["user_pk"], ["customers.pk"], name=op.f("fk_cases_user_pk_customers")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_cases")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_cases_operation_id")),
        sa.UniqueConstraint("reception_no", name=op.f("uq_cases_reception_no")),
    )
    op.create_index("ix_cases_branch_pk_state", "cases", ["branch_pk", "state"])
    op.create_index(op.f("ix_cases_user_pk"), "cases", ["user_pk"])
    op.create_index(
        "one_open_case_per_user_and_family",
        "cases",
        ["user_pk", "family"],
        unique=True,
        sqlite_where=sa.text(
            "family IS NOT NULL AND user_pk IS NOT NULL AND state NOT IN ('done', 'voided')"
        ),
        postgresql_where=sa.text(
            "family IS NOT NULL AND user_pk IS NOT NULL AND state NOT IN ('done', 'voided')"
        ),
    )


def _create_identity_evidence() -> None:
    op.create_table(
        "identity_evidence",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("case_pk", sa.Integer, nullable=False),
        sa.Column("document_type", sa.String(40), nullable=False),
        sa.Column("document_last4", sa.String(4), nullable=False),
        sa.Column("form_checked_by", sa.String(20)),
        sa.Column("seal_checked_by", sa.String(20)),
        sa.Column("identity_checked_by", sa.String(20)),
        sa.Column("authority_checked_by", sa.String(20)),
        sa.Column("checked_at", _MOMENT, nullable=False),
        _check(
            "ck_identity_evidence_document_type",
            "document_type IN ('driving_licence', 'driving_history', 'individual_number_card', "
            "'residence_card', 'special_permanent_resident', 'passport')",
        ),
        _check(
            "ck_identity_evidence_authority_checked_by_length",
            "length(authority_checked_by) BETWEEN 1 AND 20",
        ),
        _check("ck_identity_evidence_document_last4_length", "length(document_last4) BETWEEN 4 AND 4"),
        _check("ck_identity_evidence_form_checked_by_length", "length(form_checked_by) BETWEEN 1 AND 20"),
        _check(
            "ck_identity_evidence_identity_checked_by_length", "length(identity_checked_by) BETWEEN 1 AND 20"
        ),
        _check("ck_identity_evidence_seal_checked_by_length", "length(seal_checked_by) BETWEEN 1 AND 20"),
        sa.ForeignKeyConstraint(["case_pk"], ["cases.pk"], name=op.f("fk_identity_evidence_case_pk_cases")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_identity_evidence")),
        sa.UniqueConstraint("case_pk", name=op.f("uq_identity_evidence_case_pk")),
    )


def _create_reception_counters() -> None:
    op.create_table(
        "reception_counters",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("terminal_pk", sa.Integer, nullable=False),
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        _check("ck_reception_counters_last_range", "last BETWEEN 0 AND 9999"),
        sa.ForeignKeyConstraint(
            ["terminal_pk"], ["terminals.pk"], name=op.f("fk_reception_counters_terminal_pk_terminals")
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_reception_counters")),
        sa.UniqueConstraint(
            "terminal_pk", "business_date", name=op.f("uq_reception_counters_terminal_pk_business_date")
        ),
    )


def _create_certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("serial", sa.String(40), nullable=False),
        sa.Column("operation_id", sa.String(64), nullable=False),
        sa.Column("user_pk", sa.Integer, nullable=False),
        sa.Column("case_pk", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("slot", sa.Integer),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("tbs_sha256", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("profile", sa.String(60), nullable=False),
        sa.Column("not_before", _MOMENT, nullable=False),
        sa.Column("not_after", _MOMENT, nullable=False),
        sa.Column("issue_date", sa.Date, nullable=False),
        sa.Column("last_valid_date", sa.Date, nullable=False),
        sa.Column("reserved_at", _MOMENT, nullable=False),
        sa.Column("issued_at", _MOMENT),
        sa.Column("der", sa.LargeBinary),
        sa.Column("pc_alias", sa.String(40), nullable=False),
        sa.Column("revoked_at", _MOMENT),
        sa.Column("revocation_reason", sa.String(20)),
        sa.Column("crl_entry", sa.LargeBinary),
        sa.Column("crl_number", sa.BigInteger),
        _check("ck_certificates_key_sha256_characters", "ltrim(key_sha256, '0123456789abcdef') = ''"),
        _check("ck_certificates_serial_characters", "ltrim(serial, '0123456789ABCDEF') = ''"),
        _check("ck_certificates_tbs_sha256_characters", "ltrim(tbs_sha256, '0123456789abcdef') = ''"),
        _check(
            "ck_certificates_revocation_reason",
            "revocation_reason IN ('pc_change', 'p12_unopened', 'medium_lost', 'pc_lost', 'left', "
            "'reassigned', 'other', 'undelivered')",
        ),
        _check("ck_certificates_state", "state IN ('reserved', 'signed', 'active', 'revoked', 'voided')"),
        _check(
            "ck_certificates_unfinished_holds_slot",
            "state NOT IN ('reserved', 'signed') OR (slot IS NOT NULL)",
        ),
        _check("ck_certificates_unsigned_has_no_der", "state NOT IN ('reserved', 'voided') OR (der IS NULL)"),
        _check(
            "ck_certificates_revoked_is_complete",
            "state NOT IN ('revoked') OR (revoked_at IS NOT NULL AND revocation_reason IS NOT NULL "
            "AND crl_entry IS NOT NULL)",
        ),
        _check("ck_certificates_ended_gives_up_slot", "state NOT IN ('revoked', 'voided') OR (slot IS NULL)"),
        _check(
            "ck_certificates_signed_has_der",
            "state NOT IN ('signed', 'active') OR (der IS NOT NULL AND issued_at IS NOT NULL)",
        ),
        _check("ck_certificates_crl_number_range", "crl_number BETWEEN 1 AND 9223372036854775807"),
        _check("ck_certificates_days_order", "issue_date <= last_valid_date"),
        _check("ck_certificates_crl_entry_length", "length(crl_entry) BETWEEN 1 AND 200"),
        _check("ck_certificates_der_length", "length(der) BETWEEN 1 AND 20000"),
        _check("ck_certificates_key_sha256_length", "length(key_sha256) BETWEEN 64 AND 64"),
        _check("ck_certificates_operation_id_length", "length(operation_id) BETWEEN 1 AND 64"),
        _check("ck_certificates_pc_alias_length", "length(pc_alias) BETWEEN 0 AND 40"),
        _check("ck_certificates_profile_length", "length(profile) BETWEEN 1 AND 60"),
        _check("ck_certificates_serial_octets", "length(serial) / 2 * 2 = length(serial)"),
        _check("ck_certificates_serial_length", "length(serial) BETWEEN 2 AND 40"),
        _check("ck_certificates_subject_length", "length(subject) BETWEEN 1 AND 500"),
        _check("ck_certificates_tbs_sha256_length", "length(tbs_sha256) BETWEEN 64 AND 64"),
        _check("ck_certificates_validity_order", "not_before < not_after"),
        _check("ck_certificates_slot_range", "slot BETWEEN 0 AND 1"),
        sa.ForeignKeyConstraint(["case_pk"], ["cases.pk"], name=op.f("fk_certificates_case_pk_cases")),
        sa.ForeignKeyConstraint(
            ["user_pk"], ["customers.pk"], name=op.f("fk_certificates_user_pk_customers")
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_certificates")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_certificates_operation_id")),
        sa.UniqueConstraint("serial", name=op.f("uq_certificates_serial")),
    )
    op.create_index(op.f("ix_certificates_case_pk"), "certificates", ["case_pk"])
    op.create_index("ix_certificates_last_valid_date", "certificates", ["last_valid_date"])
    op.create_index(op.f("ix_certificates_user_pk"), "certificates", ["user_pk"])
    op.create_index(
        "one_certificate_per_user_and_slot",
        "certificates",
        ["user_pk", "slot"],
        unique=True,
        sqlite_where=sa.text("slot IS NOT NULL"),
        postgresql_where=sa.text("slot IS NOT NULL"),
    )


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("certificate_pk", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("medium_no", sa.String(20)),
        sa.Column("file_name", sa.String(64), nullable=False),
        sa.Column("p12_sha256", sa.String(64)),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("written_at", _MOMENT),
        sa.Column("verified_at", _MOMENT),
        sa.Column("handed_over_at", _MOMENT),
        sa.Column("handed_over_by", sa.String(20)),
        sa.Column("simulated", sa.Boolean, nullable=False),
        _check("ck_deliveries_p12_sha256_characters", "ltrim(p12_sha256, '0123456789abcdef') = ''"),
        _check(
            "ck_deliveries_state",
            "state IN ('key_ready', 'written', 'verified', 'handed_over', 'confirmed', 'lost', "
            "'damaged', 'not_collected', 'destroyed', 'voided')",
        ),
        _check(
            "ck_deliveries_handed_over_has_a_time",
            "state NOT IN ('handed_over', 'confirmed') OR (verified_at IS NOT NULL AND "
            "handed_over_at IS NOT NULL)",
        ),
        _check("ck_deliveries_verified_has_a_time", "state NOT IN ('verified') OR (verified_at IS NOT NULL)"),
        _check("ck_deliveries_file_name_length", "length(file_name) BETWEEN 1 AND 64"),
        _check("ck_deliveries_handed_over_by_length", "length(handed_over_by) BETWEEN 1 AND 20"),
        _check("ck_deliveries_medium_no_length", "length(medium_no) BETWEEN 1 AND 20"),
        _check("ck_deliveries_p12_sha256_length", "length(p12_sha256) BETWEEN 64 AND 64"),
        _check("ck_deliveries_tries_range", "tries BETWEEN 0 AND 2147483647"),
        sa.ForeignKeyConstraint(
            ["certificate_pk"], ["certificates.pk"], name=op.f("fk_deliveries_certificate_pk_certificates")
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("certificate_pk", name=op.f("uq_deliveries_certificate_pk")),
    )
    op.create_index(op.f("ix_deliveries_state"), "deliveries", ["state"])


def _create_media() -> None:
    op.create_table(
        "media",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("medium_no", sa.String(20), nullable=False),
        sa.Column("branch_pk", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        _check("ck_media_state", "state IN ('in_stock', 'in_use', 'handed_over', 'damaged', 'returned')"),
        _check("ck_media_medium_no_length", "length(medium_no) BETWEEN 1 AND 20"),
        sa.ForeignKeyConstraint(["branch_pk"], ["branches.pk"], name=op.f("fk_media_branch_pk_branches")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_media")),
        sa.UniqueConstraint("medium_no", name=op.f("uq_media_medium_no")),
    )
    op.create_index(op.f("ix_media_branch_pk"), "media", ["branch_pk"])


def _create_medium_movements() -> None:
    op.create_table(
        "medium_movements",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("medium_pk", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("staff_pk", sa.Integer),
        sa.Column("reception_no", sa.String(40)),
        _check(
            "ck_medium_movements_kind", "kind IN ('in_stock', 'in_use', 'handed_over', 'damaged', 'returned')"
        ),
        _check("ck_medium_movements_reception_no_length", "length(reception_no) BETWEEN 1 AND 40"),
        sa.ForeignKeyConstraint(
            ["medium_pk"], ["media.pk"], name=op.f("fk_medium_movements_medium_pk_media")
        ),
        sa.ForeignKeyConstraint(["staff_pk"], ["staff.pk"], name=op.f("fk_medium_movements_staff_pk_staff")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_medium_movements")),
    )
    op.create_index(op.f("ix_medium_movements_medium_pk"), "medium_movements", ["medium_pk"])


def _create_verification_codes() -> None:
    op.create_table(
        "verification_codes",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("case_pk", sa.Integer, nullable=False),
        sa.Column("user_pk", sa.Integer, nullable=False),
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("code_hmac", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("wrong_tries", sa.Integer, nullable=False),
        sa.Column("ended", sa.String(20)),
        sa.Column("ended_at", _MOMENT),
        _check(
            "ck_verification_codes_ended",
            "ended IN ('used', 'replaced', 'cancelled', 'expired', 'too_many', 'session_over', "
            "'mail_failed')",
        ),
        _check("ck_verification_codes_end_has_a_time", "(ended IS NULL) = (ended_at IS NULL)"),
        _check("ck_verification_codes_validity_order", "created_at < expires_at"),
        _check("ck_verification_codes_code_hmac_length", "length(code_hmac) BETWEEN 32 AND 32"),
        _check("ck_verification_codes_session_length", "length(session) BETWEEN 1 AND 64"),
        _check("ck_verification_codes_wrong_tries_range", "wrong_tries BETWEEN 0 AND 6"),
        sa.ForeignKeyConstraint(["case_pk"], ["cases.pk"], name=op.f("fk_verification_codes_case_pk_cases")),
        sa.ForeignKeyConstraint(
            ["user_pk"], ["customers.pk"], name=op.f("fk_verification_codes_user_pk_customers")
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_verification_codes")),
    )
    op.create_index(op.f("ix_verification_codes_case_pk"), "verification_codes", ["case_pk"])
    op.create_index(
        "ix_verification_codes_user_pk_created_at", "verification_codes", ["user_pk", "created_at"]
    )
    op.create_index(
        "one_live_code_per_user",
        "verification_codes",
        ["user_pk"],
        unique=True,
        sqlite_where=sa.text("ended IS NULL"),
        postgresql_where=sa.text("ended IS NULL"),
    )


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))
