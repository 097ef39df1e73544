"""Builds everything, once, and hands it over by keyword: the only module that knows every class."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy.engine import make_url

from db.database import Database, open_database
from db.migrations.running import is_current, is_empty
from kiosk.account import running_account
from kiosk.audit.keeping import CheckpointFile
from kiosk.audit.trail import Trail
from kiosk.clock import Clock, SystemClock
from kiosk.config import DatabaseSettings, Settings
from kiosk.errors import MAKE_CA, KioskError, NotSetUp, RegistryGone
from kiosk.keys import CODE_KEY, PASSWORD_KEY, read_key, require_key, require_password_key
from kiosk.mail.choosing import mailer_for
from kiosk.mail.texts import load_texts
from kiosk.media.choosing import media_for
from kiosk.media.volumes import Media
from kiosk.pki.ca_files import CaFolder
from kiosk.pki.profiles import Profile
from kiosk.pki.signer import KeyAlgorithm, P12Flavour, Signer
from kiosk.pki.signer_process import SignerProcess
from kiosk.secret import Secret
from kiosk.services.approved.approving import Approving
from kiosk.services.approved.asking import Askable
from kiosk.services.approved.revoking import Revoking
from kiosk.services.approved.unblocking import Unblocking
from kiosk.services.bundle import Services
from kiosk.services.counter.authenticating import Authenticating
from kiosk.services.counter.casework import Casework
from kiosk.services.counter.customers import Customers
from kiosk.services.counter.delivering import Delivering
from kiosk.services.counter.gate import IssueGate
from kiosk.services.counter.handing_over import HandingOver
from kiosk.services.counter.issuing import Issuing
from kiosk.services.counter.parking import Parking
from kiosk.services.counter.recovering import Recovering
from kiosk.services.counter.settling import Settling
from kiosk.services.crl.hook import Hook
from kiosk.services.crl.publishing import Publishing
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.held import HeldPasswords
from kiosk.services.desk.outbox import CodeVault
from kiosk.services.letters.letters import Letters
from kiosk.services.letters.notices import Notices
from kiosk.services.media.stock import Stock
from kiosk.services.overview.board import Boards
from kiosk.services.overview.expiring import Renewals
from kiosk.services.overview.inquiring import Inquiries
from kiosk.services.overview.journal import Journal
from kiosk.services.staff.passwords import PasswordHasher
from kiosk.services.staff.proving import PasswordVerifier, StaffProof, Strangers
from kiosk.services.staff.signing_in import SigningIn
from kiosk.services.staff.staffing import Staffing
from kiosk.services.upkeep.checking import SelfCheck
from kiosk.services.upkeep.chores import Chores
from kiosk.services.upkeep.forgetting import Forgetting
from kiosk.services.upkeep.jobs import Jobs
from kiosk.services.upkeep.starting import Starting, this_terminal
from kiosk.services.upkeep.staying import Staying
from kiosk.terminal_lock import take_terminal

if TYPE_CHECKING:
    from kiosk.services.media.registering import Registering

CHECKPOINTS: Final = "checkpoints.jsonl"
BY_ITSELF: Final = frozenset({"screen", "training"})
"""Programs that somebody signs on to; every other one is run by an account of the machine."""

Passphrase = Callable[[], Secret | None]
"""Gives the passphrase of the CA key whenever the signer starts; None while nobody has entered one."""
Hashing = Callable[[bytes], PasswordHasher]
"""Gives what hashes passwords under the key of the data folder."""


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What a command needs that does not stand at the counter: registry, journal, hashes."""

    settings: Settings
    database: Database
    desk: Desk
    hasher: PasswordHasher


def hashing_in_force(key: bytes) -> PasswordHasher:
    """At the costs of the threat model."""
    return PasswordHasher(key=key)


