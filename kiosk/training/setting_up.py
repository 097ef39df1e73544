"""Makes the practice counter: a watermarked CA, the fixed people, empty sticks. `--reset` makes it anew."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from db.migrations.running import upgrade
from kiosk.bootstrap import (
    Foundation,
    Hashing,
    hashing_in_force,
    open_foundation,
    open_registry,
    profile_of,
)
from kiosk.clock import Clock
from kiosk.config import Settings, training_settings
from kiosk.errors import SettingsWrong
from kiosk.keys import CODE_KEY, PASSWORD_KEY, make_key
from kiosk.pki.ca_creation import CaName, create
from kiosk.pki.local_signer import LocalSigner
from kiosk.pki.signer import KeyAlgorithm, Signer
from kiosk.rules.validity import JST, VALIDITY_DAYS, jst_date
from kiosk.secret import Secret
from kiosk.services.crl.publishing import Publishing, adopt_published
from kiosk.services.staff.staffing import NewStaff, NewUser, OrganizationKind, Staffing
from kiosk.training.history import past_certificate, past_lock
from kiosk.training.people import (
    BRANCH_NO,
    BRANCHES,
    MEDIA,
    ORGANIZATIONS,
    STAFF,
    STAFF_PASSWORD,
    TERMINAL_NO,
    USER_PASSWORD,
    USERS,
    PracticeUser,
    State,
)
from kiosk.translations.catalog import _
from kiosk.translations.system_errors import why

PASSPHRASE_FILE: Final = "training-passphrase"  # noqa: S105  # the name of a file
STICKS: Final = ("stick-A", "stick-B")
COMPLETE: Final = "training-complete"
"""Written last: a set-up that was cut off is made anew."""

_DAYS_LEFT: Final = {State.RENEWABLE: 20, State.VALID: 200, State.EXPIRED: -10}
_LOCK_LEFT: Final = timedelta(minutes=40)
_CA_ROUNDS: Final = 10_000
"""Its passphrase lies beside it, so stretching would protect nothing."""


def settings_of(folder: Path, *, real_sticks: bool = False) -> Settings:
    """The settings of the practice counter below `folder`, which may be relative to where the program was started."""
    folder = folder.absolute()
    settings = training_settings(folder, real_sticks=real_sticks)
    certificate = settings.certificate.model_copy(update={"ca_passphrase_file": folder / PASSPHRASE_FILE})
    return settings.model_copy(update={"certificate": certificate})


def set_up(
    folder: Path,
    *,
    clock: Clock,
    reset: bool = False,
    real_sticks: bool = False,
    hashing: Hashing = hashing_in_force,
) -> Settings:
    """The practice counter below `folder`, made when it is not there yet, or anew with `reset`.

    With `real_sticks` it writes to USB sticks; everything else stays practice. Only a folder that is empty, missing or
    a practice counter is ever emptied. Raises `SettingsWrong` for any other, and for what cannot be a folder.
    """
    settings = settings_of(folder, real_sticks=real_sticks)
    try:
        if reset or not (folder / COMPLETE).exists():
            _clear(folder)
            _make(settings, clock, hashing)
        else:
            _bring_up_to_date(settings)
    except OSError as error:
        raise SettingsWrong(str(folder), "--data", why(error)) from None
    return settings


def fill_sticks(settings: Settings) -> None:
    """Put the practice sticks back into the port, empty."""
    sticks = settings.media.directory
    if sticks is None:
        return
    for name in STICKS:
        (sticks / name).mkdir(parents=True, exist_ok=True)


def _bring_up_to_date(settings: Settings) -> None:
    """What was practised with an earlier release stays; nobody should have to type a command to practise on."""
    database = open_registry(settings.database)
    try:
        upgrade(database)
    finally:
        database.dispose()


def _clear(folder: Path) -> None:
    """Take away what an earlier set-up made, and nothing else."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / PASSWORD_KEY).exists():
        raise SettingsWrong(
            str(folder), "--data", _("練習用のフォルダーではありません。空のフォルダーを指定してください。")
        )
    (folder / COMPLETE).unlink(missing_ok=True)
    for place in sorted(folder.iterdir()):
        if place.name == PASSWORD_KEY:
            continue  # the mark of a practice folder goes last
        shutil.rmtree(place) if place.is_dir() and not place.is_symlink() else place.unlink()
    (folder / PASSWORD_KEY).unlink()


