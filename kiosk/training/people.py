"""Whom trainees meet. Manuals and courses name these people, so none is ever renamed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk.rules.roles import StaffRole
from kiosk.rules.users import UserRole

STAFF_PASSWORD: Final = "Kunren#01"  # noqa: S105  # public: the sign-on screen shows it in training
USER_PASSWORD: Final = "Kunren#2026"  # noqa: S105  # public: the trainee types it as the customer

BRANCH_NO: Final = "012"
TERMINAL_NO: Final = "01"
BRANCHES: Final = (("012", "本店営業部", "03-0000-0012"), ("034", "駅前支店", "03-0000-0034"))
MEDIA: Final = ("M0001", "M0002", "M0003")


@dataclass(frozen=True, kw_only=True)
class PracticeStaff:
    """Somebody who signs on."""

    staff_id: str
    name: str
    role: StaffRole


@dataclass(frozen=True, kw_only=True)
class PracticeOrganization:
    """A contract party."""

    code: str
    name: str
    employer: bool = False


class State(StrEnum):
    """What a practice user shows; the ID of the user says the same."""

    RENEWABLE = "renewable"
    """20 days left."""
    NEVER = "never"
    """Never had a certificate."""
    VALID = "valid"
    """200 days left: for a change of PC."""
    BLOCKED = "blocked"
    EXPIRED = "expired"
    """Since 10 days."""
    LOCKED = "locked"
    """40 minutes to go."""
    UNREGISTERED = "unregistered"
    """Has not done the initial registration on the web."""


@dataclass(frozen=True, kw_only=True)
class PracticeUser:
    """A customer in a known state."""

    user_id: str
    role: UserRole
    name: str
    kana: str
    organization: str
    state: State


STAFF: Final = (
    PracticeStaff(staff_id="op001", name="窓口 一郎", role=StaffRole.CLERK),
    PracticeStaff(staff_id="op002", name="上野 二葉", role=StaffRole.SUPERVISOR),
    PracticeStaff(staff_id="op003", name="監物 三郎", role=StaffRole.AUDITOR),
    PracticeStaff(staff_id="op004", name="管野 四織", role=StaffRole.ADMINISTRATOR),
)

ORGANIZATIONS: Final = (
    PracticeOrganization(code="1234567", name="さくら製作所労働組合"),
    PracticeOrganization(code="7654321", name="株式会社あおぞら商事", employer=True),
)

_UNION, _EMPLOYER = (organization.code for organization in ORGANIZATIONS)
_MASTER, _GENERAL = UserRole.MASTER, UserRole.GENERAL

USERS: Final = tuple(
    PracticeUser(user_id=user_id, role=role, name=name, kana=kana, organization=organization, state=state)
    for user_id, role, name, kana, organization, state in (
        ("koushin01", _MASTER, "更新 花子", "コウシン ハナコ", _UNION, State.RENEWABLE),
        ("shinki02", _GENERAL, "新規 太郎", "シンキ タロウ", _UNION, State.NEVER),
        ("pchenko03", _MASTER, "変更 次郎", "ヘンコウ ジロウ", _EMPLOYER, State.VALID),
        ("heisoku04", _MASTER, "閉塞 三枝", "ヘイソク ミエ", _UNION, State.BLOCKED),
        ("ippan005", _GENERAL, "一般 五月", "イッパン サツキ", _EMPLOYER, State.BLOCKED),
        ("kigen006", _MASTER, "期限 六郎", "キゲン ロクロウ", _UNION, State.EXPIRED),
        ("rokku007", _GENERAL, "髙橋 七海", "タカハシ ナナミ", _EMPLOYER, State.LOCKED),
        ("shoki008", _MASTER, "初期 八重", "ショキ ヤエ", _UNION, State.UNREGISTERED),
    )
)
