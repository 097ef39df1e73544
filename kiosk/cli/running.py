"""From the words of a command to its function, and from what it raises to an exit code."""

import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from db.database import is_connection_lost
from kiosk.cli import lists, looking, media, people, setting_up, staff, working
from kiosk.cli.answers import Answer, Exit, say, say_refused
from kiosk.cli.arguments import Arguments
from kiosk.cli.sentences import sentence_of
from kiosk.errors import DatabaseUnavailable, FilesNotOurs, KioskError, SettingsWrong
from kiosk.translations.catalog import use

COMMANDS: Final[Mapping[str, Callable[[Arguments], Answer]]] = {
    "init": setting_up.init,
    "ca init": setting_up.ca_init,
    "ca import": setting_up.ca_import,
    "staff add": staff.staff_add,
    "staff list": staff.staff_list,
    "staff suspend": staff.staff_suspend,
    "staff readmit": staff.staff_readmit,
    "staff assign": staff.staff_assign,
    "staff password": staff.staff_password,
    "users add": people.users_add,
    "users show": people.users_show,
    "users list": people.users_list,
    "media add": people.media_add,
    "media import": media.media_import,
    "media list": media.media_list,
    "certificates list": people.certificates_list,
    "audit verify": looking.audit_verify,
    "crl publish": lists.crl_publish,
    "crl show": lists.crl_show,
    "crl diff": lists.crl_diff,
    "verify": looking.verify,
    "self-check": looking.self_check,
    "settings show": looking.settings_show,
    "mail run": working.mail_run,
    "mail test": working.mail_test,
    "jobs run": working.jobs_run,
}


def run(arguments: Arguments) -> int:
    """Run one command; its exit code."""
    if arguments.language is not None:
        use(arguments.language)
    try:
        answer = COMMANDS[arguments.command](arguments)
    except SettingsWrong as wrong:
        say_refused(wrong, sentence_of(wrong), as_json=arguments.json)
        return Exit.REFUSED
    except KioskError as refusal:
        say_refused(refusal, sentence_of(refusal), as_json=arguments.json)
        return Exit.REFUSED
    except Exception as bug:  # noqa: BLE001  # told by kind and place: its text may hold a value (I-21)
        known = _outside(bug)
        if known is not None:
            say_refused(known, sentence_of(known), as_json=arguments.json)
            return Exit.REFUSED
        for place in traceback.extract_tb(bug.__traceback__):
            print(f"{place.filename}:{place.lineno} {place.name}", file=sys.stderr)
        print(f"kiosk: {type(bug).__name__}", file=sys.stderr)
        return Exit.BUG
    say(answer, as_json=arguments.json)
    return answer.exit


def _outside(error: Exception) -> KioskError | None:
    """What the machine refused before any use case could say so: files of another account, a registry out of reach."""
    if isinstance(error, PermissionError) and error.filename is not None:
        return FilesNotOurs(path=str(error.filename))
    if isinstance(error, SQLAlchemyError) and is_connection_lost(error):
        return DatabaseUnavailable()
    return None
