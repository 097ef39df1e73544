"""I-3: what the counter called finished is in the registry after a power cut, and its p12 opens."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from sqlalchemy import event
from sqlmodel import col, select

from db.database import Database, open_database
from db.migrations.running import upgrade
from db.tables import Certificate, User
from kiosk.rules.naming import serial_text
from kiosk.services.acting import Actor
from kiosk.services.views import HandOverCheck
from tests.support.builders import PASSWORD, a_user
from tests.support.clock import SteppedClock
from tests.support.counters import build_counter
from tests.support.databases import PostgresServer
from tests.support.deep import need
from tests.support.disks import an_image, cut, mounted

pytestmark = pytest.mark.deep
MEGABYTES = {"sqlite": 48, "postgresql": 256}
CUSTOMERS = 6
WILL_NOT_START = "the registry does not start any more"


@dataclass
class Told:
    """What the counter said before the power went, by serial."""

    signed: set[str] = field(default_factory=set)
    delivered: dict[str, str] = field(default_factory=dict)
    """With the name of the file."""
    handed_over: set[str] = field(default_factory=set)

    def hear(self, line: str) -> None:
        """Take in one line of the program."""
        word, serial, *rest = line.split()
        match word:
            case "signed":
                self.signed.add(serial)
            case "delivered":
                self.delivered[serial] = rest[0]
            case "handed_over":
                self.handed_over.add(serial)


@dataclass(frozen=True)
class Registry:
    """The registry of a terminal, on a disk that will be cut from power."""

    dialect: str
    careless: bool = False
    """It calls stored what only the cache holds."""

    @contextmanager
    def open(self, disk: Path) -> Iterator[tuple[str, PostgresServer | None]]:
        """Its URL while its server, if there is one, runs on what lies on `disk`."""
        if self.dialect == "sqlite":
            yield f"sqlite:///{disk / 'registry.db'}", None
            return
        sockets = Path(tempfile.mkdtemp(prefix="madoguchi-"))
        try:
            server = PostgresServer(sockets, disk / "postgres", durable=not self.careless)
            try:
                yield server.url("postgres"), server
            finally:
                server.stop()
        finally:
            shutil.rmtree(sockets)

    @contextmanager
    def connected(self, url: str) -> Iterator[Database]:
        """Connections to it."""
        with open_database(url) as database:
            if self.careless and self.dialect == "sqlite":
                event.listen(database.engine, "connect", _trust_the_cache)
            yield database


def _trust_the_cache(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


@dataclass(frozen=True)
class Branch:
    """A terminal whose registry, keys and sticks lie on one disk."""

    image: Path
    disk: Path
    registry: Registry
    url: str
    server: PostgresServer | None
    clerk: Actor


@pytest.fixture
def folder() -> Iterator[Path]:
    """For images and the places they are mounted at; the account of the database server may go through it."""
    place = Path(tempfile.mkdtemp(prefix="madoguchi-"))
    place.chmod(0o711)
    yield place
    shutil.rmtree(place)


@contextmanager
def a_branch(registry: Registry, folder: Path) -> Iterator[Branch]:
    """A disk with a new registry on it, all of it safe before the customers come."""
    need("root", "mount", "mkfs.ext4")
    image = an_image(folder / "disk.img", MEGABYTES[registry.dialect])
    with mounted(image, folder / "disk") as disk, registry.open(disk) as (url, server):
        with open_database(url) as database:
            upgrade(database)
            counter = build_counter(database, disk / "counter", SteppedClock())
            counter.signer.close()
            clerk = counter.actor
            for _ in range(CUSTOMERS):
                a_user(database)
        subprocess.run(["sync", "-f", disk], check=True)
        yield Branch(image, disk, registry, url, server, clerk)


def serve_everybody(branch: Branch, say: int) -> None:
    """Issue for one customer after the other, each onto a stick of its own, and say what was finished."""
    with branch.registry.connected(branch.url) as database:
        counter = build_counter(database, branch.disk / "counter", SteppedClock(), branch.clerk)
        with database.reading() as session:
            users = session.exec(select(User).order_by(col(User.pk))).all()
        for user in users:
            (counter.sticks / "stick-A").rename(counter.sticks / f"with-{user.user_id}")
            (counter.sticks / "stick-A").mkdir()
            ready = counter.issues(user)
            os.write(say, f"signed {ready.serial}\n".encode())
            counter.delivers(ready)
            os.write(say, f"delivered {ready.serial} {ready.file_name}\n".encode())
            counter.handing_over.hand_over(counter.actor, ready.reception_no, frozenset(HandOverCheck))
            os.write(say, f"handed_over {ready.serial}\n".encode())
            counter.clock.step(seconds=1)


def told_before_the_cut(branch: Branch, lines: int) -> tuple[Told, Path]:
    """Serve until the program has said `lines` things, stop it there, and take the disk as it is."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            serve_everybody(branch, writes)
        finally:
            os._exit(0)
    os.close(writes)
    told = Told()
    with os.fdopen(reads, encoding="ascii") as said:
        for _ in range(lines):
            told.hear(said.readline())
        time.sleep(0.02)  # somewhere in the middle of what comes next
        os.kill(child, signal.SIGSTOP)
        os.waitpid(child, os.WUNTRACED)
        with branch.server.frozen() if branch.server is not None else nullcontext():
            image_after = cut(branch.image, lines)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for line in said:
            told.hear(line)  # said before the power went
    return told, image_after


