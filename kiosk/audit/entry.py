"""What may stand in one journal entry: a closed list of fields, each with its kind of text and its length.

The journal is kept for years and read by many, so it is strict where it is written: no control characters, no bytes,
nothing that is held secret, no complete mail address. What does not fit is a mistake in this program and raises
`NotForTheJournal`, which never repeats the value.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from kiosk.audit.chain import Fact
from kiosk.audit.events import EventTag
from kiosk.rules.validity import JST, jst_date


class Outcome(StrEnum):
    """How the act ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Who:
    """Who acted, where, and who approved it; without a staff ID the terminal itself."""

    staff_id: str | None
    role: str | None
    branch_no: str | None
    terminal_no: str | None
    approver: str | None = None


class NotForTheJournal(ValueError):
    """A value that no entry may hold; names the field, never the value."""


LONGEST_FACT: Final = 200
"""Characters of one extra fact."""
MOST_FACTS: Final = 20
BIGGEST_NUMBER: Final = 2**63 - 1

LONGEST: Final = {
    "staff_id": 20,
    "role": 20,
    "approver": 20,
    "branch_no": 3,
    "terminal_no": 2,
    "reception_no": 40,
    "transaction": 8,
    "screen_id": 16,
    "user_id": 12,
    "serial": 40,
    "medium_no": 40,
    "code": 8,
    "before": 40,
    "after": 40,
}
"""Characters of each field of DOMAIN 3.3; `serial` is hexadecimal of at most 20 octets (RFC 5280 4.1.2.2)."""

SEARCHABLE: Final = (
    "tag",
    "outcome",
    "staff_id",
    "branch_no",
    "terminal_no",
    "reception_no",
    "user_id",
    "serial",
)
"""Fields that stand in columns of their own as well; a column that says something else was changed afterwards."""

_FACT_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SECRET_WORDS = frozenset({"password", "passphrase", "passwd", "secret", "pin", "totp", "otp"})
_HARMLESS = re.compile(r"[0-9A-Za-z_:/.+-]*")
"""Nearly every value; nothing that is refused below is spelled with these alone."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PASSWORD_HASH = re.compile(r"\$(argon2|scrypt|pbkdf2|2[aby]\$)")
_ADDRESS = re.compile(r"[^\s*@]+@[^\s*@]+\.[^\s*@]+")


def jst_text(moment: datetime) -> str:
    """A moment as the journal spells it: Japan time with milliseconds and offset."""
    return moment.astimezone(JST).isoformat(timespec="milliseconds")


def body_of(
    *,
    node: str,
    seq: int,
    now: datetime,
    tag: EventTag,
    outcome: Outcome,
    who: Who | None,
    fields: Mapping[str, str | None],
    facts: Mapping[str, Fact],
) -> dict[str, Fact | dict[str, Fact]]:
    """The body of an entry, every field of DOMAIN 3.3 present; None where one does not apply.

    Raises `NotForTheJournal`.
    """
    if now.tzinfo is None:
        raise NotForTheJournal("now: a moment without a time zone")
    by = who or Who(staff_id=None, role=None, branch_no=None, terminal_no=None)
    texts = {
        "staff_id": by.staff_id,
        "role": by.role,
        "approver": by.approver,
        "branch_no": by.branch_no,
        "terminal_no": by.terminal_no,
        **fields,
    }
    return {
        "node": node,
        "seq": seq,
        "time": jst_text(now),
        "business_date": jst_date(now).isoformat(),
        "tag": tag.value,
        "outcome": outcome.value,
        **{name: _text(name, texts[name], limit) for name, limit in LONGEST.items()},
        "facts": _facts(facts),
    }


def may_hold(text: str) -> bool:
    """Whether an entry may tell `text` as a fact; to be asked of what a person typed."""
    try:
        _text("fact", text, LONGEST_FACT)
    except NotForTheJournal:
        return False
    return True


def _facts(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    if len(facts) > MOST_FACTS:
        raise NotForTheJournal(f"more than {MOST_FACTS} facts")
    return {_fact_name(name): _fact(name, value) for name, value in facts.items()}


def _fact_name(name: str) -> str:
    if not _FACT_NAME.fullmatch(name):
        raise NotForTheJournal("the name of a fact is not a plain lower-case word")
    if _SECRET_WORDS & set(name.split("_")):
        raise NotForTheJournal(f"{name}: the journal holds no secrets, nor what is made of them")
    return name


def _fact(name: str, value: object) -> Fact:
    """The annotation promises a plain value; a secret or a row that slipped through must stop here all the same."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > BIGGEST_NUMBER:
            raise NotForTheJournal(f"{name}: number too big")
        return int(value)
    return _text(name, value, LONGEST_FACT)


def _text(name: str, value: object, limit: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise NotForTheJournal(f"{name}: {type(value).__name__} is not a plain value")
    plain = str.__str__(value)
    if len(plain) > limit:
        raise NotForTheJournal(f"{name}: longer than {limit} characters")
    if _HARMLESS.fullmatch(plain):
        return plain
    if _CONTROL.search(plain):
        raise NotForTheJournal(f"{name}: control characters")
    if _PASSWORD_HASH.search(plain):
        raise NotForTheJournal(f"{name}: the hash of a password")
    if _ADDRESS.search(plain):
        raise NotForTheJournal(f"{name}: a mail address that is not masked")
    return plain