def _make(settings: Settings, clock: Clock, hashing: Hashing) -> None:
    folder = settings.paths.data
    make_key(folder, PASSWORD_KEY)
    make_key(folder, CODE_KEY)
    for place in (settings.paths.crl, settings.paths.checkpoints, settings.mail.maildir):
        if place is not None:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
    fill_sticks(settings)
    now = clock.now()
    made = create(
        settings.paths.ca,
        name=CaName(organization="訓練用労働金庫", common_name="Madoguchi Training CA"),
        now=now - timedelta(days=2 * VALIDITY_DAYS),  # the practice certificates of last year are its own
        algorithm=KeyAlgorithm.P_256,
        training=True,
        crl_folder=settings.paths.crl,
        rounds=_CA_ROUNDS,
    )
    passphrase = folder / PASSPHRASE_FILE
    passphrase.touch(mode=0o600)
    passphrase.write_text(made.passphrase.reveal() + "\n")
    with open_registry(settings.database) as database:
        upgrade(database)
    base = open_foundation(settings, role="training", clock=clock, hashing=hashing)
    with base.database:
        adopt_published(base.desk, made.facts.key_id, made.crl_number)
        signer = LocalSigner(made.folder, profile_of(settings)).unlock(made.passphrase)
        _people(base, signer, now)
        Publishing(
            desk=base.desk, signer=signer, folder=settings.paths.crl
        ).publish()  # the CA's first list is old
    (folder / COMPLETE).touch()


def _people(base: Foundation, signer: Signer, now: datetime) -> None:
    staffing = Staffing(desk=base.desk, hasher=base.hasher)
    for number, name, phone in BRANCHES:
        staffing.register_terminal(number, TERMINAL_NO, branch_name=name, branch_phone=phone)
    for place, person in enumerate(STAFF, 1):
        new = NewStaff(
            staff_id=person.staff_id,
            person_number=f"K{place:05d}",
            name=person.name,
            role=person.role,
            branch_no=BRANCH_NO,
        )
        staffing.add_staff(None, new, Secret(STAFF_PASSWORD))
    for number in MEDIA:
        staffing.add_medium(None, number, BRANCH_NO)
    for user in USERS:
        _user(base, staffing, signer, user, now)


def _user(base: Foundation, staffing: Staffing, signer: Signer, user: PracticeUser, now: datetime) -> None:
    organization = next(one for one in ORGANIZATIONS if one.code == user.organization)
    new = NewUser(
        user_id=user.user_id,
        role=user.role,
        name=user.name,
        kana=user.kana,
        email=f"{user.user_id}@kunren.invalid",
        branch_no=BRANCH_NO,
        organization_code=organization.code,
        organization_name=organization.name,
        organization_kind=OrganizationKind.EMPLOYER if organization.employer else OrganizationKind.MEMBER,
        initial_registration_done=user.state is not State.UNREGISTERED,
    )
    row = staffing.add_user(None, new, Secret(USER_PASSWORD))
    if user.state in _DAYS_LEFT:
        issue_date = jst_date(now) + timedelta(days=_DAYS_LEFT[user.state] + 1 - VALIDITY_DAYS)
        at = datetime.combine(issue_date, datetime.min.time(), JST) + timedelta(hours=10)
        past_certificate(base.database, signer, row.user_pk, at)
    if user.state in {State.BLOCKED, State.LOCKED}:
        until = now + _LOCK_LEFT if user.state is State.LOCKED else None
        past_lock(base.database, row.user_pk, now, until)
