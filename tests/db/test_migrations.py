"""One history for both engines: it makes exactly the tables, wholly or not at all, however often and from wherever."""

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import event, inspect
from sqlalchemy.exc import OperationalError

from db.database import Database, open_database
from db.migrations.running import BrokenReferences, is_current, newest_revision, upgrade
from db.tables import Branch, metadata
from tests.support.rows import Rows

ROOT = Path(__file__).parents[2]
VERSIONS = ROOT / "db" / "migrations" / "versions"


def start(work: Callable[[], None]) -> int:
    """Do it in a process of its own, which ends without cleaning up what it shares with this one; its number."""
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    finally:
        os._exit(1)


def end_of(child: int) -> int:
    """Wait for it: its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def upgrade_there(url: str) -> None:
    """What a terminal does when it starts."""
    with open_database(url) as database:
        upgrade(database)


def upgrade_and_die(url: str, last: int) -> None:
    """Lose the power after the `last` statement that creates something."""
    with open_database(url) as database:
        created = count(1)

        def die(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.lstrip().startswith("CREATE") and next(created) == last:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(database.engine, "after_cursor_execute", die)
        upgrade(database)


@pytest.fixture
def empty(empty_database_url: str) -> Any:
    """A database without any table."""
    with open_database(empty_database_url) as database:
        yield database


def tables_of(database: Database) -> set[str]:
    """The names of the tables that are there."""
    return set(inspect(database.engine).get_table_names())


def revision_of(database: Database) -> str | None:
    """Which migration was the last."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def shape_of(database: Database) -> dict[str, Any]:
    """Everything about columns and constraints that the engine knows, in an order of its own."""
    inspector = inspect(database.engine)
    shape: dict[str, Any] = {}
    for table in metadata.tables:
        shape[table] = {
            "columns": {
                column["name"]: (
                    str(column["type"]),
                    getattr(column["type"], "collation", None),
                    column["nullable"],
                )
                for column in inspector.get_columns(table)
            },
            "key": inspector.get_pk_constraint(table),
            "checks": {each["name"]: each["sqltext"] for each in inspector.get_check_constraints(table)},
            "uniques": sorted(map(str, inspector.get_unique_constraints(table))),
            "references": sorted(map(str, inspector.get_foreign_keys(table))),
            "indexes": sorted(map(_readable, inspector.get_indexes(table))),
        }
    return shape


def _readable(index: Any) -> str:
    options = {name: str(value) for name, value in index.pop("dialect_options", {}).items()}
    return f"{index} {options}"


def test_the_migrations_make_exactly_the_tables(empty: Database) -> None:
    upgrade(empty)
    migrated = shape_of(empty)
    metadata.drop_all(empty.engine)
    metadata.create_all(empty.engine)
    assert migrated == shape_of(empty)


def test_there_is_nothing_left_to_migrate(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_database_is_current_and_sound(database: Database) -> None:
    assert is_current(database)
    assert database.integrity_problems(thorough=True) == ()


def test_an_empty_database_is_not_current(empty: Database) -> None:
    assert not is_current(empty)


def test_the_newest_revision_is_the_end_of_the_history() -> None:
    config = Config()
    config.set_main_option("script_location", "db:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [newest_revision()]


def test_a_current_registry_loads_neither_alembic_nor_the_other_driver() -> None:
    program = "import sys, db.migrations.running; print({'alembic', 'psycopg'} & set(sys.modules))"
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == "set()"


def test_upgrading_twice_changes_nothing(empty: Database) -> None:
    upgrade(empty)
    with empty.transaction() as session:
        Rows(session).branch(branch_no="012")
    before = shape_of(empty)
    upgrade(empty)
    assert shape_of(empty) == before
    with empty.reading() as session:
        assert session.get_one(Branch, 1).branch_no == "012"


@pytest.mark.parametrize("statement", [1, 2, 12, 20, 30, 45])
def test_an_upgrade_killed_half_way_leaves_the_old_schema(
    empty: Database, empty_database_url: str, statement: int
) -> None:
    upgrade(empty, "0001")
    with empty.transaction() as session:
        Rows(session).branch(branch_no="012")
    empty.dispose()
    before = tables_of(empty)

    assert end_of(start(lambda: upgrade_and_die(empty_database_url, statement))) == -signal.SIGKILL

    assert revision_of(empty) == "0001"
    assert tables_of(empty) == before
    upgrade(empty)
    assert is_current(empty)
    with empty.reading() as session:
        assert session.get_one(Branch, 1).branch_no == "012"


def test_an_upgrade_that_fails_leaves_the_old_schema(empty: Database) -> None:
    upgrade(empty, "0001")
    before = tables_of(empty)

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "CREATE TABLE outbox" in statement:
            raise OSError("no space left")

    event.listen(empty.engine, "before_cursor_execute", fail)
    with pytest.raises(OSError, match="no space left"):
        upgrade(empty)
    event.remove(empty.engine, "before_cursor_execute", fail)
    assert revision_of(empty) == "0001"
    assert tables_of(empty) == before


def test_three_upgrades_at_once_all_succeed(empty: Database, empty_database_url: str) -> None:
    children = [start(lambda: upgrade_there(empty_database_url)) for _ in range(3)]
    assert [end_of(child) for child in children] == [0, 0, 0]
    assert is_current(empty)


def test_a_migration_that_would_leave_rows_pointing_nowhere_is_taken_back(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path / 'registry.db'}") as database:
        upgrade(database, "0001")
        with database.engine.connect() as connection:
            plain = connection.connection.dbapi_connection
            assert plain is not None
            plain.cursor().execute("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("INSERT INTO terminals (branch_pk, terminal_no) VALUES (99, '01')")
            connection.commit()
            connection.invalidate()
        with pytest.raises(BrokenReferences, match="terminals to branches"):
            upgrade(database)
        assert revision_of(database) == "0001"
        dangling = "terminals row 1 points to a row of branches that is not there"
        assert dangling in database.integrity_problems()


def test_foreign_keys_are_enforced_again_after_a_migration(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path / 'registry.db'}") as database:
        upgrade(database)
        assert database.settings_in_force()["foreign_keys"] == "1"


def test_a_database_of_a_newer_release_is_not_touched(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert not is_current(database)
    with pytest.raises(CommandError, match="9999"):
        upgrade(database)
    assert revision_of(database) == "9999"


def test_an_upgrade_waits_no_longer_than_it_must(database: Database) -> None:
    with database.transaction() as session:
        Rows(session).branch()
        upgrade(database)  # current already: takes no lock, although another transaction holds one


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("0*.py")), ids=lambda path: path.stem)
def test_a_migration_depends_on_nothing_of_ours(path: Path) -> None:
    imported = {
        name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([each.name for each in node.names] if isinstance(node, ast.Import) else [node.module])
    }
    assert {"alembic"} <= imported <= {"sqlalchemy", "alembic"}


def test_a_database_that_is_not_there_is_an_error_and_no_new_file(tmp_path: Path) -> None:
    with (
        open_database(f"sqlite:///{tmp_path / 'no folder' / 'registry.db'}") as database,
        pytest.raises((OperationalError, OSError)),
    ):
        is_current(database)