def open_foundation(
    settings: Settings, *, role: str, clock: Clock | None = None, hashing: Hashing = hashing_in_force
) -> Foundation:
    """Registry and journal, for the process that writes the chain `branch/terminal/role`.

    Raises `NotSetUp` for a folder without keys or a registry without this version's tables, `KeyGone` and
    `RegistryGone` where there is a CA and not the rest, `FilesNotOurs`, `DatabaseUnavailable`, `SettingsWrong`.
    """
    data = settings.paths.data
    require_password_key(data, settings.paths.ca)
    hasher = hashing(read_key(data, PASSWORD_KEY))
    database = open_registry(settings.database)
    node = f"{settings.terminal.branch_no}/{settings.terminal.terminal_no}/{role}"
    run_by = None if role in BY_ITSELF else running_account()
    desk = Desk(database=database, clock=clock or SystemClock(), trail=Trail(node), run_by=run_by)
    with desk.reaching():
        if not is_current(database):
            gone = settings.paths.ca.is_dir() and is_empty(database)
            raise RegistryGone if gone else NotSetUp(missing="schema")
    return Foundation(settings=settings, database=database, desk=desk, hasher=hasher)


def open_registry(settings: DatabaseSettings) -> Database:
    """The registry the settings name; its password is read from its file now. Raises `SettingsWrong`."""
    url = make_url(settings.url)
    password = settings.password()
    if password is not None:
        url = url.set(password=password.reveal())
    return open_database(url.render_as_string(hide_password=False), wal=settings.wal)


def open_signer(settings: Settings, passphrase: Passphrase) -> SignerProcess:
    """The signing process of the settings, not started yet. Raises `NotSetUp` where there is no CA."""
    if not settings.paths.ca.is_dir():
        raise NotSetUp(missing=str(settings.paths.ca), command=MAKE_CA)
    return SignerProcess(settings.paths.ca, profile_of(settings), passphrase=passphrase)


def self_check_of(base: Foundation, signer: Signer) -> SelfCheck:
    """The checks of these settings, not run yet."""
    settings = base.settings
    registering = registering_of(base) if settings.media.mode == "registered" else None
    return SelfCheck(
        desk=base.desk,
        signer=signer,
        kept=CheckpointFile(settings.paths.checkpoints / CHECKPOINTS),
        crl_folder=settings.paths.crl,
        data_folder=settings.paths.data,
        p12_flavour=P12Flavour(settings.certificate.p12_flavour),
        p12_flavour_reason=settings.certificate.p12_flavour_reason,
        media=None if settings.media.adapter == "none" else media_of(base, registering),
        register=None if registering is None else registering.in_force,
    )


def registering_of(base: Foundation) -> "Registering":
    """The bank's list of media; needs no key of the CA to be read."""
    from kiosk.services.media.registering import Registering  # noqa: PLC0415  # few counters have such a list

    ca = CaFolder(base.settings.paths.ca)
    return Registering(desk=base.desk, public_key=lambda: ca.facts().attestation_public_key)


def media_of(base: Foundation, registering: "Registering | None" = None) -> Media:
    """The sticks of these settings; `registering` says which of them may be used, where only some may."""
    admits = None if registering is None else registering.admits
    return media_for(base.settings, clock=base.desk.clock, registered=admits)


def notices_of(base: Foundation, vault: CodeVault | None = None) -> Notices:
    """What sends letters. Raises `SettingsWrong` when a text of the organization's own does not hold."""
    settings = base.settings
    return Notices(
        desk=base.desk,
        vault=vault or CodeVault(),
        mailer=mailer_for(settings),
        mail=settings.mail,
        language=settings.letter_language,
        training=settings.training,
        texts=load_texts(settings.mail.texts),
        stubs_in=settings.paths.data / "stubs",
    )


def jobs_of(base: Foundation, signer: Signer) -> Jobs:
    """What has to be done by itself, not run yet."""
    paths = base.settings.paths
    return Jobs(
        desk=base.desk,
        signer=signer,
        publishing=publishing_of(base, signer),
        kept=CheckpointFile(paths.checkpoints / CHECKPOINTS),
    )


