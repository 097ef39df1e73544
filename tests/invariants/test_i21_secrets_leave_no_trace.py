"""I-21: after a whole issue no file, stream, environment or argument holds a password, a code or a private key."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from kiosk.bootstrap import open_services
from kiosk.errors import KioskError
from kiosk.secret import Secret
from kiosk.services.bundle import Services
from kiosk.services.views import HandOverCheck, Ready
from kiosk.training.people import MEDIA, STAFF_PASSWORD, USER_PASSWORD
from kiosk.training.setting_up import PASSPHRASE_FILE, settings_of
from tests.support.clock import SteppedClock
from tests.support.counters import a_form
from tests.support.practice import CODE

USER_ID = "shinki02"
WRONG_PASSWORD = "Himitsu#987"
WRONG_CODE = "907163"


def written_below(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file of the data folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder), path.read_bytes()


def told_of_processes(*numbers: int) -> dict[str, bytes]:
    """What the operating system tells everybody who asks about these processes."""
    told = {}
    for number in numbers:
        for name in ("environ", "cmdline", "status", "comm"):
            told[f"{number}/{name}"] = Path(f"/proc/{number}/{name}").read_bytes()
    return told


def children_of(number: int) -> list[int]:
    """The processes that `number` has started and that run now."""
    told = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii")
    return [int(child) for child in told.split()]


def in_all_spellings(secret: bytes) -> list[bytes]:
    """As it is, as hexadecimal, and as UTF-16, which a p12 uses inside."""
    spellings = [secret, secret.hex().encode(), secret.hex().upper().encode()]
    with suppress(UnicodeDecodeError):
        spellings.append(secret.decode("ascii").encode("utf-16-be"))
    return spellings


def issue(services: Services) -> tuple[Ready, str]:
    """A whole issue with a wrong password and a wrong code on the way; the bundle and the code."""
    actor = services.signing_in.sign_in("op001", Secret(STAFF_PASSWORD))
    reception_no = services.casework.open(actor, a_form()).reception_no
    user_pk = services.customers.by_user_id(actor, USER_ID).user_pk
    card = services.casework.choose_user(actor, reception_no, user_pk).card
    assert card is not None
    transaction = next(action.transaction for action in card.next_actions if action.allowed)
    services.casework.choose_transaction(actor, reception_no, transaction)
    services.casework.set_medium(actor, reception_no, MEDIA[0], "")
    with pytest.raises(KioskError):
        services.authenticating.submit_password(actor, reception_no, USER_ID, Secret(WRONG_PASSWORD))
    services.authenticating.submit_password(actor, reception_no, USER_ID, Secret(USER_PASSWORD))
    with pytest.raises(KioskError):
        services.authenticating.submit_code(actor, reception_no, Secret(WRONG_CODE))
    found = CODE.search(services.notices.training_mailbox(1)[0].body)
    assert found is not None
    services.authenticating.submit_code(actor, reception_no, Secret(found.group()))
    day = services.issuing.preview(actor, reception_no).issue_date
    ready = services.issuing.sign(actor, reception_no, "0" * 32, lambda _: None, shown=day)
    ref = services.delivering.sticks()[0].ref
    services.delivering.deliver(actor, ready, ref, lambda _: None)
    services.handing_over.hand_over(actor, reception_no, frozenset(HandOverCheck))
    services.chores.run(closing=True)
    return ready, found.group()


@pytest.mark.rule("I-21", "R-93", "E-86")
def test_a_whole_issue_leaves_no_secret_behind(
    practice_template: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(practice_template, folder)
    settings = settings_of(folder)
    assert settings.mail.maildir is not None
    assert settings.media.directory is not None
    passphrase = (folder / PASSPHRASE_FILE).read_text(encoding="ascii").strip()
    before = set(children_of(os.getpid()))
    services = open_services(settings, clock=SteppedClock())
    try:
        services.unlock_signer()
        services.self_check.run()
        signer = next(iter(set(children_of(os.getpid())) - before))
        ready, code = issue(services)
        processes = told_of_processes(signer, os.getpid())
    finally:
        services.close()
    key, _, _ = pkcs12.load_key_and_certificates(ready.p12, USER_PASSWORD.encode())
    assert key is not None
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    stdout, stderr = capfd.readouterr()
    streams = {"stdout": stdout.encode(), "stderr": stderr.encode(), "log": caplog.text.encode()}
    files = {str(path): content for path, content in written_below(folder)}
    places = {**files, **streams, **processes}
    allowed = {
        "code": {str((settings.mail.maildir / "new").relative_to(folder))},
        "p12": {str(settings.media.directory.relative_to(folder))},
        "passphrase": {PASSPHRASE_FILE},
    }
    secrets = {
        "password": USER_PASSWORD.encode(),
        "wrong password": WRONG_PASSWORD.encode(),
        "staff password": STAFF_PASSWORD.encode(),
        "passphrase": passphrase.encode(),
        "p12": ready.p12[64:256],
        "private key": private[-48:],
    }
    found = {
        (name, place)
        for name, secret in secrets.items()
        for spelling in in_all_spellings(secret)
        for place, content in places.items()
        if spelling in content and not any(place.startswith(one) for one in allowed.get(name, ()))
    }
    assert found == set()
    with_code = {place for place, content in files.items() if code_stands_in(content, code)}
    assert {str(Path(place).parent) for place in with_code} == allowed["code"]
    assert len(with_code) == 1
    assert not any(code_stands_in(content, code) for content in {**streams, **processes}.values())


def code_stands_in(content: bytes, code: str) -> bool:
    """The six digits as a word: in clear, or in a letter whose body is base64."""
    return code.encode() in _digits_apart(content) or code in _bodies(content)


def _digits_apart(content: bytes) -> set[bytes]:
    return set(re.findall(rb"(?<![0-9A-Za-z])\d{6}(?![0-9A-Za-z])", content))


def _bodies(content: bytes) -> str:
    message = message_from_bytes(content, policy=policy.default)
    if not isinstance(message, EmailMessage) or message["Message-ID"] is None:
        return ""
    return str(message.get_content())
