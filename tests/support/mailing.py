"""What tests about letters have in common: an outbox, its mailer, and what became of letters."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlmodel import select

from db.database import Database
from db.tables import Notice, User
from kiosk.config import MailSettings
from kiosk.mail.delivery import Line, Mailer
from kiosk.mail.message import Letter
from kiosk.rules.notices import NoticeKind
from kiosk.secret import Secret
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.outbox import CodeVault, queue_notice
from kiosk.services.letters.notices import Notices
from kiosk.translations.catalog import Language
from tests.support.mail_server import MailServer

CODE: Final = "048125"
MAIL: Final = MailSettings(sender="madoguchi@example.jp")
SENT: Final = ("mail:message:sent", "done")
FAILED: Final = ("mail:message:failed", "failed")
GIVEN_UP: Final = ("mail:message:given_up", "failed")


def notices_of(desk: Desk, mailer: Mailer | None, vault: CodeVault | None = None, **other: Any) -> Notices:
    """A mailer whose pauses are exact."""
    values: dict[str, Any] = {
        "desk": desk,
        "vault": vault or CodeVault(),
        "mailer": mailer,
        "mail": MAIL,
        "language": Language.JAPANESE,
        "training": False,
        "jitter": lambda: 0.0,
        "code_pauses": (0.01, 0.01),
    }
    return Notices(**values | other)


def queued(
    desk: Desk, user: User, kind: NoticeKind = NoticeKind.LOCKED, cause: str = "1", **other: int | None
) -> int:
    """Queue a letter of this cause; its row."""
    now = desk.clock.now()
    facts = {NoticeKind.CODE: "valid_until", NoticeKind.LOCKED: "until", NoticeKind.UNBLOCKED: "at"}
    moments = {facts[kind]: now + timedelta(minutes=30)} if kind in facts else {}
    with desk.database.transaction() as session:
        return queue_notice(
            session, kind=kind, dedupe=f"{kind}:{cause}", user_pk=user.pk, now=now, facts=moments, **other
        )


def a_code(notices: Notices, user: User, cause: str = "1") -> int:
    """Queue the letter of a code that this process knows; its row."""
    pk = queued(notices.desk, user, NoticeKind.CODE, cause)
    notices.vault.put(pk, Secret(CODE), notices.desk.clock.now())
    return pk


def rows(database: Database) -> list[Notice]:
    """The outbox, oldest first."""
    with database.reading() as session:
        return list(session.exec(select(Notice).order_by(Notice.pk)))  # type: ignore[arg-type]


def states(database: Database) -> list[str]:
    """Of every letter, oldest first."""
    return [row.state for row in rows(database)]


def ids(server: MailServer) -> list[str]:
    """The Message-IDs of what a server accepted, in order."""
    return [str(message["Message-ID"]) for message in server.accepted]


@dataclass
class Pile:
    """A mailer without a network that keeps letters in memory; `answers` may refuse or fail."""

    letters: list[Letter] = field(default_factory=list)
    answers: Callable[[Letter], str] = lambda _: "250 OK"
    simulated: bool = False

    @asynccontextmanager
    async def line(self, *, paced: bool = False) -> AsyncIterator["Pile"]:
        """Itself."""
        yield self

    async def send(self, letter: Letter) -> str:
        """Keep it, unless `answers` raises."""
        answer = self.answers(letter)
        self.letters.append(letter)
        return answer


class PowerCut(BaseException):
    """The machine stops here."""


@dataclass(frozen=True)
class LineAndThen:
    """The real line, with something that happens after it took a letter."""

    line: Line
    happens: Callable[[], None]

    async def send(self, letter: Letter) -> str:
        """Send it, and then."""
        answer = await self.line.send(letter)
        self.happens()
        return answer


@dataclass(frozen=True)
class AndThen:
    """The real mailer, with something that happens after it took the letter."""

    mailer: Mailer
    happens: Callable[[], None]
    simulated: bool = False

    @asynccontextmanager
    async def line(self, *, paced: bool = False) -> AsyncIterator[Line]:
        """The line of the real one."""
        async with self.mailer.line(paced=paced) as line:
            yield LineAndThen(line, self.happens)


def cut_the_power() -> None:
    """Die as a process dies that gets no more current."""
    raise PowerCut