def publishing_of(base: Foundation, signer: Signer) -> Publishing:
    """Publishes the lists of these settings."""
    settings = base.settings
    hook = Hook(command=settings.crl.after_publishing, seconds=settings.crl.after_publishing_seconds)
    return Publishing(desk=base.desk, signer=signer, folder=settings.paths.crl, hook=hook)


def profile_of(settings: Settings) -> Profile:
    """What every certificate of these settings looks like. Raises `ProfileWrong` when one cannot."""
    chosen = settings.certificate
    return Profile(
        policy_oid=chosen.policy_oid,
        crl_url=chosen.crl_url,
        ca_issuers_url=chosen.ca_issuers_url,
        p12_flavour=P12Flavour(chosen.p12_flavour),
        p12_flavour_reason=chosen.p12_flavour_reason,
        root_in_p12=chosen.root_in_p12,
    )


def open_services(
    settings: Settings,
    *,
    clock: Clock | None = None,
    passphrase: Passphrase | None = None,
    hashing: Hashing = hashing_in_force,
) -> Services:
    """Everything the counter needs, after start-up has settled what an earlier run left behind (E-85).

    Raises `TerminalInUse` and what `open_foundation` raises. A CA key that is locked keeps issuing
    closed and nothing else.
    """
    opened = ExitStack()
    try:
        opened.callback(take_terminal(settings.paths.data))
        base = open_foundation(settings, role="screen", clock=clock, hashing=hashing)
        opened.callback(base.database.dispose)
        signer = open_signer(settings, passphrase or settings.certificate.ca_passphrase)
        opened.callback(signer.close)
        return _Building(base, signer, opened).services()
    except BaseException:
        opened.close()
        raise


def start(services: Services) -> None:
    """What can wait until the screen stands: unlock the signer, run the self-check, begin the chores.

    A signer that stays locked is told by the self-check, which keeps issuing closed.
    """
    with suppress(KioskError):
        services.unlock_signer()
    services.self_check.run()
    services.chores.start()


