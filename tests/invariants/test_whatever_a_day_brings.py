"""I-1, I-2, I-4, I-13: whatever a day brings, in whatever order, every user and the journal stay sound."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import col, select

from db.database import open_database
from db.migrations.running import upgrade
from db.tables import Case, Certificate, JournalEntry, User
from kiosk.audit.events import EventTag
from kiosk.audit.verifying import verify
from kiosk.errors import Aftermath, KioskError
from kiosk.rules.certificates import LIVE_STATES
from kiosk.rules.operations import IssueKind
from kiosk.rules.validity import JST, RENEWAL_WINDOW_DAYS
from kiosk.secret import Secret
from kiosk.services.views import HandOverCheck, Ready
from tests.support.builders import PASSWORD, a_user
from tests.support.clock import SteppedClock
from tests.support.counters import build_counter
from tests.support.killing import killed_at

USERS = 2
THE_ISSUE = ("kiosk.services.counter.issuing", "kiosk.services.counter.delivering")
STATE_OF = {"issuing": {"reserved"}, "issued": {"signed"}, "delivered": {"active"}, "done": {"active"}}
"""Of the certificate of a reception, unless an issue failed and the reception began anew."""
ENDED = {"voided", "revoked"}
which = st.integers(0, USERS - 1)


class Day(RuleBasedStateMachine):
    """One terminal on SQLite with the real use cases, customers that come and go, and a program that dies."""

    @initialize()
    def opens(self) -> None:
        """An empty registry in the morning."""
        self.folder = Path(tempfile.mkdtemp(prefix="day-"))
        self.url = f"sqlite:///{self.folder / 'registry.db'}"
        self.database = open_database(self.url)
        upgrade(self.database)
        self.clock = SteppedClock()
        self.counter = build_counter(self.database, self.folder, self.clock)
        self.users = [a_user(self.database) for _ in range(USERS)]
        self.cases: dict[int, str] = {}
        self.ready: dict[int, Ready] = {}

    def teardown(self) -> None:
        """The journal holds together in the evening."""
        if not hasattr(self, "database"):
            return
        facts = self.counter.signer.facts()
        assert verify(self.database, facts.attestation_public_key, ()) == ()
        self.counter.signer.close()
        self.database.dispose()
        shutil.rmtree(self.folder)

    # --- what people do ---

    @rule(who=which, kind=st.sampled_from(IssueKind))
    def receives(self, who: int, kind: IssueKind) -> None:
        """Steps 1 to 3, possible or not."""
        self._tried(
            lambda: self._keep(who, self.counter.opens_case(self.users[who], kind.transaction).reception_no)
        )

    @rule(who=which, password=st.sampled_from([PASSWORD, PASSWORD, "Chigau#2026"]))
    def types_a_password(self, who: int, password: str) -> None:
        """Step 4, and step 4 again for a new code."""
        user, case = self.users[who], self.cases.get(who, "none")
        self._tried(
            lambda: self.counter.authenticating.submit_password(
                self.counter.actor, case, user.user_id, Secret(password)
            )
        )

    @precondition(lambda self: self.counter.post.codes)
    @rule(who=which, right=st.sampled_from([True, True, False]))
    def types_a_code(self, who: int, right: bool) -> None:
        """Step 5, with the newest code or one nobody has."""
        code = self.counter.post.codes[-1] if right else "000000"
        self._tried(
            lambda: self.counter.authenticating.submit_code(
                self.counter.actor, self.cases.get(who, "none"), Secret(code)
            )
        )

    @rule(who=which)
    def issues(self, who: int) -> None:
        """Steps 4 to 6 in one go when they are still to be done."""
        case = self.cases.get(who, "none")
        self._tried(lambda: self.counter.authenticates(case, self.users[who]))
        self._tried(lambda: self.ready.__setitem__(who, self.counter.signs(case)))

    @precondition(lambda self: self.ready)
    @rule(who=which)
    def delivers(self, who: int) -> None:
        """Step 7; the customer takes the stick along."""
        if who in self.ready:
            self._tried(lambda: self.counter.delivers(self.ready[who]))

    @rule(who=which)
    def hands_over(self, who: int) -> None:
        """Steps 8 and 9."""
        case = self.cases.get(who, "none")
        self._tried(
            lambda: self.counter.handing_over.hand_over(self.counter.actor, case, frozenset(HandOverCheck))
        )
        self._empty_the_stick()

    @rule(who=which, how=st.sampled_from(["give up", "void", "to the menu"]))
    def cancels(self, who: int, how: str) -> None:
        """Every way out."""
        case, actor = self.cases.get(who, "none"), self.counter.actor
        ways: dict[str, Callable[[], object]] = {
            "give up": lambda: self.counter.handing_over.give_up(actor, case),
            "void": lambda: self.counter.casework.void(actor, case, "中止"),
            "to the menu": lambda: self.counter.authenticating.cancel_to_menu(actor, case),
        }
        self._tried(ways[how])

    # --- what happens ---

    @rule(who=which, line=st.integers(1, 130))
    def is_killed_while_issuing(self, who: int, line: int) -> None:
        """Kill -9 at some line of an issue, then the next start."""
        case, user = self.cases.get(who, "none"), self.users[who]

        def issue() -> None:
            with open_database(self.url) as database:
                own = build_counter(database, self.folder, self.clock, self.counter.actor)
                try:
                    own.authenticates(case, user)
                    own.delivers(own.signs(case))
                except KioskError:
                    return

        killed_at(line, THE_ISSUE, issue)
        self.starts()

    @rule()
    def starts(self) -> None:
        """The program was ended: passwords, codes and keys in memory are gone."""
        self.counter.signer.close()
        self.counter = build_counter(self.database, self.folder, self.clock, self.counter.actor)
        self.ready.clear()
        self.counter.recovering.recover()
        self._empty_the_stick()

    @rule(days=st.sampled_from([0, 0, 1, 340, 370]), minutes=st.integers(0, 70))
    def time_passes(self, days: int, minutes: int) -> None:
        """Minutes, or most of a year."""
        self.clock.step(days=days, minutes=minutes)

    # --- what is always true ---

    @invariant()
    def one_live_certificate_but_in_its_last_days(self) -> None:
        """I-1."""
        for user in self._users():
            today = self.clock.now().astimezone(JST).date()
            live = sorted(
                (row for row in self._certificates(user) if row.state in LIVE_STATES),
                key=lambda row: row.last_valid_date,
            )
            live = [row for row in live if row.last_valid_date >= today]
            assert len(live) <= 2
            if len(live) == 2:
                overlap = live[0].last_valid_date - live[1].issue_date
                assert overlap.days <= RENEWAL_WINDOW_DAYS

    @invariant()
    def every_certificate_is_explained(self) -> None:
        """I-2 and I-4: its reception is in the same state, its intent was journaled, what was signed was linted."""
        for user in self._users():
            for row in self._certificates(user):
                with self.database.reading() as session:
                    case = session.get_one(Case, row.case_pk)
                    intent = session.exec(
                        select(JournalEntry.pk).where(
                            col(JournalEntry.tag) == EventTag.ISSUE_SIGNING,
                            col(JournalEntry.serial) == row.serial,
                        )
                    ).all()
                assert len(intent) == 1
                assert row.state in STATE_OF.get(case.state, set()) | ENDED
                if row.der is not None:
                    digest = Hash(SHA256())
                    digest.update(x509.load_der_x509_certificate(row.der).tbs_certificate_bytes)
                    assert digest.finalize().hex() == row.tbs_sha256

    def _users(self) -> list[User]:
        return getattr(self, "users", [])

    def _certificates(self, user: User) -> list[Certificate]:
        with self.database.reading() as session:
            return list(session.exec(select(Certificate).where(col(Certificate.user_pk) == user.pk)))

    def _keep(self, who: int, reception_no: str) -> None:
        self.cases[who] = reception_no

    def _tried(self, act: Callable[[], object]) -> None:
        """Refusals are part of the day; an open result is not, because nothing was cut here."""
        try:
            act()
        except KioskError as refusal:
            if refusal.aftermath is Aftermath.UNKNOWN:
                raise

    def _empty_the_stick(self) -> None:
        for file in self.counter.sticks.rglob("*.p12"):
            file.unlink()


Day.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=18,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
TestADay = pytest.mark.timeout(400)(pytest.mark.rule("I-1", "I-2", "I-4", "I-8", "I-9", "I-13")(Day.TestCase))
