"""The self-check: what must hold before a certificate is issued, tried one by one at the start and ever again."""

import asyncio
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from db.engines import FIRST_SQLITE_WITH_SAFE_WAL
from db.migrations.running import is_current
from db.queries import crl as crl_queries
from db.queries import outbox
from db.tables import HighWater
from kiosk.audit.events import EventTag
from kiosk.audit.keeping import CheckpointFile
from kiosk.audit.trail import Outcome
from kiosk.audit.verifying import verify
from kiosk.errors import CertificateRefusedByLint, KioskError
from kiosk.media.volumes import Media
from kiosk.pki.ca_files import published_crl
from kiosk.pki.known_answers import known_answers_hold
from kiosk.pki.serials import fresh_serial
from kiosk.pki.signer import CertificateOrder, KeyAlgorithm, P12Flavour, Signer
from kiosk.rules.clock_watch import runs_back
from kiosk.rules.validity import JST, window_for
from kiosk.services.desk.guard import Desk
from kiosk.services.staff.passwords import known_answer_holds
from kiosk.services.views import CheckResult

NEWEST_ENTRIES: Final = 1_000
"""Of each chain of the journal; `kiosk audit verify` reads all of them."""
CLOCK_APART: Final = timedelta(seconds=5)
"""This machine and the database server."""
LEAST_FREE: Final = 200 * 1024 * 1024
"""Octets for database, journal and letters."""
LONGEST_BACKLOG: Final = timedelta(minutes=15)
AGAIN_AFTER: Final = timedelta(hours=1)
"""What breaks while nobody asks is seen after so long."""
AGAIN_WHILE_CLOSED: Final = timedelta(minutes=1)
"""Whatever closed the issue may be mended any moment, or was a hiccup of the registry. Only what failed is looked at so
often: to read a large registry and the journals of many terminals again takes seconds of everybody's."""


class Check(StrEnum):
    """What is looked at, in this order."""

    NOT_RUN = "not_run"
    """The self-check has not come to its end yet."""
    SCHEMA = "schema"
    DATABASE_SETTINGS = "database_settings"
    INTEGRITY = "integrity"
    CLOCK = "clock"
    JOURNAL_WRITABLE = "journal_writable"
    JOURNAL_CHAIN = "journal_chain"
    CA_KEY = "ca_key"
    CA_VALIDITY = "ca_validity"
    PROFILE = "profile"
    CRL = "crl"
    KNOWN_ANSWERS = "known_answers"
    DISK_SPACE = "disk_space"
    MAIL_BACKLOG = "mail_backlog"
    P12_FLAVOUR = "p12_flavour"
    STICKS = "sticks"


TELLS_ONLY: Final = frozenset({Check.MAIL_BACKLOG, Check.P12_FLAVOUR, Check.STICKS})
"""Shown without closing the issue: one address that nobody answers must not stop a branch, and sticks are asked for
again before every issue."""
NO_STICKS: Final = "none"
"""Fact of a terminal that is set up without sticks."""


class _Failed(Exception):
    """A check that looked and found something."""


@dataclass
class _Latest:
    """The results of the last run, which screens and the issue ask for."""

    results: tuple[CheckResult, ...] = (
        CheckResult(name=Check.NOT_RUN, ok=False, fact="", closes_issuing=True),
    )
    at: datetime | None = None
    """When anything was looked at."""
    all_at: datetime | None = None
    """When everything was."""
    told: frozenset[str] | None = None
    """What failed, as the journal knows it."""


