"""A whole counter for service tests: registry, signer, sticks and post box, with every use case of a reception.

The signer runs in the test's own process and the stick is a folder; both are the real classes. Letters with codes land
in a `PostBox`, because a service test reads the code and nothing else of the mail.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp

import pytest

from db.database import Database
from db.tables import User
from kiosk.clock import Clock
from kiosk.media.directory import DirectoryMedia
from kiosk.media.volumes import StickRef
from kiosk.pki import pkcs12
from kiosk.pki.ca_creation import CaName, create
from kiosk.pki.ca_files import CaFolder
from kiosk.pki.local_signer import LocalSigner
from kiosk.pki.profiles import Profile
from kiosk.pki.signer import KeyAlgorithm
from kiosk.rules.operations import IssueKind, Transaction, TransactionFamily, family_of
from kiosk.rules.service_hours import ServiceHours
from kiosk.rules.validity import jst_date
from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.services.approved.approving import Approving
from kiosk.services.approved.asking import Askable
from kiosk.services.approved.revoking import Revoking
from kiosk.services.approved.unblocking import Unblocking
from kiosk.services.counter.authenticating import Authenticating
from kiosk.services.counter.casework import Casework
from kiosk.services.counter.delivering import Delivering
from kiosk.services.counter.gate import IssueGate
from kiosk.services.counter.handing_over import HandingOver
from kiosk.services.counter.issuing import Issuing
from kiosk.services.counter.recovering import Recovering
from kiosk.services.crl.drafts import NextList
from kiosk.services.crl.publishing import Publishing, adopt_published
from kiosk.services.desk.held import HeldPasswords
from kiosk.services.desk.outbox import CodeVault
from kiosk.services.staff.proving import PasswordVerifier, StaffProof, Strangers
from kiosk.services.views import (
    CaseView,
    Channel,
    Delivered,
    DocumentType,
    HandOverCheck,
    IssueStage,
    Ready,
    ReceptionCheck,
    ReceptionForm,
    VisitorKind,
)
from tests.support.builders import HASHER, PASSWORD, a_desk, a_medium, an_actor
from tests.support.clock import MONDAY_MORNING, SteppedClock

ALWAYS_OPEN = ServiceHours(
    opens=MONDAY_MORNING.time(),
    closes=MONDAY_MORNING.time(),
    closed_weekdays=frozenset(),
    closed_days=frozenset(),
    closed_yearly=frozenset(),
    enforced=False,
)
ALWAYS_OPEN_GATE = IssueGate(closed_by=tuple, can_mail=lambda: True)
PROFILE = Profile(
    policy_oid="1.3.6.1.4.1.32473.1.1",
    crl_url="http://pki.example.jp/madoguchi.crl",
    ca_issuers_url="http://pki.example.jp/madoguchi.cer",
)


@cache
def _template_ca() -> tuple[Path, Secret, int]:
    """One CA for all tests of a run: making one is slow, copying its folder is not."""
    place = Path(mkdtemp(prefix="ca-template-"))
    crl = place / "crl"
    crl.mkdir()
    made = create(
        place / "ca",
        name=CaName(organization="テスト労働金庫", common_name="Test Client CA"),
        now=MONDAY_MORNING,
        algorithm=KeyAlgorithm.P_256,
        training=True,
        crl_folder=crl,
        rounds=1_000,
    )
    return place, made.passphrase, made.crl_number


@dataclass
class PostBox:
    """Takes the code of a queued letter out of the vault, as the mailer does; `broken` loses every letter."""

    vault: CodeVault
    clock: Clock
    codes: list[str] = field(default_factory=list)
    broken: bool = False

    def send_now(self, notice_pk: int) -> bool:
        """Deliver one letter with a code."""
        code = self.vault.take(notice_pk, self.clock.now())
        if self.broken or code is None:
            return False
        self.codes.append(code.reveal())
        return True


@dataclass(kw_only=True)
class Counter:
    """One terminal with its operator, its customer and a stick in the port."""

    database: Database
    clock: SteppedClock
    actor: Actor
    post: PostBox
    passwords: HeldPasswords
    signer: LocalSigner
    media: DirectoryMedia
    sticks: Path
    crl: Path
    casework: Casework
    authenticating: Authenticating
    issuing: Issuing
    delivering: Delivering
    handing_over: HandingOver
    publishing: Publishing
    recovering: Recovering
    approving: Approving
    revoking: Revoking
    unblocking: Unblocking
    stages: list[IssueStage] = field(default_factory=list)

    def opens_case(self, user: User, transaction: Transaction | None = None, **other: object) -> CaseView:
        """Steps 1 to 3 for a user who came in person; the program decides the kind of issue unless told otherwise.

        An issue has its medium, too.
        """
        case = self.casework.open(self.actor, a_form(**other))
        case = self.casework.choose_user(self.actor, case.reception_no, user.pk)
        if transaction is None:
            assert case.card is not None
            allowed = [action.transaction for action in case.card.next_actions if action.allowed]
            transaction = next(kind.transaction for kind in IssueKind if kind.transaction in allowed)
        case = self.casework.choose_transaction(self.actor, case.reception_no, transaction)
        if family_of(transaction) is not TransactionFamily.ISSUE:
            return case
        medium = a_medium(self.database, branch_pk=self.actor.terminal.branch_pk)
        return self.casework.set_medium(self.actor, case.reception_no, medium.medium_no, "")

    def authenticates(self, reception_no: str, user: User) -> None:
        """Steps 4 and 5 with the right password and the right code."""
        self.authenticating.submit_password(self.actor, reception_no, user.user_id, Secret(PASSWORD))
        self.authenticating.submit_code(self.actor, reception_no, Secret(self.post.codes[-1]))

    def signs(self, reception_no: str) -> Ready:
        """Step 6."""
        return self.issuing.sign(
            self.actor, reception_no, secrets.token_hex(16), self.stages.append, shown=self.day()
        )

    def day(self) -> date:
        """The issue day that step 6 shows now."""
        return jst_date(self.clock.now())

    def delivers(self, ready: Ready) -> Delivered:
        """Step 7, onto the stick in the port."""
        return self.delivering.deliver(self.actor, ready, self.stick(), self.stages.append)

    def stick(self) -> StickRef:
        """The first stick that is plugged in."""
        return self.delivering.sticks()[0].ref

    def hands_over(self, ready: Ready) -> None:
        """Steps 7 to 9: written, verified, handed over with every check made; the port is empty again."""
        self.delivers(ready)
        self.handing_over.hand_over(self.actor, ready.reception_no, frozenset(HandOverCheck))
        for file in self.sticks.rglob("*.p12"):
            file.unlink()

    def issues(self, user: User) -> Ready:
        """Everything up to a certificate whose p12 lies in memory."""
        case = self.opens_case(user)
        self.authenticates(case.reception_no, user)
        return self.signs(case.reception_no)


def a_form(**other: object) -> ReceptionForm:
    """A complete form of a user who came in person."""
    values: dict[str, object] = {
        "form_no": "F000001",
        "channel": Channel.COUNTER,
        "visitor_kind": VisitorKind.SELF,
        "visitor_name": "訓練 太郎",
        "document_type": DocumentType.DRIVING_LICENCE,
        "document_last4": "1234",
        "checks": frozenset(ReceptionCheck),
        "operation_id": secrets.token_hex(16),
    } | other
    return ReceptionForm(**values)  # type: ignore[arg-type]  # values by name, checked by the dataclass


def build_counter(
    database: Database,
    folder: Path,
    clock: SteppedClock,
    actor: Actor | None = None,
    *,
    approval_for_issue: bool = False,
    emergency_by_one_clerk: bool = False,
) -> Counter:
    """A counter on `database` whose files lie below `folder`; two of them on one database are two terminals."""
    template, passphrase, crl_number = _template_ca()
    if not (folder / "ca").exists():
        copytree(template, folder, dirs_exist_ok=True)
    signer = LocalSigner(CaFolder(folder / "ca"), PROFILE).unlock(passphrase)
    actor = actor or an_actor(database)
    desk = a_desk(database, clock)
    vault, passwords = CodeVault(), HeldPasswords(forget_ahead=signer.expect_nothing)
    post = PostBox(vault=vault, clock=clock)
    sticks = folder / "sticks"
    (sticks / "stick-A").mkdir(parents=True, exist_ok=True)
    media = DirectoryMedia(sticks, training=True, clock=clock)
    publishing = Publishing(desk=desk, signer=signer, folder=folder / "crl")
    adopt_published(desk, signer.facts().key_id, crl_number)
    publish: Callable[[], None] = publishing.publish_after_revocation
    askable = Askable(hours=ALWAYS_OPEN, issuing_closed=ALWAYS_OPEN_GATE.refusal)
    proof = StaffProof(
        desk=desk,
        terminal=actor.terminal,
        verifier=PasswordVerifier(hasher=HASHER),
        strangers=Strangers(),
    )
    return Counter(
        database=database,
        clock=clock,
        actor=actor,
        post=post,
        passwords=passwords,
        signer=signer,
        media=media,
        sticks=sticks,
        crl=folder / "crl",
        casework=Casework(
            desk=desk, hours=ALWAYS_OPEN, passwords=passwords, gate=ALWAYS_OPEN_GATE, numbered_media=True
        ),
        authenticating=Authenticating(
            desk=desk,
            hasher=HASHER,
            vault=vault,
            passwords=passwords,
            hours=ALWAYS_OPEN,
            code_key=bytes(32),
            get_ready=lambda password: signer.expect(password, KeyAlgorithm.P_256),
            send_now=post.send_now,
            needs_approval=approval_for_issue,
        ),
        issuing=Issuing(
            desk=desk,
            signer=signer,
            passwords=passwords,
            hours=ALWAYS_OPEN,
            key_algorithm=KeyAlgorithm.P_256,
            profile_name=Profile.NAME,
            publish_crl=publish,
            gate=ALWAYS_OPEN_GATE,
            numbered_media=True,
            needs_approval=approval_for_issue,
        ),
        delivering=Delivering(desk=desk, signer=signer, media=media, publish_crl=publish),
        handing_over=HandingOver(desk=desk, signer=signer, publish_crl=publish),
        publishing=publishing,
        recovering=Recovering(
            desk=desk, signer=signer, terminal_pk=actor.terminal.terminal_pk, publish_crl=publish
        ),
        approving=Approving(desk=desk, askable=askable, proof=proof),
        revoking=Revoking(
            desk=desk,
            signer=signer,
            askable=askable,
            hours=ALWAYS_OPEN,
            emergency_by_one_clerk=emergency_by_one_clerk,
            next_list=lambda: _noted(publishing),
        ),
        unblocking=Unblocking(desk=desk, hours=ALWAYS_OPEN, askable=askable),
    )


@contextmanager
def _noted(publishing: Publishing) -> Iterator[NextList]:
    """The list of a revocation, and its note as well: tests look at the registry at once."""
    with publishing.next_list() as crl:
        yield crl
    publishing.settle()


@pytest.fixture
def clock() -> SteppedClock:
    """Monday, 2 March 2026, 10:00 in Japan, until the test moves it."""
    return SteppedClock()


@pytest.fixture
def counter(
    database: Database, tmp_path: Path, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Counter]:
    """A counter with a clerk, on each database in turn.

    Its p12 files are cheap to open on purpose; the rounds in force are tested where they belong.
    """
    monkeypatch.setattr(pkcs12, "ROUNDS", 1_000)
    built = build_counter(database, tmp_path, clock)
    yield built
    built.publishing.settle()
    built.signer.close()
