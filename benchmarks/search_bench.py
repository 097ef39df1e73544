"""How fast a type-ahead query is answered and a card opens in a large registry, on both databases.

Asked of the use cases, so that views are made and a card has its journal entry, as on the screen.

    python -m benchmarks.search_bench [--users 1000000] [--queries 2000]

fills a registry of that size in a temporary folder and prints a table; a million users take minutes and gigabytes.
"""

import argparse
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import psycopg
from sqlalchemy.schema import CreateIndex

from benchmarks.large_registry import BRANCHES, NOW, TABLES, Person, person, staff_pk
from db.database import Database, open_database
from db.migrations.running import upgrade
from db.tables import metadata
from kiosk.audit.trail import Trail
from kiosk.rules.roles import StaffRole
from kiosk.services.acting import Actor, Terminal
from kiosk.services.counter.customers import Customers
from kiosk.services.desk.guard import Desk
from tests.support.clock import SteppedClock
from tests.support.databases import PostgresServer
from tests.support.service_hours import WEEKDAYS

LIMIT_MS = 30
WARM_UP = 200


@dataclass(frozen=True, kw_only=True)
class Line:
    """One measurement."""

    dialect: str
    what: str
    milliseconds: tuple[float, ...]

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.milliseconds)

    @property
    def p99(self) -> float:
        """The slowest but one per cent."""
        return statistics.quantiles(self.milliseconds, n=100)[98]


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description="search and card on a large registry")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=2_000)
    arguments = parser.parse_args()
    lines = measure(arguments.users, arguments.queries)
    print(
        f"{arguments.users:,} users, {arguments.queries:,} queries of each kind, limit {LIMIT_MS} ms at p99"
    )
    print(f"{'database':<12}{'what':<42}{'p50 ms':>10}{'p99 ms':>10}")
    for line in lines:
        print(f"{line.dialect:<12}{line.what:<42}{line.p50:>10.2f}{line.p99:>10.2f}")


def measure(user_count: int, queries: int) -> list[Line]:
    """Every line for a registry of `user_count` users."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        lines = _on_sqlite(Path(folder), user_count, queries)
    return lines + _on_postgresql(user_count, queries)


def _on_sqlite(folder: Path, user_count: int, queries: int) -> list[Line]:
    path = folder / "registry.db"
    with open_database(f"sqlite:///{path}") as database:
        upgrade(database)
        _fill_sqlite(database, path, user_count)
        return list(_measured(database, user_count, queries))


def _on_postgresql(user_count: int, queries: int) -> list[Line]:
    folder = Path(tempfile.mkdtemp(prefix="madoguchi-bench-"))
    server = PostgresServer(folder)
    try:
        url = server.url(server.make_template())
        with open_database(url) as database:
            _fill_postgresql(database, url, user_count)
            return list(_measured(database, user_count, queries))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _fill_sqlite(database: Database, path: Path, user_count: int) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-1000000")
        for statement in _without_search_indexes():
            connection.execute(statement)
        for table, rows in TABLES.items():
            columns = list(next(rows(user_count)))
            names, marks = (
                ", ".join(template.format(each) for each in columns) for template in ('"{}"', ":{}")
            )
            stored = ({name: _as_text(value) for name, value in row.items()} for row in rows(user_count))
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", stored)  # noqa: S608 - fixed names
        for statement in _search_indexes(database):
            connection.execute(statement)
        connection.execute("ANALYZE")


def _as_text(value: object) -> object:
    """The way SQLAlchemy stores moments and days in SQLite."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value


def _fill_postgresql(database: Database, url: str, user_count: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # look up no reference while filling
        for statement in _without_search_indexes():
            cursor.execute(statement.encode())
        for table, rows in TABLES.items():
            names = ", ".join(f'"{each}"' for each in next(rows(user_count)))
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN".encode()) as copy:
                for row in rows(user_count):
                    copy.write_row(list(row.values()))
        for statement in _search_indexes(database):
            cursor.execute(statement.encode())
        cursor.execute("VACUUM ANALYZE")


def _without_search_indexes() -> list[str]:
    """Filling a sorted index row by row takes ten times as long as making it from full tables."""
    return [f"DROP INDEX {index.name}" for index in metadata.tables["lookup_keys"].indexes]


def _search_indexes(database: Database) -> list[str]:
    indexes = metadata.tables["lookup_keys"].indexes
    return [str(CreateIndex(index).compile(database.engine)) for index in indexes]


def _measured(database: Database, user_count: int, queries: int) -> Iterator[Line]:
    chosen = random.Random(7)  # noqa: S311 - the same queries in every run
    asked = [person(user_count, chosen.randrange(user_count)) for _ in range(queries + WARM_UP)]
    typed = [(each, _typed(each, chosen)) for each in asked]

    customers = Customers(
        desk=Desk(database=database, clock=SteppedClock(NOW), trail=Trail("bench")), hours=WEEKDAYS
    )

    def within_branch(looked_for: Person, text: str) -> None:
        customers.search(_somebody(StaffRole.CLERK, looked_for.branch_pk), text)

    def everywhere(looked_for: Person, text: str) -> None:
        customers.search(_somebody(StaffRole.AUDITOR, looked_for.branch_pk), text)

    def card(looked_for: Person, _: str) -> None:
        customers.card(_somebody(StaffRole.CLERK, looked_for.branch_pk), looked_for.pk)

    for what, ask in [
        (f"type-ahead in one of {BRANCHES} branches", within_branch),
        ("type-ahead in all branches", everywhere),
        ("opening a card, journaled", card),
    ]:
        yield Line(dialect=database.dialect, what=what, milliseconds=_timed(ask, typed))


def _timed(ask: Callable[[Person, str], None], typed: list[tuple[Person, str]]) -> tuple[float, ...]:
    times = []
    for looked_for, text in typed:
        start = time.perf_counter()
        ask(looked_for, text)
        times.append((time.perf_counter() - start) * 1000)
    return tuple(times[WARM_UP:])


def _typed(looked_for: Person, chosen: random.Random) -> str:
    """What somebody has typed so far who looks for this user."""
    spellings = [looked_for.user_id, looked_for.name, looked_for.kana, looked_for.romaji]
    wanted = chosen.choice([*spellings, looked_for.organization_name])
    return wanted[: chosen.randint(1, 6)]


def _somebody(role: StaffRole, branch_pk: int) -> Actor:
    terminal = Terminal(
        branch_pk=branch_pk,
        branch_no=f"{branch_pk:03}",
        branch_name="",
        terminal_pk=branch_pk,
        terminal_no="01",
    )
    pk = staff_pk(role, branch_pk)
    return Actor(
        staff_pk=pk, staff_id=f"op{pk:03}", name="窓口 花子", role=role, terminal=terminal, session="bench"
    )


if __name__ == "__main__":
    main()
