"""`kiosk users`, `kiosk media add`, `kiosk certificates`: whom this branch serves, and with what."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from kiosk.bootstrap import open_foundation
from kiosk.cli.answers import Answer, Plain, ask_secret
from kiosk.cli.arguments import Arguments
from kiosk.cli.setting_up import ROLE
from kiosk.config import load_settings
from kiosk.rules.users import UserRole
from kiosk.services.staff.staffing import NewUser, OrganizationKind, Staffing
from kiosk.services.views import CertificateView, UserRow


def users_add(arguments: Arguments) -> Answer:
    """Enter a user."""
    new = NewUser(
        user_id=arguments.user_id,
        role=UserRole(arguments.role),
        name=arguments.name,
        kana=arguments.kana,
        email=arguments.email,
        branch_no=arguments.branch,
        organization_code=arguments.organization,
        organization_name=arguments.organization_name,
        organization_kind=OrganizationKind.EMPLOYER if arguments.employer else OrganizationKind.MEMBER,
    )
    with _staffing(arguments) as staffing, ask_secret("Password") as password:
        return Answer(facts=_line(staffing.add_user(None, new, password)))


def users_show(arguments: Arguments) -> Answer:
    """One user with every certificate."""
    with _staffing(arguments) as staffing:
        user, certificates = staffing.user(None, arguments.user_id)
    return Answer(facts=_line(user), rows=_lines(certificates))


def users_list(arguments: Arguments) -> Answer:
    """Users in the order of their IDs; ask again with `--after` and the last one for more."""
    with _staffing(arguments) as staffing:
        users = staffing.users(None, after=arguments.after, limit=arguments.limit)
    return Answer(rows=[_line(user) for user in users])


def certificates_list(arguments: Arguments) -> Answer:
    """Every certificate of one user, live ones first."""
    with _staffing(arguments) as staffing:
        _, certificates = staffing.user(None, arguments.user_id)
    return Answer(rows=_lines(certificates))


def media_add(arguments: Arguments) -> Answer:
    """Put an empty numbered stick into the stock."""
    with _staffing(arguments) as staffing:
        staffing.add_medium(None, arguments.medium_no, arguments.branch)
    return Answer(facts={"medium_no": arguments.medium_no, "branch": arguments.branch})


@contextmanager
def _staffing(arguments: Arguments) -> Iterator[Staffing]:
    base = open_foundation(load_settings(arguments.settings), role=ROLE)
    with base.database:
        yield Staffing(desk=base.desk, hasher=base.hasher)


def _line(user: UserRow) -> dict[str, Plain]:
    return {
        "user_id": user.user_id,
        "role": user.role,
        "name": user.name,
        "kana": user.kana,
        "organization_code": user.organization_code,
        "organization_name": user.organization_name,
    }


def _lines(certificates: Iterable[CertificateView]) -> list[dict[str, Plain]]:
    return [
        {
            "serial": one.serial,
            "standing": one.standing,
            "state": one.state,
            "issue_date": one.issue_date,
            "last_valid_date": one.last_valid_date,
            "renewable_from": one.renewable_from,
            "delivery": one.delivery,
            "pc_alias": one.pc_alias,
            "revoked_at": one.revoked_at,
            "revocation_reason": one.revocation_reason,
        }
        for one in certificates
    ]
