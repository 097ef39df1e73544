"""`kiosk media import`, `kiosk media list`: the bank's list of media that may be used."""

from kiosk.bootstrap import open_foundation, open_signer, registering_of
from kiosk.cli.answers import Answer, Exit
from kiosk.cli.arguments import Arguments
from kiosk.cli.lists import passphrase_of
from kiosk.cli.setting_up import ROLE
from kiosk.config import load_settings
from kiosk.errors import BadInput
from kiosk.rules.validity import jst_date


def media_import(arguments: Arguments) -> Answer:
    """Put a list in the place of the one in force, signed with the CA's attestation key."""
    try:
        data = arguments.file.read_bytes()
    except OSError:
        raise BadInput(field="file", problem=str(arguments.file)) from None
    settings = load_settings(arguments.settings)
    base = open_foundation(settings, role=ROLE)
    with base.database, open_signer(settings, passphrase_of(settings)) as signer:
        registering = registering_of(base)
        key_id = signer.facts().key_id
        register = registering.import_list(
            data, file=arguments.file.name, attest=signer.attest, key_id=key_id
        )
    return Answer(facts={"file": arguments.file.name, "media": len(register.media)})


def media_list(arguments: Arguments) -> Answer:
    """The list in force, after its signature was looked at; 3 when a line has expired."""
    base = open_foundation(load_settings(arguments.settings), role=ROLE)
    with base.database:
        register = registering_of(base).in_force()
        today = jst_date(base.desk.clock.now())
    expired = [one for one in register.media if one.expires is not None and one.expires < today]
    return Answer(
        rows=[
            {
                "vid": one.vid,
                "pid": one.pid,
                "serial": one.serial,
                "owner": one.owner,
                "expires": one.expires,
                "expired": one in expired,
            }
            for one in register.media
        ],
        exit=Exit.FOUND if expired else Exit.DONE,
    )