@dataclass(frozen=True, kw_only=True)
class SelfCheck:
    """Run every check, remember what failed."""

    desk: Desk
    signer: Signer
    kept: CheckpointFile
    """Checkpoints outside the database."""
    crl_folder: Path
    data_folder: Path
    p12_flavour: P12Flavour = P12Flavour.MODERN
    p12_flavour_reason: str = ""
    media: Media | None = None
    """Where the sticks are; None where there are to be none."""
    register: Callable[[], object] | None = None
    """Reads the bank's list of media; None where there is to be none."""
    _latest: _Latest = field(default_factory=_Latest, init=False, repr=False)

    def run(self) -> tuple[CheckResult, ...]:
        """Every check once, and a journal entry about the whole. Never raises: what fails is a result.

        Takes a second or so, longer with a large database; it belongs into the background.
        """
        results = self._look()
        self._journal(results)
        return results

    def run_when_due(self) -> None:
        """The same by itself, when the last run is old enough; journaled where it finds something else than before.

        While the issue is closed, what failed is looked at in between; it opens again by a look at everything only.
        """
        now, latest = self.desk.clock.now(), self._latest
        if _is_over(latest.all_at, AGAIN_AFTER, now):
            results = self._look()
        elif self.closed_by() and _is_over(latest.at, AGAIN_WHILE_CLOSED, now):
            results = self._look_again()
        else:
            return
        if _failed_in(results) != latest.told:
            self._journal(results)

    def results(self) -> tuple[CheckResult, ...]:
        """Those of the last run."""
        return self._latest.results

    def closed_by(self) -> tuple[str, ...]:
        """Names of the checks that keep the issue closed; `not_run` before the first run."""
        return tuple(result.name for result in self.results() if _closes(result))

    def issuing_open(self) -> bool:
        """Whether certificates may be issued after the last run."""
        return not self.closed_by()

    def _checks(self) -> Iterator[tuple[Check, Callable[[datetime], str]]]:
        yield Check.SCHEMA, self._schema
        yield Check.DATABASE_SETTINGS, self._database_settings
        yield Check.INTEGRITY, self._integrity
        yield Check.CLOCK, self._clock
        yield Check.JOURNAL_WRITABLE, self._journal_writable
        yield Check.JOURNAL_CHAIN, self._journal_chain
        yield Check.CA_KEY, self._ca_key
        yield Check.CA_VALIDITY, self._ca_validity
        yield Check.PROFILE, self._profile
        yield Check.CRL, self._crl
        yield Check.KNOWN_ANSWERS, self._known_answers
        yield Check.DISK_SPACE, self._disk_space
        yield Check.MAIL_BACKLOG, self._mail_backlog
        yield Check.P12_FLAVOUR, self._p12_flavour
        yield Check.STICKS, self._sticks

    def _look(self) -> tuple[CheckResult, ...]:
        self._latest.at = self._latest.all_at = self.desk.clock.now()
        results = tuple(self._result(check, look) for check, look in self._checks())
        self._latest.results = results
        return results

    def _look_again(self) -> tuple[CheckResult, ...]:
        """At what failed, and at everything once nothing of it closes the issue any more."""
        failed = _failed_in(self.results())
        again = {check: self._result(check, look) for check, look in self._checks() if check in failed}
        if not any(_closes(result) for result in again.values()):
            return self._look()
        self._latest.at = self.desk.clock.now()
        self._latest.results = tuple(again.get(Check(old.name), old) for old in self.results())
        return self._latest.results

    def _result(self, check: Check, look: Callable[[datetime], str]) -> CheckResult:
        try:
            with self.desk.reaching():
                fact, ok = look(self.desk.clock.now()), True
        except _Failed as found:
            fact, ok = str(found), False
        except KioskError as refused:
            fact, ok = f"{refused.code} {type(refused).__name__}", False
        except Exception as broken:  # noqa: BLE001 - a check that breaks has failed, and the terminal must start
            fact, ok = type(broken).__name__, False
        return CheckResult(name=check, ok=ok, fact=fact, closes_issuing=check not in TELLS_ONLY)

    def _journal(self, results: tuple[CheckResult, ...]) -> None:
        failed = " ".join(result.name for result in results if not result.ok)
        try:
            if failed:
                self.desk.note(None, EventTag.SELF_CHECK_FAILED, outcome=Outcome.FAILED, failed=failed)
            else:
                self.desk.note(None, EventTag.SELF_CHECK_OK)
        except Exception:  # noqa: BLE001 - the check of the journal has told it already; the next run tells it here
            self._latest.told = None
        else:
            self._latest.told = _failed_in(results)

    def _schema(self, _: datetime) -> str:
        if not is_current(self.desk.database):
            raise _Failed
        return ""

    def _database_settings(self, _: datetime) -> str:
        settings = self.desk.database.settings_in_force()
        weak = _weak_settings(settings)
        if weak:
            raise _Failed(", ".join(f"{name}={settings.get(name)}" for name in weak))
        return settings.get("sqlite_version") or settings["server_version"]

    def _integrity(self, _: datetime) -> str:
        problems = self.desk.database.integrity_problems()
        if problems:
            raise _Failed(problems[0])
        return ""

    def _clock(self, now: datetime) -> str:
        with self.desk.database.reading() as session:
            newest = session.get(HighWater, 1)
        if newest is not None and runs_back(newest.at, now):
            raise _Failed(f"{(now - newest.at).total_seconds():+.0f} s")
        apart = self.desk.database.clock_offset()
        if abs(apart) > CLOCK_APART.total_seconds():
            raise _Failed(f"{apart:+.1f} s")
        return f"{apart:+.1f} s"

    def _journal_writable(self, now: datetime) -> str:
        with suppress(_TakenBack), self.desk.database.transaction() as session:
            self.desk.trail.record(session, EventTag.SELF_CHECK_OK, now=now, who=None)
            raise _TakenBack
        return ""

    def _journal_chain(self, _: datetime) -> str:
        key = self.signer.facts().attestation_public_key
        found = verify(self.desk.database, key, self.kept.read(), newest=NEWEST_ENTRIES)
        if found:
            raise _Failed(", ".join(f"{one.node} {one.seq}-{one.last} {one.kind}" for one in found[:3]))
        return ""

    def _ca_key(self, _: datetime) -> str:
        facts = self.signer.facts()
        message = b"madoguchi self-check\n" + secrets.token_bytes(16)
        try:
            Ed25519PublicKey.from_public_bytes(facts.attestation_public_key).verify(
                self.signer.attest(message), message
            )
        except InvalidSignature:
            raise _Failed from None
        return facts.key_id

    def _ca_validity(self, now: datetime) -> str:
        facts = self.signer.facts()
        until = f"{facts.not_after.astimezone(JST):%Y-%m-%d}"
        if not facts.not_before <= now or facts.not_after < window_for(now).not_after:
            raise _Failed(until)
        return until

    def _profile(self, now: datetime) -> str:
        try:
            prepared = self.signer.prepare(_trial_order(now))
        except CertificateRefusedByLint as refused:
            raise _Failed(", ".join(refused.findings)) from None
        self.signer.discard(prepared.handle)
        return ""

    def _crl(self, now: datetime) -> str:
        with (
            self.desk.database.reading() as session
        ):  # first: a list published meanwhile only makes the folder newer
            known = crl_queries.state(session, self.signer.facts().key_id)
        published = published_crl(self.crl_folder)
        fact = f"{published.number}, {published.next_update.astimezone(JST):%Y-%m-%d %H:%M}"
        older = known is not None and published.number < (known.published_number or 0)
        if published.next_update <= now or older:
            raise _Failed(fact)
        return fact

    def _known_answers(self, _: datetime) -> str:
        if not (known_answers_hold() and known_answer_holds()):
            raise _Failed
        return ""

    def _disk_space(self, _: datetime) -> str:
        free = shutil.disk_usage(self.data_folder).free
        fact = f"{free / 2**30:.1f} GiB"
        if free < LEAST_FREE:
            raise _Failed(fact)
        return fact

    def _mail_backlog(self, now: datetime) -> str:
        with self.desk.database.reading() as session:
            backlog = outbox.backlog(session)
        if backlog.oldest_due is None:
            return "0"
        waiting = now - backlog.oldest_due
        if waiting > LONGEST_BACKLOG:
            raise _Failed(f"{backlog.queued}, {waiting.total_seconds() / 60:.0f} min")
        return str(backlog.queued)

    def _p12_flavour(self, _: datetime) -> str:
        return f"{self.p12_flavour} {self.p12_flavour_reason}".strip()

    def _sticks(self, _: datetime) -> str:
        """Whether the list of media holds and the service that finds sticks answers; how many are plugged in."""
        if self.register is not None:
            self.register()
        return NO_STICKS if self.media is None else str(len(asyncio.run(self.media.list())))


