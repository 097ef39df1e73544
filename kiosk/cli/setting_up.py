"""The first day of a branch: `kiosk init`, `kiosk ca init`, `kiosk ca import`."""

from db.migrations.running import is_empty, upgrade
from kiosk.audit.events import EventTag
from kiosk.bootstrap import open_foundation, open_registry
from kiosk.cli.answers import Answer, ask_secret
from kiosk.cli.arguments import Arguments
from kiosk.clock import SystemClock
from kiosk.config import Settings, load_settings
from kiosk.errors import KeyGone
from kiosk.keys import CODE_KEY, PASSWORD_KEY, has_key, make_folder, make_key
from kiosk.pki.ca_creation import CaName, NewCa, create, import_ca
from kiosk.pki.signer import KeyAlgorithm
from kiosk.services.crl.publishing import adopt_published
from kiosk.services.staff.staffing import Staffing

ROLE = "command"
"""Commands write a chain of their own in the journal."""


def init(arguments: Arguments) -> Answer:
    """Keys, folders, the registry at this version, the terminal of the settings; running it again changes nothing.

    Raises `KeyGone` for a registry whose passwords were kept under another key than the one it would make.
    """
    settings = load_settings(arguments.settings)
    data = settings.paths.data
    make_folder(data)
    for folder in (settings.paths.crl, settings.paths.checkpoints):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    with open_registry(settings.database) as database:
        if is_empty(database):
            make_key(data, PASSWORD_KEY)
        elif not has_key(data, PASSWORD_KEY):
            raise KeyGone(path=str(data / PASSWORD_KEY))
        make_key(data, CODE_KEY)
        upgrade(database)
    base = open_foundation(settings, role=ROLE)
    with base.database:
        terminal = Staffing(desk=base.desk, hasher=base.hasher).register_terminal(
            settings.terminal.branch_no,
            settings.terminal.terminal_no,
            branch_name=arguments.branch_name,
            branch_phone=arguments.branch_phone,
        )
    return Answer(
        facts={
            "data": str(settings.paths.data),
            "branch": f"{terminal.branch_no} {terminal.branch_name}",
            "terminal": terminal.terminal_no,
            "ca": str(settings.paths.ca) if settings.paths.ca.is_dir() else None,
        }
    )


def ca_init(arguments: Arguments) -> Answer:
    """Make the CA; its passphrase is in the answer, once and never again."""
    settings = load_settings(arguments.settings)
    base = open_foundation(settings, role=ROLE)
    with base.database:
        made = create(
            settings.paths.ca,
            name=CaName(organization=arguments.organization, common_name=arguments.common_name),
            now=SystemClock().now(),
            algorithm=KeyAlgorithm(arguments.algorithm),
            training=settings.training,
            crl_folder=settings.paths.crl,
        )
        adopt_published(base.desk, made.facts.key_id, made.crl_number)
        base.desk.note(None, EventTag.CA_CREATED, key_id=made.facts.key_id, subject=made.facts.subject)
    return _told(settings, made)


def ca_import(arguments: Arguments) -> Answer:
    """Take over a CA; its key is encrypted anew, and the new passphrase is in the answer, once."""
    settings = load_settings(arguments.settings)
    base = open_foundation(settings, role=ROLE)
    with base.database, ask_secret("Passphrase of the key") as passphrase:
        made = import_ca(
            settings.paths.ca,
            key_pem=arguments.key.read_bytes(),
            key_passphrase=passphrase or None,
            certificate_pem=arguments.certificate.read_bytes(),
            now=SystemClock().now(),
            crl_folder=settings.paths.crl,
            last_crl_number=arguments.last_crl_number,
        )
        adopt_published(base.desk, made.facts.key_id, made.crl_number)
        base.desk.note(None, EventTag.CA_IMPORTED, key_id=made.facts.key_id, subject=made.facts.subject)
    return _told(settings, made)


def _told(settings: Settings, made: NewCa) -> Answer:
    return Answer(
        facts={
            "ca": str(settings.paths.ca),
            "subject": made.facts.subject,
            "key_id": made.facts.key_id,
            "valid_until": made.facts.not_after,
            "crl": str(settings.paths.crl),
            "crl_number": made.crl_number,
            "passphrase (write it down now; it is not stored)": made.passphrase.reveal(),
        }
    )