class _Building:
    """The wiring of one counter."""

    def __init__(self, base: Foundation, signer: SignerProcess, opened: ExitStack) -> None:
        self.settings = base.settings
        self.base = base
        self.desk = base.desk
        self.signer = signer
        self.opened = opened
        self.terminal = this_terminal(
            base.desk, base.settings.terminal.branch_no, base.settings.terminal.terminal_no
        )
        self.hours = base.settings.service_hours.rule()
        self.key_algorithm = KeyAlgorithm(base.settings.certificate.key_algorithm)
        self.passwords = HeldPasswords(forget_ahead=signer.expect_nothing)
        self.vault = CodeVault()
        self.kept = CheckpointFile(base.settings.paths.checkpoints / CHECKPOINTS)
        only_registered = base.settings.media.mode == "registered"
        self.media = media_of(base, registering_of(base) if only_registered else None)
        self.notices = notices_of(base, self.vault)
        self.publishing = publishing_of(base, signer)
        opened.callback(self.publishing.settle)
        self.self_check = self_check_of(base, signer)
        self.proof = StaffProof(
            desk=self.desk,
            terminal=self.terminal,
            verifier=PasswordVerifier(hasher=base.hasher),
            strangers=Strangers(),
        )
        self.gate = IssueGate(closed_by=self.self_check.closed_by, can_mail=lambda: self.notices.can_send)
        self.askable = Askable(hours=self.hours, issuing_closed=self.gate.refusal)

    def services(self) -> Services:
        """Build the use cases and settle what an earlier run left behind."""
        publish = self.publishing.publish_after_revocation
        recovering = Recovering(
            desk=self.desk,
            signer=self.signer,
            terminal_pk=self.terminal.terminal_pk,
            publish_crl=publish,
        )
        staying = Staying(desk=self.desk, terminal_pk=self.terminal.terminal_pk)
        staying.say()
        recovered = recovering.recover()
        forgetting = Forgetting(
            desk=self.desk,
            passwords=self.passwords,
            vault=self.vault,
            terminal_pk=self.terminal.terminal_pk,
        )
        chores = Chores(
            desk=self.desk,
            stay=staying.say,
            forget=forgetting.forget,
            check=self.self_check.run_when_due,
            notices=self.notices,
            jobs=jobs_of(self.base, self.signer),
        )
        starting = Starting(
            desk=self.desk,
            terminal=self.terminal,
            settings={line.key: line.value for line in self.settings.in_force()},
        )
        starting.begin()
        self.opened.callback(_at_the_end, chores, starting)
        return Services(
            settings=self.settings,
            terminal=self.terminal,
            recovered=recovered,
            signing_in=SigningIn(
                desk=self.desk,
                terminal=self.terminal,
                verifier=self.proof.verifier,
                passwords=self.passwords,
                strangers=self.proof.strangers,
            ),
            customers=Customers(desk=self.desk, hours=self.hours),
            casework=Casework(
                desk=self.desk,
                hours=self.hours,
                passwords=self.passwords,
                gate=self.gate,
                numbered_media=self.settings.media.numbered,
            ),
            authenticating=self._authenticating(),
            issuing=self._issuing(publish),
            delivering=Delivering(desk=self.desk, signer=self.signer, media=self.media, publish_crl=publish),
            handing_over=HandingOver(desk=self.desk, signer=self.signer, publish_crl=publish),
            recovering=recovering,
            publishing=self.publishing,
            notices=self.notices,
            letters=Letters(desk=self.desk, server=self.notices.can_send),
            boards=Boards(desk=self.desk),
            inquiries=Inquiries(desk=self.desk),
            stock=Stock(desk=self.desk),
            settling=Settling(desk=self.desk, signer=self.signer, publish_crl=publish),
            parking=Parking(desk=self.desk, passwords=self.passwords),
            renewals=Renewals(desk=self.desk, export_folder=self.settings.export_folder),
            self_check=self.self_check,
            journal=Journal(
                desk=self.desk,
                public_key=lambda: self.signer.facts().attestation_public_key,
                kept=self.kept,
            ),
            staffing=Staffing(desk=self.desk, hasher=self.base.hasher),
            approving=Approving(desk=self.desk, askable=self.askable, proof=self.proof),
            revoking=Revoking(
                desk=self.desk,
                signer=self.signer,
                askable=self.askable,
                hours=self.hours,
                emergency_by_one_clerk=self.settings.approval.emergency_by_one_clerk,
                next_list=self.publishing.next_list,
            ),
            unblocking=Unblocking(desk=self.desk, hours=self.hours, askable=self.askable),
            chores=chores,
            unlock_signer=self.signer.start,
            close=self.opened.close,
        )

    def _authenticating(self) -> Authenticating:
        require_key(self.settings.paths.data, CODE_KEY)
        return Authenticating(
            desk=self.desk,
            hasher=self.base.hasher,
            vault=self.vault,
            passwords=self.passwords,
            hours=self.hours,
            code_key=read_key(self.settings.paths.data, CODE_KEY),
            get_ready=lambda password: self.signer.expect(password, self.key_algorithm),
            send_now=self.notices.send_now,
            needs_approval=self.settings.approval.for_issue,
        )

    def _issuing(self, publish: Callable[[], None]) -> Issuing:
        return Issuing(
            desk=self.desk,
            signer=self.signer,
            passwords=self.passwords,
            hours=self.hours,
            key_algorithm=self.key_algorithm,
            profile_name=Profile.NAME,
            publish_crl=publish,
            gate=self.gate,
            numbered_media=self.settings.media.numbered,
            needs_approval=self.settings.approval.for_issue,
        )


def _at_the_end(chores: Chores, starting: Starting) -> None:
    """The last entry, and a checkpoint over it; a registry that is away must not keep the program from ending."""
    chores.stop()
    with suppress(KioskError):
        starting.end()
    chores.run(closing=True)
