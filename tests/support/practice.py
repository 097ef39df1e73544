"""A practice counter for screen tests: the real services of `kiosk demo` on SQLite, with a clock that stands still."""

import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from db.database import Database
from kiosk.bootstrap import open_services
from kiosk.media.directory import DirectoryMedia
from kiosk.rules.cases import CaseState
from kiosk.rules.operations import IssueKind, Transaction
from kiosk.rules.revocation import RevocationReason
from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.services.approved.views import Revoked, RevokeRequest
from kiosk.services.bundle import Services
from kiosk.services.staff.passwords import PasswordHasher
from kiosk.services.views import HandOverCheck, Ready
from kiosk.training.people import STAFF_PASSWORD, USER_PASSWORD
from kiosk.training.setting_up import set_up, settings_of
from tests.support.clock import SteppedClock
from tests.support.counters import a_form

CODE = re.compile(r"\b\d{6}\b")


def hashing_cheaply(key: bytes) -> PasswordHasher:
    """A screen does not know what a hash costs; at the costs in force every password takes a tenth of a second."""
    return PasswordHasher(key=key, time_cost=1, memory_kib=64)


@dataclass(frozen=True, kw_only=True)
class Practice:
    """The counter, who works at it, and what a test may look at behind the glass."""

    services: Services
    clock: SteppedClock
    actor: Actor
    """`op001`, a clerk."""
    sticks: Path
    """Each folder in it is a stick in a port."""

    @property
    def code(self) -> str:
        """The six digits of the newest letter with a code in the training post box."""
        letters = self.services.notices.training_mailbox(9)
        found = next((CODE.search(one.body) for one in letters if "認証コード" in one.subject), None)
        assert found is not None
        return found.group()

    def user_pk(self, user_id: str) -> int:
        """Of a practice user."""
        return self.services.customers.by_user_id(self.actor, user_id).user_pk

    def received(self, **form: object) -> str:
        """Step 1, done; the reception number."""
        return self.services.casework.open(self.actor, a_form(**form)).reception_no

    def reception(self, user_id: str = "koushin01", medium_no: str = "M0001", **form: object) -> str:
        """Steps 1 to 3, done; its number."""
        casework, actor = self.services.casework, self.actor
        number = self.received(**form)
        case = casework.choose_user(actor, number, self.user_pk(user_id))
        assert case.card is not None
        allowed = {action.transaction for action in case.card.next_actions if action.allowed}
        transaction = next(kind.transaction for kind in IssueKind if kind.transaction in allowed)
        casework.choose_transaction(actor, number, transaction)
        casework.set_medium(actor, number, medium_no, "")
        return number

    def issues(self, user_id: str, medium_no: str = "M0001") -> Path:
        """Steps 1 to 9; the p12 on the stick that the customer takes home."""
        services, actor = self.services, self.actor
        number = self.reception(user_id, medium_no)
        services.authenticating.submit_password(actor, number, user_id, Secret(USER_PASSWORD))
        services.authenticating.submit_code(actor, number, Secret(self.code))
        ready = self.signs(number)
        ref = services.delivering.sticks()[0].ref
        delivered = services.delivering.deliver(actor, ready, ref, lambda _: None)
        services.handing_over.hand_over(actor, number, frozenset(HandOverCheck))
        (file,) = self.sticks.rglob(delivered.file_name)
        return file

    def signs(self, number: str) -> Ready:
        """Step 6, with the dates that it shows."""
        issuing, actor = self.services.issuing, self.actor
        day = issuing.preview(actor, number).issue_date
        return issuing.sign(actor, number, secrets.token_hex(16), lambda _: None, shown=day)

    def revokes(self, user_id: str, serial: str) -> Revoked:
        """Transaction 201 with the approval of `op002`: stored, listed, published, and the web system told."""
        services, actor = self.services, self.actor
        number = self.received()
        services.casework.choose_user(actor, number, self.user_pk(user_id))
        services.casework.choose_transaction(actor, number, Transaction.REVOKE)
        request = RevokeRequest(serial=serial, reason=RevocationReason.PC_LOST)
        asked = services.approving.ask(actor, number, request)
        password = Secret(STAFF_PASSWORD)
        services.approving.approve_here(actor, asked.approval_pk, asked.digest, "op002", password)
        return services.revoking.execute(actor, number)

    def state(self, reception_no: str) -> CaseState:
        """How far a reception is."""
        return self.services.casework.case(self.actor, reception_no).state

    def certificates(self, user_id: str = "koushin01") -> list[str]:
        """The states of a user's certificates, live ones first."""
        card = self.services.customers.by_user_id(self.actor, user_id)
        return [str(one.state) for one in card.certificates]

    @property
    def database(self) -> Database:
        """The registry."""
        return self.services.casework.desk.database

    @property
    def media(self) -> DirectoryMedia:
        """The sticks, to put a fault into."""
        media = self.services.delivering.media
        assert isinstance(media, DirectoryMedia)
        return media

    def files_on(self, stick: str) -> list[str]:
        """The names of the files on a stick."""
        return sorted(path.name for path in (self.sticks / stick).iterdir())


@pytest.fixture(scope="session")
def practice_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Making people and certificates takes a second or two; copying them does not."""
    folder = tmp_path_factory.mktemp("practice-template") / "data"
    set_up(folder, clock=SteppedClock(), hashing=hashing_cheaply)
    return folder


@pytest.fixture
def approval_settings() -> dict[str, bool]:
    """Where a second person is asked; what `kiosk demo` has, unless a test says so."""
    return {}


@pytest.fixture
def practice(
    practice_template: Path, tmp_path: Path, approval_settings: dict[str, bool]
) -> Iterator[Practice]:
    """A fresh practice counter, its signer unlocked and its self-check done, with `op001` signed on."""
    folder = tmp_path / "data"
    shutil.copytree(practice_template, folder)
    settings = settings_of(folder)
    settings = settings.model_copy(
        update={"approval": settings.approval.model_copy(update=approval_settings)}
    )
    clock = SteppedClock()
    services = open_services(settings, clock=clock, hashing=hashing_cheaply)
    try:
        services.unlock_signer()
        services.self_check.run()
        actor = services.signing_in.sign_in("op001", Secret(STAFF_PASSWORD))
        assert settings.media.directory is not None
        yield Practice(services=services, clock=clock, actor=actor, sticks=settings.media.directory)
    finally:
        services.close()
