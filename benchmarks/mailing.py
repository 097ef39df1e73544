"""Notices found and queued against bare SQL, letters sent against a bare loop, and a code in between."""

import asyncio
import shutil
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Final

import trustme
from aiosmtplib import SMTP

from benchmarks.holders import NOW, fill
from benchmarks.lines import Line
from db.database import Database, open_database
from db.migrations.running import upgrade
from kiosk.audit.keeping import CheckpointFile
from kiosk.audit.trail import Trail
from kiosk.config import MailSettings, SmtpSettings
from kiosk.mail.smtp import SmtpMailer
from kiosk.pki.signer import Signer
from kiosk.rules.notices import NoticeKind
from kiosk.secret import Secret
from kiosk.services.crl.publishing import Publishing
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.outbox import CodeVault, queue_notice
from kiosk.services.letters.notices import Notices
from kiosk.services.upkeep.jobs import Job, Jobs
from kiosk.translations.catalog import Language
from tests.support.databases import PostgresServer
from tests.support.mail_process import a_counting_server
from tests.support.mail_server import PASSWORD, USER

QUEUED_WITHIN: Final = 3.0
"""Times the bare statement."""
SENT_AT: Final = 0.9
"""Of the rate of the bare loop."""
CODE_WITHIN_S: Final = 2.0

_BARE: Final = """
INSERT INTO outbox (kind, dedupe, user_pk, certificate_pk, state, payload, priority, created_at, due_at, tries,
    message_id)
SELECT 'expiring', 'expiring:' || c.serial, c.user_pk, c.pk, 'queued', '{{}}', 7, '{now}', '{now}', 0, {message_id}
FROM certificates c
WHERE c.state = 'active' AND c.last_valid_date BETWEEN '2026-03-02' AND '2026-04-01'
    AND NOT EXISTS (SELECT 1 FROM certificates d
        WHERE d.user_pk = c.user_pk AND d.pk > c.pk AND d.state IN ('signed', 'active'))
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.dedupe = 'expiring:' || c.serial)
ON CONFLICT (dedupe) DO NOTHING
"""


class _Now:
    """A clock at the day the certificates are about, going on."""

    begun: Final = time.monotonic()

    def now(self) -> datetime:
        """As long after that morning as this program runs."""
        return NOW + timedelta(seconds=time.monotonic() - self.begun)


