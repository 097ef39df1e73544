"""A registry full of users whose certificates have reached their last month: rows made by the database itself."""

from datetime import UTC, datetime
from typing import Final

from db.database import Database

NOW: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

_FEW: Final = """
INSERT INTO branches (pk, branch_no, name, phone) VALUES (1, '012', '中央支店', '03-0000-0000');
INSERT INTO terminals (pk, branch_pk, terminal_no) VALUES (1, 1, '01');
INSERT INTO staff (pk, staff_id, person_number, name, role, branch_pk, password_hash, failures, active, created_at)
VALUES (1, 'op001', 'P1', '窓口 花子', 'clerk', 1, 'hash', 0, TRUE, '2026-01-01 00:00:00+00');
INSERT INTO organizations (pk, code, name, kind, branch_pk, phone) VALUES (1, 'K1', '組合', 'member', 1, '')
"""
_MANY: Final = """
INSERT INTO customers (pk, user_id, role, name, kana, email, organization_pk, branch_pk, password_hash, status,
    consecutive_failures, lock_count, charges, initial_registration_done, created_at)
{numbers} SELECT i, 'kunren' || substr('000000' || i, length('' || i) + 1), 'general', '訓練 太郎', 'クンレン タロウ',
    'user' || i || '@example.jp', 1, 1, 'hash', 'active', 0, 0, 0, TRUE, '2026-01-01 00:00:00+00' FROM n;
INSERT INTO cases (pk, reception_no, operation_id, branch_pk, terminal_pk, staff_pk, business_date, user_pk,
    "transaction", family, issue_kind, state, form_no, channel, visitor_kind, visitor_name, pc_alias, opened_at,
    session)
{numbers} SELECT i, 'R' || i, 'case-' || i, 1, 1, 1, '2025-03-20', i, '101', 'issue', 'first_issue', 'done', 'F-1',
    'counter', 'self', '訓練 太郎', '', '2025-03-20 01:00:00+00', 's' FROM n;
INSERT INTO certificates (pk, serial, operation_id, user_pk, case_pk, state, slot, key_sha256, tbs_sha256, subject,
    profile, not_before, not_after, issue_date, last_valid_date, reserved_at, issued_at, der, pc_alias)
{numbers} SELECT i, {serial}, 'certificate-' || i, i, i, 'active', 0, {digest}, {digest}, 'CN=user', 'client',
    '2025-03-19 15:00:00+00', '2026-03-20 14:59:59+00', '2025-03-20', '2026-03-20', '2025-03-20 01:00:00+00',
    '2025-03-20 01:00:00+00', {der}, '' FROM n
"""


def fill(database: Database, holders: int) -> None:
    """Store so many users, each with a certificate in force that expires on 20 March 2026."""
    lite = database.dialect == "sqlite"
    words = {
        "serial": "printf('%012X', i)" if lite else "lpad(upper(to_hex(i)), 12, '0')",
        "digest": "printf('%064x', i)" if lite else "lpad(to_hex(i), 64, '0')",
        "der": "zeroblob(900)" if lite else "decode(repeat('00', 900), 'hex')",
        "numbers": _numbers(holders, lite=lite),
    }
    script = _FEW + ";" + _MANY.format(**words) + "; ANALYZE"
    if lite:  # the way SQLAlchemy stores moments there
        script = script.replace(":00+00'", ":00.000000'").replace(":59+00'", ":59.000000'")
    with database.transaction() as session:
        if not lite:  # filling is not measured, and a busy machine may take longer than an act ever may
            session.connection().exec_driver_sql("SET LOCAL statement_timeout = 0")
        for statement in script.split(";"):
            session.connection().exec_driver_sql(statement)


def _numbers(most: int, *, lite: bool) -> str:
    series = f"generate_series(1, {most})"
    counted = f"(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most})"  # noqa: S608  # a number
    return f"WITH RECURSIVE n(i) AS {counted}" if lite else f"WITH n(i) AS (SELECT * FROM {series})"  # noqa: S608  # the same