def lost(image_after: Path, told: Told, branch: Branch) -> list[str]:
    """What was told and is no longer true when the power is back and the terminal has started."""
    registry = branch.registry
    with mounted(image_after, image_after.with_suffix("")) as disk:
        try:
            with registry.open(disk) as (url, _), registry.connected(url) as database:
                return _lost(database, disk, told, branch)
        except (OSError, psycopg.Error):
            return [WILL_NOT_START]


def _lost(database: Database, disk: Path, told: Told, branch: Branch) -> list[str]:
    counter = build_counter(database, disk / "counter", SteppedClock(), branch.clerk)
    counter.recovering.recover()
    counter.signer.close()
    assert database.integrity_problems(thorough=True) == ()
    with database.reading() as session:
        states = {row.serial: row.state for row in session.exec(select(Certificate))}
    files = {path.name: path for path in counter.sticks.rglob("*.p12")}
    missing = [f"signed {serial}" for serial in told.signed if serial not in states]
    for serial, name in told.delivered.items():
        if states.get(serial) != "active" or not opens(files.get(name), serial):
            missing.append(f"delivered {serial}")
    unknown = [name for name, path in files.items() if serial_in(path) not in states]
    return missing + [f"unknown {name}" for name in unknown]


def opens(file: Path | None, serial: str) -> bool:
    """Whether the p12 opens with the customer's password and holds this certificate."""
    return file is not None and serial_in(file) == serial


def serial_in(file: Path) -> str:
    """The serial of the certificate in a p12, as the registry writes it."""
    _, certificate, _ = pkcs12.load_key_and_certificates(file.read_bytes(), PASSWORD.encode())
    assert certificate is not None
    return serial_text(certificate.serial_number)


@pytest.mark.rule("I-3", "I-2", "E-83", "E-85")
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@pytest.mark.parametrize("lines", [1, 2, 5, 9])
def test_what_was_called_finished_is_there_after_a_power_cut(folder: Path, dialect: str, lines: int) -> None:
    with a_branch(Registry(dialect), folder) as branch:
        told, image_after = told_before_the_cut(branch, lines)
        assert len(told.signed) >= 1
        assert lost(image_after, told, branch) == []


@pytest.mark.rule("I-3")
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_power_cut_of_these_tests_does_lose_what_was_not_synced(folder: Path, dialect: str) -> None:
    """The control: a registry that trusts the cache forgets customers who went home with a certificate."""
    with a_branch(Registry(dialect, careless=True), folder) as branch:
        told, image_after = told_before_the_cut(branch, 9)
        assert lost(image_after, told, branch) != []
