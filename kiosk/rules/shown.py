"""What a supervisor decides on, and the digest that binds the approval to it (I-17)."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from kiosk.rules.approvals import ApprovalSubject

_SEPARATED = b"madoguchi approval 1\n"
"""So that the digest of an approval is never that of something else."""


class Effect(StrEnum):
    """What will be true afterwards; the dialog says it in this order (E-36, E-80)."""

    ALREADY_REVOKED = "already_revoked"
    """It is done, by phone; this confirms it afterwards."""
    CANNOT_BE_UNDONE = "cannot_be_undone"
    NO_LOGIN_UNTIL_REISSUE = "no_login_until_reissue"
    """No other certificate of the user is live."""
    OTHER_CERTIFICATE_STAYS = "other_certificate_stays"
    REISSUE_FOLLOWS = "reissue_follows"
    """In the same reception, as in a change of PC (E-75)."""
    BLOCK_IS_LIFTED = "block_is_lifted"
    PASSWORD_UNCHANGED = "password_unchanged"  # noqa: S105  a fact, not a password
    CERTIFICATES_UNTOUCHED = "certificates_untouched"
    MAY_BLOCK_AGAIN = "may_block_again"
    """The user has forgotten the password: unblocking alone will not help (Q-3)."""
    UNBLOCKED_BEFORE = "unblocked_before"
    """Not for the first time in the last days: see `Shown.repeats`."""
    CERTIFICATE_IS_ISSUED = "certificate_is_issued"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Exactly what stands before the supervisor: who, whom, what, why, on which paper, with which effect.

    The last fields are the state of the target, so that an approval holds only while that state does. Texts are empty
    and numbers 0 where a field does not apply.
    """

    reception_no: str
    subject: ApprovalSubject
    transaction: str

    maker_id: str
    maker_name: str
    branch_no: str
    terminal_no: str

    user_id: str
    user_name: str
    user_role: str
    organization_name: str
    organization_code: str

    serial: str = ""
    issue_date: date | None = None
    last_valid_date: date | None = None
    pc_alias: str = ""

    reason: str = ""
    """A word of `RevocationReason`, `UnblockCause` or `DeliveryState`, as the subject wants it."""
    note: str = ""
    then_reissue: bool = False

    form_no: str = ""
    channel: str = ""
    visitor_kind: str = ""
    visitor_name: str = ""
    called_back_to: str = ""
    """By phone: whom the clerk called back."""
    document_type: str = ""
    checks: tuple[str, ...] = ()
    """What the clerk confirmed to have checked."""

    effects: tuple[Effect, ...] = ()
    repeats: int = 0
    """Earlier unblockings of this user, within `kiosk.rules.unblocking.REPEAT_DAYS` before the request."""

    certificate_state: str = ""
    delivery_state: str = ""
    lock_standing: str = ""
    failures: int = 0
    lock_count: int = 0
    charges: int = 0
    """Tries ever charged: a try in between changes it, whatever came of it."""


def canonical(shown: Shown) -> str:
    """One spelling for equal contents and another one for every difference; what is stored and digested."""
    values = {
        name: value.isoformat() if isinstance(value, date) else value for name, value in vars(shown).items()
    }
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(shown: Shown) -> str:
    """SHA-256 over all that is shown, hexadecimal."""
    return hashlib.sha256(_SEPARATED + canonical(shown).encode(errors="surrogatepass")).hexdigest()


def shown_from(stored: str) -> Shown:
    """What `canonical` spelled. Raises ValueError for anything else."""
    try:
        shown = _from_values(json.loads(stored))
        if canonical(shown) == stored:
            return shown
    except (
        TypeError,
        KeyError,
        ValueError,
        RecursionError,
    ):  # no object, not these names, other kinds of values
        pass
    raise ValueError("not what was shown for an approval")


def where_asked(stored: str) -> tuple[str, str]:
    """Number of the branch and of the terminal where the request was made, out of what `canonical` spelled."""
    values = json.loads(stored)
    return values["branch_no"], values["terminal_no"]


def _from_values(values: dict[str, Any]) -> Shown:
    days = {
        name: date.fromisoformat(values[name]) for name in ("issue_date", "last_valid_date") if values[name]
    }
    words = {
        "subject": ApprovalSubject(values["subject"]),
        "checks": tuple(values["checks"]),
        "effects": tuple(Effect(word) for word in values["effects"]),
    }
    return Shown(**{**values, **days, **words})
