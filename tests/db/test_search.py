"""Type-ahead over users: a prefix is a range of an index, within the branch, on both engines."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from db.database import Database
from db.queries import users
from db.tables import LookupKey, Organization, User
from tests.support.rows import Rows


def named(rows: Rows, *keys: str, **columns: Any) -> User:
    """A user who is found by these keys."""
    user = rows.user(**columns)
    users.set_lookup_keys(rows.session, user, keys)
    return user


def found(database: Database, *keys: str, branch_pk: int | None = None, limit: int = 50) -> list[str]:
    """The user IDs of a search, in order."""
    with database.reading() as session:
        return [hit.user.user_id for hit in users.search(session, keys, branch_pk, limit)]


def test_a_prefix_finds_whoever_has_a_key_that_begins_with_it(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        named(rows, "tanaka01", "たなかたろう", user_id="tanaka01")
        named(rows, "suzuki01", "すずきいちろう", user_id="suzuki01")
        named(rows, "tanabe01", "たなべ", user_id="tanabe01")
    assert found(database, "たな") == ["tanaka01", "tanabe01"]
    assert found(database, "たなか") == ["tanaka01"]
    assert found(database, "suz") == ["suzuki01"]
    assert found(database, "なか") == []
    assert found(database, "") == []
    assert found(database) == []


def test_a_hit_comes_with_its_organization(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        organization = rows.organization(name="北関東労組")
        named(rows, "たなか", organization_pk=organization.pk)
    with database.reading() as session:
        (hit,) = users.search(session, ["たなか"], None, 50)
    assert isinstance(hit.organization, Organization)
    assert hit.organization.name == "北関東労組"


def test_hits_come_in_the_order_of_the_keys_asked_for_and_then_by_key(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        named(rows, "kana", "か", user_id="kanako")
        named(rows, "kb", user_id="kbkbkb")
        named(rows, "かと", user_id="katoka")
    assert found(database, "k", "か") == ["kanako", "kbkbkb", "katoka"]
    assert found(database, "か", "k") == ["kanako", "katoka", "kbkbkb"]


def test_a_user_with_many_matching_keys_is_one_hit_and_takes_no_other_place(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        named(rows, *(f"a{number:02}" for number in range(30)), user_id="manykeys")
        for number in range(5):
            named(rows, f"b{number}", f"az{number}", user_id=f"single{number}")
    assert found(database, "a", limit=3) == ["manykeys", "single0", "single1"]
    assert len(found(database, "a", limit=50)) == 6


@pytest.mark.parametrize("limit", [1, 7, 20])
def test_no_more_hits_than_asked_for(database: Database, limit: int) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        for number in range(20):
            named(rows, f"たなか{number:02}", f"た{number:02}")
    assert len(found(database, "た", "たなか", limit=limit)) == limit


@pytest.mark.parametrize(
    "key", ["%", "_", "100%", "a_b", "'", '"', "\\", "*", "[a-z]", "𠮷", "\U0010ffff", "\ud7ff", "z"]
)
def test_every_character_stands_for_itself(database: Database, key: str) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        named(rows, f"{key}x", user_id="wanted")
        named(rows, "plain", user_id="plain1")
    assert found(database, key) == ["wanted"]
    assert found(database, f"{key}x") == ["wanted"]
    assert found(database, f"{key}y") == []


def test_keys_are_told_apart_by_case(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        named(rows, "Tanaka", user_id="Tanaka")
        named(rows, "tanaka", user_id="tanaka")
    assert found(database, "tan") == ["tanaka"]


def test_new_keys_take_the_place_of_the_old_ones(database: Database) -> None:
    with database.transaction() as session:
        user = named(Rows(session), "きゅうせい", user_id="tanaka")
        users.set_lookup_keys(session, user, ["しんせい", "しんせい", ""])
    assert found(database, "きゅう") == []
    assert found(database, "しん") == ["tanaka"]


@pytest.mark.rule("E-94")
def test_only_users_of_the_branch_are_found(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        other = rows.branch(branch_no="013")
        here = named(rows, "たなか", user_id="tanaka").branch_pk
        there = named(rows, "たなか", user_id="tanabe", branch_pk=other.pk).branch_pk
    assert found(database, "たなか", branch_pk=here) == ["tanaka"]
    assert found(database, "たなか", branch_pk=there) == ["tanabe"]
    assert found(database, "たなか", branch_pk=None) == ["tanaka", "tanabe"]
    assert found(database, "たなか", branch_pk=999) == []


@pytest.mark.rule("R-41", "E-45")
def test_a_user_id_is_matched_to_the_letter(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        small, capital = rows.user(user_id="tanaka"), rows.user(user_id="Tanaka")
    with database.reading() as session:
        for user in (small, capital):
            hit = users.by_user_id(session, user.user_id, None)
            assert hit is not None
            assert hit.pk == user.pk
        assert users.by_user_id(session, "TANAKA", None) is None
        assert users.by_user_id(session, "tanaka ", None) is None


@pytest.mark.rule("E-94")
def test_a_user_of_another_branch_is_nobody_here(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user, elsewhere = rows.user(user_id="tanaka"), rows.branch()
        for branch_pk in (None, user.branch_pk):
            assert users.by_user_id(session, "tanaka", branch_pk) is not None
            assert users.by_pk(session, user.pk, branch_pk) is not None
            assert users.by_pk_for_update(session, user.pk, branch_pk) is not None
        assert users.by_user_id(session, "tanaka", elsewhere.pk) is None
        assert users.by_pk(session, user.pk, elsewhere.pk) is None
        assert users.by_pk_for_update(session, user.pk, elsewhere.pk) is None


@pytest.mark.parametrize(
    ("prefix", "end"),
    [
        ("a", "b"),
        ("az", "a{"),
        ("たな", "たに"),
        ("\ud7ff", "\ue000"),
        ("a\U0010ffff", "b"),
        ("\U0010ffff", None),
        ("\U0010ffff\U0010ffff", None),
    ],
)
def test_the_end_of_a_prefix_is_the_next_text_after_all_that_begin_with_it(
    prefix: str, end: str | None
) -> None:
    assert users.after_prefix(prefix) == end


@contextmanager
def statements_of(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database meanwhile, with its parameters."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(database.looking, "before_cursor_execute", note)
    yield sent
    event.remove(database.looking, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("branch_pk", "index"), [(1, "ix_lookup_keys_within_branch"), (None, "ix_lookup_keys_everywhere")]
)
def test_a_search_reads_a_range_of_an_index_and_sorts_nothing(
    database: Database, branch_pk: int | None, index: str
) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        keys = (f"{first}{number:05}" for first in "かさたな" for number in range(1_000))
        session.add_all(LookupKey(branch_pk=user.branch_pk, key=key, user_pk=user.pk) for key in keys)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")

    with statements_of(database) as sent:
        found(database, "た001", branch_pk=branch_pk, limit=20)
    search = next((statement, values) for statement, values in sent if "FROM lookup_keys" in statement)

    plan = plan_of(database, *search)
    assert index in plan
    if database.dialect == "sqlite":
        assert "COVERING INDEX" in plan
        assert "key>? AND key<?" in plan
        assert "TEMP B-TREE" not in plan
    else:
        assert "Index Only Scan" in plan
        assert "Index Cond" in plan
        assert "Sort" not in plan
        assert "Filter" not in plan


def plan_of(database: Database, statement: str, parameters: Any) -> str:
    """How the database would go about it."""
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(explain + statement, parameters)
        return "\n".join(str(row[-1]) for row in rows)
