"""Lock history, journal, checkpoints, outbox, CRL state; triggers that keep records append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)

_APPEND_ONLY = {
    "journal": "EXISTS (SELECT 1 FROM journal WHERE pk = NEW.pk)",
    "checkpoints": "EXISTS (SELECT 1 FROM checkpoints WHERE pk = NEW.pk OR (node = NEW.node AND seq = NEW.seq))",
    "lock_events": "EXISTS (SELECT 1 FROM lock_events WHERE pk = NEW.pk)",
}
"""Each table whose rows never change, and when an insertion would replace one of them."""
_NOT_NEXT = "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM journal WHERE node = NEW.node)"


def upgrade() -> None:
    """Create the tables."""
    _create_lock_events()
    _create_journal()
    _create_journal_heads()
    _create_checkpoints()
    _create_outbox()
    _create_crl_states()
    _create_high_water()
    _create_settings_in_force()
    _guard_records()


def _create_lock_events() -> None:
    op.create_table(
        "lock_events",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("user_pk", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("lock_count", sa.Integer, nullable=False),
        sa.Column("branch_no", sa.String(3)),
        sa.Column("terminal_no", sa.String(2)),
        sa.Column("staff_id", sa.String(20)),
        sa.Column("reception_no", sa.String(40)),
        _check("ck_lock_events_kind", "kind IN ('failed', 'locked', 'blocked', 'cleared', 'unblocked')"),
        _check("ck_lock_events_failures_range", "failures BETWEEN 0 AND 6"),
        _check("ck_lock_events_branch_no_length", "length(branch_no) BETWEEN 1 AND 3"),
        _check("ck_lock_events_reception_no_length", "length(reception_no) BETWEEN 1 AND 40"),
        _check("ck_lock_events_staff_id_length", "length(staff_id) BETWEEN 1 AND 20"),
        _check("ck_lock_events_terminal_no_length", "length(terminal_no) BETWEEN 1 AND 2"),
        _check("ck_lock_events_lock_count_range", "lock_count BETWEEN 0 AND 3"),
        sa.ForeignKeyConstraint(["user_pk"], ["customers.pk"], name=op.f("fk_lock_events_user_pk_customers")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_lock_events")),
    )
    op.create_index("ix_lock_events_user_pk_at", "lock_events", ["user_pk", "at"])


def _create_journal() -> None:
    op.create_table(
        "journal",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("node", sa.String(60), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("tag", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("staff_id", sa.String(20)),
        sa.Column("branch_no", sa.String(3)),
        sa.Column("terminal_no", sa.String(2)),
        sa.Column("reception_no", sa.String(40)),
        sa.Column("user_id", sa.String(12)),
        sa.Column("serial", sa.String(40)),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        _check("ck_journal_outcome", "outcome IN ('done', 'refused', 'failed')"),
        _check("ck_journal_body_length", "length(body) BETWEEN 1 AND 100000"),
        _check("ck_journal_branch_no_length", "length(branch_no) BETWEEN 1 AND 3"),
        _check("ck_journal_hash_length", "length(hash) BETWEEN 32 AND 32"),
        _check("ck_journal_node_length", "length(node) BETWEEN 1 AND 60"),
        _check("ck_journal_previous_hash_length", "length(previous_hash) BETWEEN 32 AND 32"),
        _check("ck_journal_reception_no_length", "length(reception_no) BETWEEN 1 AND 40"),
        _check("ck_journal_serial_length", "length(serial) BETWEEN 1 AND 40"),
        _check("ck_journal_staff_id_length", "length(staff_id) BETWEEN 1 AND 20"),
        _check("ck_journal_tag_length", "length(tag) BETWEEN 1 AND 64"),
        _check("ck_journal_terminal_no_length", "length(terminal_no) BETWEEN 1 AND 2"),
        _check("ck_journal_user_id_length", "length(user_id) BETWEEN 1 AND 12"),
        _check("ck_journal_seq_range", "seq BETWEEN 1 AND 9223372036854775807"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_journal")),
        sa.UniqueConstraint("node", "seq", name=op.f("uq_journal_node_seq")),
    )
    op.create_index("ix_journal_at", "journal", ["at"])
    op.create_index("ix_journal_reception_no", "journal", ["reception_no"])
    op.create_index("ix_journal_user_id", "journal", ["user_id"])


def _create_journal_heads() -> None:
    op.create_table(
        "journal_heads",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("node", sa.String(60), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        _check("ck_journal_heads_hash_length", "length(hash) BETWEEN 32 AND 32"),
        _check("ck_journal_heads_node_length", "length(node) BETWEEN 1 AND 60"),
        _check("ck_journal_heads_seq_range", "seq BETWEEN 0 AND 9223372036854775807"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_journal_heads")),
        sa.UniqueConstraint("node", name=op.f("uq_journal_heads_node")),
    )


def _create_checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("node", sa.String(60), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        _check("ck_checkpoints_head_length", "length(head) BETWEEN 32 AND 32"),
        _check("ck_checkpoints_key_id_length", "length(key_id) BETWEEN 1 AND 64"),
        _check("ck_checkpoints_node_length", "length(node) BETWEEN 1 AND 60"),
        _check("ck_checkpoints_signature_length", "length(signature) BETWEEN 64 AND 64"),
        _check("ck_checkpoints_seq_range", "seq BETWEEN 0 AND 9223372036854775807"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_checkpoints")),
        sa.UniqueConstraint("node", "seq", name=op.f("uq_checkpoints_node_seq")),
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("dedupe", sa.String(120), nullable=False),
        sa.Column("user_pk", sa.Integer, nullable=False),
        sa.Column("certificate_pk", sa.Integer),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("leased_until", _MOMENT),
        sa.Column("message_id", sa.String(250), nullable=False),
        sa.Column("last_error", sa.String(300)),
        sa.Column("sent_at", _MOMENT),
        _check(
            "ck_outbox_kind",
            "kind IN ('code', 'locked', 'blocked', 'issued', 'unblocked', 'revoked', 'expiring', 'expired')",
        ),
        _check("ck_outbox_state", "state IN ('queued', 'sending', 'sent', 'bounced', 'gave_up')"),
        _check("ck_outbox_sending_is_leased", "state NOT IN ('sending') OR (leased_until IS NOT NULL)"),
        _check("ck_outbox_sent_has_a_time", "state NOT IN ('sent') OR (sent_at IS NOT NULL)"),
        _check("ck_outbox_dedupe_length", "length(dedupe) BETWEEN 1 AND 120"),
        _check("ck_outbox_last_error_length", "length(last_error) BETWEEN 0 AND 300"),
        _check("ck_outbox_message_id_length", "length(message_id) BETWEEN 1 AND 250"),
        _check("ck_outbox_payload_length", "length(payload) BETWEEN 2 AND 10000"),
        _check("ck_outbox_priority_range", "priority BETWEEN 0 AND 9"),
        _check("ck_outbox_tries_range", "tries BETWEEN 0 AND 2147483647"),
        sa.ForeignKeyConstraint(
            ["certificate_pk"], ["certificates.pk"], name=op.f("fk_outbox_certificate_pk_certificates")
        ),
        sa.ForeignKeyConstraint(["user_pk"], ["customers.pk"], name=op.f("fk_outbox_user_pk_customers")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_outbox_dedupe")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(op.f("ix_outbox_certificate_pk"), "outbox", ["certificate_pk"])
    op.create_index("ix_outbox_state_priority_due_at", "outbox", ["state", "priority", "due_at"])
    op.create_index(op.f("ix_outbox_user_pk"), "outbox", ["user_pk"])


def _create_crl_states() -> None:
    op.create_table(
        "crl_states",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("this_update", _MOMENT),
        sa.Column("next_update", _MOMENT),
        sa.Column("published_number", sa.BigInteger),
        sa.Column("published_at", _MOMENT),
        sa.Column("der", sa.LargeBinary),
        _check("ck_crl_states_key_id_length", "length(key_id) BETWEEN 1 AND 64"),
        _check("ck_crl_states_number_range", "number BETWEEN 0 AND 9223372036854775807"),
        _check("ck_crl_states_published_not_ahead", "published_number <= number"),
        _check("ck_crl_states_published_number_range", "published_number BETWEEN 1 AND 9223372036854775807"),
        _check("ck_crl_states_update_order", "this_update < next_update"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_crl_states")),
        sa.UniqueConstraint("key_id", name=op.f("uq_crl_states_key_id")),
    )


def _create_high_water() -> None:
    op.create_table(
        "high_water",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _check("ck_high_water_one_row", "pk = 1"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_high_water")),
    )


def _create_settings_in_force() -> None:
    op.create_table(
        "settings_in_force",
        sa.Column("pk", sa.Integer, nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("value", sa.String(2000), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _check("ck_settings_in_force_key_length", "length(key) BETWEEN 1 AND 100"),
        _check("ck_settings_in_force_value_length", "length(value) BETWEEN 0 AND 2000"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_settings_in_force")),
        sa.UniqueConstraint("key", name=op.f("uq_settings_in_force_key")),
    )


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))


def _guard_records() -> None:
    """Refuse UPDATE, DELETE and replacement of records, and gaps in the journal.

    The triggers guard against accidents; who owns the tables can drop them, and then the signed checkpoints tell.
    """
    if op.get_context().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _guard_on_sqlite() -> None:
    for table, there_already in _APPEND_ONLY.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        # REPLACE deletes without firing the trigger above unless the connection asked for recursive triggers.
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there_already} {refuse}"
        )
    op.execute(
        f"CREATE TRIGGER journal_no_gap BEFORE INSERT ON journal WHEN {_NOT_NEXT}"
        " BEGIN SELECT RAISE(ABORT, 'journal numbers have no gap'); END"
    )


def _guard_on_postgresql() -> None:
    op.execute(
        _function(
            "refuse_change",
            "RAISE integrity_constraint_violation USING MESSAGE = TG_TABLE_NAME || ' is append-only'",
        )
    )
    op.execute(
        _function(
            "refuse_gap",
            f"IF {_NOT_NEXT} THEN"
            " RAISE integrity_constraint_violation USING MESSAGE = 'journal numbers have no gap';"
            " END IF; RETURN NEW",
        )
    )
    for table in _APPEND_ONLY:
        for change, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}"
                f" FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )
    op.execute(
        "CREATE TRIGGER journal_no_gap BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION refuse_gap()"
    )


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; END $$"