def measure(notices: int, letters: int, codes: int) -> list[Line]:
    """Every number."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        place = Path(folder)
        path = place / "registry.db"
        with open_database(f"sqlite:///{path}") as database:
            upgrade(database)
            fill(database, notices)
        lines.append(_queueing("sqlite", notices, lambda: _copy(path)))
        lines += _sending(place, path, letters, codes)
    with _postgresql(notices) as fresh:
        lines.append(_queueing("postgresql", notices, fresh))
    return lines


def _queueing(dialect: str, notices: int, fresh: Callable[[], str]) -> Line:
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(3):
        for times, work in ((bare, _bare), (ours, _ours)):
            with open_database(fresh()) as database:
                begun = time.perf_counter()
                found = work(database)
                times.append(time.perf_counter() - begun)
            assert found == notices, (dialect, found)
    ratio = min(ours) / min(bare)
    return Line(
        what=f"{notices:,} notices found and queued, {dialect}",
        figure=f"{min(ours) * 1000:.0f} ms",
        reference=f"{min(bare) * 1000:.0f} ms, one bare statement",
        ratio=ratio,
        promised=f"<= {QUEUED_WITHIN} x",
        kept=ratio <= QUEUED_WITHIN,
    )


def _bare(database: Database) -> int:
    lite = database.dialect == "sqlite"
    random = "lower(hex(randomblob(16)))" if lite else "replace(gen_random_uuid()::text, '-', '')"
    now = "2026-03-02 01:00:00.000000" if lite else "2026-03-02 01:00:00+00"
    with database.transaction() as session:
        return session.connection().exec_driver_sql(_BARE.format(now=now, message_id=random)).rowcount


def _ours(database: Database) -> int:
    return next(one.count for one in _jobs(database).run() if one.job is Job.EXPIRING)


def _jobs(database: Database) -> Jobs:
    desk = Desk(database=database, clock=_Now(), trail=Trail("012/01/bench"))
    away = Path("/nowhere")
    signer: Signer = _NoSigner()  # type: ignore[assignment]  # the lists and checkpoints are measured elsewhere
    return Jobs(
        desk=desk,
        signer=signer,
        publishing=Publishing(desk=desk, signer=signer, folder=away),
        kept=CheckpointFile(away / "checkpoints"),
    )


class _NoSigner:
    """There is no CA here."""


def _sending(place: Path, path: Path, letters: int, codes: int) -> list[Line]:
    ca = trustme.CA()
    with a_counting_server(ca) as server, open_database(_copy(path)) as database:
        settings = server.settings(place)
        notices = _notices(database, settings, place / "stubs")
        while_queueing = _codes_while_notices_are_queued(notices)
        notices.send_due(5)
        ours, bare = [], []
        for _ in range(3):
            bare.append(asyncio.run(_bare_loop(settings, letters)))
            begun = time.perf_counter()
            sent = notices.send_due(letters).sent
            ours.append((time.perf_counter() - begun) / max(1, sent))
        rate = min(bare) / min(ours)
        waits = _codes_in_the_midst(notices, codes)
    return [
        Line(
            what=f"letters over one connection, {letters:,} at a time",
            figure=f"{min(ours) * 1000:.2f} ms each, {1 / min(ours):.0f} a second",
            reference=f"{min(bare) * 1000:.2f} ms, a bare loop",
            ratio=rate,
            promised=f">= {SENT_AT} x its rate",
            kept=rate >= SENT_AT,
        ),
        Line(
            what="a code asked for while the others are queued",
            figure=f"{max(while_queueing) * 1000:.0f} ms at most, of {len(while_queueing)}",
            promised=f"< {CODE_WITHIN_S:.0f} s",
            kept=max(while_queueing) < CODE_WITHIN_S,
        ),
        Line(
            what="a code asked for while the others leave",
            figure=f"{max(waits) * 1000:.0f} ms at most, of {len(waits)}",
            promised=f"< {CODE_WITHIN_S:.0f} s",
            kept=max(waits) < CODE_WITHIN_S,
        ),
    ]


async def _bare_loop(settings: SmtpSettings, letters: int) -> float:
    """Seconds a letter, made with the standard library and sent with `aiosmtplib`, and nothing else."""
    context = ssl.create_default_context(cafile=settings.ca_file)
    client = SMTP(hostname=settings.host, port=settings.port, use_tls=True, tls_context=context)
    async with client:
        await client.login(USER, PASSWORD)
        begun = time.perf_counter()
        for number in range(letters):
            message = EmailMessage(policy=SMTP_POLICY)
            message["From"] = "ろうきん賃金控除事務支援サービス <madoguchi@example.jp>"
            message["To"] = f"user{number}@example.jp"
            message["Subject"] = "【ろうきん】電子証明書の有効期限のお知らせ(30日前)"
            message["Date"] = datetime.now(UTC)
            message["Message-ID"] = f"<{number}@example.jp>"
            message.set_content("ご利用の電子証明書の有効期限が近づいています。\n" * 12, cte="base64")
            await client.send_message(message)
        took = (time.perf_counter() - begun) / letters
        line = client.transport
    assert isinstance(line, asyncio.Transport)
    line.abort()  # closed politely it waits for the server's farewell, and outlives the loop
    await asyncio.sleep(0)
    return took


def _codes_while_notices_are_queued(notices: Notices) -> list[float]:
    """Seconds from the decision to send a code until the server has it, on the morning after an outage."""
    morning = threading.Thread(target=_jobs(notices.desk.database).run)
    morning.start()
    waits: list[float] = []
    while morning.is_alive():
        time.sleep(0.1)
        waits.append(_a_code(notices, f"early:{len(waits)}"))
    morning.join()
    return waits


def _codes_in_the_midst(notices: Notices, codes: int) -> list[float]:
    """The same, with the bulk on its way."""
    ended = threading.Event()
    bulk = threading.Thread(target=lambda: notices.send_until(ended))
    bulk.start()
    waits = []
    try:
        for number in range(codes):
            time.sleep(0.1)
            waits.append(_a_code(notices, f"late:{number}"))
    finally:
        ended.set()
        bulk.join()
    return waits


def _a_code(notices: Notices, cause: str) -> float:
    begun = time.perf_counter()
    now = notices.desk.clock.now()
    with notices.desk.database.transaction() as session:
        pk = queue_notice(
            session,
            kind=NoticeKind.CODE,
            dedupe=f"code:{cause}",
            user_pk=1,
            now=now,
            facts={"valid_until": now + timedelta(minutes=30)},
        )
    notices.vault.put(pk, Secret("048125"), now)
    assert notices.send_now(pk)
    return time.perf_counter() - begun


def _notices(database: Database, settings: SmtpSettings, stubs_in: Path) -> Notices:
    return Notices(
        desk=Desk(database=database, clock=_Now(), trail=Trail("012/01/bench")),
        vault=CodeVault(),
        mailer=SmtpMailer(settings),
        mail=MailSettings(sender="madoguchi@example.jp", smtp=settings),
        language=Language.JAPANESE,
        training=False,
        stubs_in=stubs_in,
    )


def _copy(path: Path) -> str:
    copy = path.with_name("copy.db")
    shutil.copyfile(path, copy)
    return f"sqlite:///{copy}"


@contextmanager
def _postgresql(notices: int) -> Iterator[Callable[[], str]]:
    folder = Path(tempfile.mkdtemp(prefix="madoguchi-bench-"))
    server = PostgresServer(folder)
    try:
        filled = server.new_database(template=server.make_template())
        with open_database(server.url(filled)) as database:
            fill(database, notices)
        yield lambda: server.url(server.new_database(template=filled))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