def _is_over(since: datetime | None, pause: timedelta, now: datetime) -> bool:
    """Also where the clock was set back, so that no pause lasts longer for it."""
    return since is None or not timedelta(0) <= now - since < pause


def _closes(result: CheckResult) -> bool:
    return result.closes_issuing and not result.ok


def _failed_in(results: Iterable[CheckResult]) -> frozenset[str]:
    return frozenset(result.name for result in results if not result.ok)


class _TakenBack(Exception):
    """Rolls back what was only tried."""


def _weak_settings(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The settings of the database that do not keep what durability needs."""
    if "sqlite_version" in settings:
        wanted = {"foreign_keys": {"1"}, "recursive_triggers": {"1"}, "trusted_schema": {"0"}}
        in_wal = settings.get("journal_mode") == "wal"
        wanted["synchronous"] = {"FULL", "EXTRA"} if in_wal else {"EXTRA"}
        if in_wal and _version(settings["sqlite_version"]) < FIRST_SQLITE_WITH_SAFE_WAL:
            return ("sqlite_version",)
        wanted["journal_mode"] = {"delete", "wal"}
    else:
        wanted = {
            "fsync": {"on"},
            "full_page_writes": {"on"},
            "synchronous_commit": {"on", "remote_apply"},
        }
    return tuple(name for name, values in wanted.items() if settings.get(name) not in values)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _trial_order(now: datetime) -> CertificateOrder:
    """What an ordinary customer would order now; never signed."""
    window = window_for(now)
    return CertificateOrder(
        serial=fresh_serial(),
        user_id="kunren01",
        organization_name="自己診断",
        organization_code="0000000",
        email="kunren@training.invalid",
        not_before=window.not_before,
        not_after=window.not_after,
        key_algorithm=KeyAlgorithm.P_256,
    )
