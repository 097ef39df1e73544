"""`kiosk crl publish`, `kiosk crl show`, `kiosk crl diff`: the list of revoked certificates."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kiosk.bootstrap import open_foundation, open_signer, publishing_of
from kiosk.cli.answers import Answer, Exit, Plain, ask_secret
from kiosk.cli.arguments import Arguments
from kiosk.cli.keyless import lists_of
from kiosk.cli.setting_up import ROLE
from kiosk.config import Settings, load_settings
from kiosk.errors import BadInput
from kiosk.pki.ca_files import CRL_DER
from kiosk.pki.crl_reading import NotACrl, ReadCrl, read_crl
from kiosk.rules.validity import JST
from kiosk.secret import Secret
from kiosk.services.crl.lists import ListFinding, ListView
from kiosk.translations.catalog import _
from kiosk.translations.system_errors import why

_USELESS = frozenset({ListFinding.NOT_ANNOUNCED, ListFinding.DATED_AHEAD})
"""What keeps a list that went out from being used."""


def crl_publish(arguments: Arguments) -> Answer:
    """Publish a new list now; 3 when it is published and no server can use it, or the command that follows failed."""
    settings = load_settings(arguments.settings)
    base = open_foundation(settings, role=ROLE)
    with base.database, open_signer(settings, passphrase_of(settings)) as signer:
        publishing_of(base, signer).publish()
        view = lists_of(base).published()
    useless = not _USELESS.isdisjoint(view.findings)
    return Answer(facts=_facts(settings, view), exit=Exit.FOUND if useless else Exit.DONE)


def crl_show(arguments: Arguments) -> Answer:
    """The published list beside the registry; 3 when something does not fit."""
    settings = load_settings(arguments.settings)
    base = open_foundation(settings, role=ROLE)
    with base.database:
        view = lists_of(base).published()
    return Answer(
        facts=_facts(settings, view),
        rows=[{"unlisted_serial": serial} for serial in view.unlisted],
        exit=Exit.FOUND if view.findings else Exit.DONE,
    )


def crl_diff(arguments: Arguments) -> Answer:
    """What changed from one list to another, by default the published one; 3 when it must not have changed so."""
    settings = load_settings(arguments.settings)
    base = open_foundation(settings, role=ROLE)
    old = _read(arguments.old, "OLD")
    new = _read(arguments.new or settings.paths.crl / CRL_DER, "NEW")
    with base.database:
        difference = lists_of(base).difference(old, new)
    return Answer(
        facts={
            "from_number": old.number,
            "to_number": new.number,
            "from": old.this_update,
            "to": new.this_update,
            "changes": len(difference.changes),
            "findings": " ".join(difference.findings),
        },
        rows=[
            {"serial": one.serial, "change": one.change, "valid_until": one.valid_until}
            for one in difference.changes
        ],
        exit=Exit.FOUND if difference.findings else Exit.DONE,
    )


def _facts(settings: Settings, view: ListView) -> dict[str, Plain]:
    crl = view.crl
    facts: dict[str, Plain] = {
        "folder": str(settings.paths.crl),
        "number": crl.number if crl else None,
        "this_update": crl.this_update if crl else None,
        "next_update": crl.next_update if crl else None,
        "entries": view.entries,
        "unlisted": len(view.unlisted),
        "hook": _hook(settings, view),
        "findings": " ".join(view.findings),
    }
    if crl is not None and ListFinding.DATED_AHEAD in view.findings:
        facts["to_do"] = _wait_until(crl.this_update)
    return facts


def _wait_until(moment: datetime) -> str:
    return _(
        "{moment}まで、Webサーバーは全員を拒否します。時計を合わせ、その時刻まで待ってください。失効リストの日時は戻せません。"
        "待てないときは、日時の正しい最後の失効リストを、このフォルダーではなくWebサーバーに置いてください。"
        "そのリストにない失効者は kiosk crl diff で確認し、Webサーバーで個別に止めてください。"
    ).format(moment=f"{moment.astimezone(JST):%Y-%m-%d %H:%M}")


def _hook(settings: Settings, view: ListView) -> str | None:
    if view.announce_failure is not None:
        return view.announce_failure
    return "done" if settings.crl.after_publishing else None


def _read(path: Path, field: str) -> ReadCrl:
    try:
        return read_crl(path.read_bytes())
    except OSError as error:
        raise BadInput(field=field, problem=f"{path}: {why(error)}") from None
    except NotACrl:
        problem = _("{path}: PEM または DER の失効リストではありません").format(path=path)
        raise BadInput(field=field, problem=problem) from None


def passphrase_of(settings: Settings) -> Callable[[], Secret | None]:
    """That of the CA key: from its file where the settings name one, else typed now."""
    if settings.certificate.ca_passphrase_file is not None:
        return settings.certificate.ca_passphrase
    typed = ask_secret("Passphrase of the CA key")
    return lambda: typed
