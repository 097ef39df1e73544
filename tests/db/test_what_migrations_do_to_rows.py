"""What a release finds in the rows of the one before it, and what it makes of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from db.database import Database, open_database
from db.migrations.running import is_current, upgrade
from db.tables import IdentityEvidence
from tests.support.rows import Rows


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    """A database without any table."""
    with open_database(empty_database_url) as database:
        yield database


@pytest.mark.rule("I-21")
def test_the_end_of_an_individual_number_does_not_outlive_the_upgrade(empty: Database) -> None:
    upgrade(empty, "0010")
    with empty.transaction() as session:
        rows = Rows(session)
        for kind, last4 in (
            ("individual_number_card", "9012"),
            ("individual_number_card", "----"),
            ("driving_licence", "5678"),
        ):
            rows.any(IdentityEvidence, document_type=kind, document_last4=last4)

    upgrade(empty)

    assert is_current(empty)
    with empty.reading() as session:
        kept = session.exec(select(IdentityEvidence.document_last4).order_by(col(IdentityEvidence.pk))).all()
    assert kept == ["----", "----", "5678"]


@pytest.mark.rule("I-21")
def test_nor_does_it_lie_in_the_file_where_nobody_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "registry.db"
    with open_database(f"sqlite:///{file}") as database:
        upgrade(database, "0010")
        with database.transaction() as session:
            rows = Rows(session)
            rows.any(IdentityEvidence, document_type="individual_number_card", document_last4="Z9Q7")
        upgrade(database)
    assert b"Z9Q7" not in file.read_bytes()
