"""Queueing letters inside the transaction of their cause, and the codes that are never stored."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final

from sqlmodel import Session

from db.queries import outbox
from kiosk.rules.notices import NoticeKind, NoticeState
from kiosk.rules.verification import valid_until
from kiosk.secret import Secret

FACTS: Final[Mapping[NoticeKind, frozenset[str]]] = {
    NoticeKind.CODE: frozenset({"valid_until"}),
    NoticeKind.LOCKED: frozenset({"until"}),
    NoticeKind.UNBLOCKED: frozenset({"at"}),
}
"""Moments a letter tells beyond the user, the home branch and the certificate it is about; other kinds: none."""

PRIORITIES: Final[Mapping[NoticeKind, int]] = {
    NoticeKind.CODE: 0,
    NoticeKind.LOCKED: 2,
    NoticeKind.BLOCKED: 2,
    NoticeKind.REVOKED: 3,
    NoticeKind.UNBLOCKED: 3,
    NoticeKind.ISSUED: 4,
    NoticeKind.EXPIRING: 7,
    NoticeKind.EXPIRED: 7,
}
"""Lower goes first: a code lives thirty minutes, a bulk of expiry notices takes some of them."""

ABOUT_A_CERTIFICATE: Final = frozenset(
    {NoticeKind.ISSUED, NoticeKind.REVOKED, NoticeKind.EXPIRING, NoticeKind.EXPIRED}
)


def queue_notice(
    session: Session,
    *,
    kind: NoticeKind,
    dedupe: str,
    user_pk: int,
    now: datetime,
    certificate_pk: int | None = None,
    facts: Mapping[str, datetime] | None = None,
    priority: int | None = None,
) -> int:
    """Put one letter into the outbox, in the caller's transaction (I-18); its `pk`.

    `dedupe` names the cause, as in `locked:<lock event pk>` or `expiring:<serial>`: a second call with the same one
    changes nothing and gives the `pk` of the first. `facts` holds exactly what `FACTS` names for the kind and never a
    secret: a code goes into the `CodeVault`, its letter holds only the end of its life. Without `priority` the kind
    decides.

    Raises ValueError for facts that do not fit the kind, a naive moment, or a kind that needs a certificate and has
    none.
    """
    told = facts or {}
    if frozenset(told) != FACTS.get(kind, frozenset()):
        raise ValueError(f"a letter of kind {kind} takes the facts {sorted(FACTS.get(kind, ()))}")
    if (kind in ABOUT_A_CERTIFICATE) != (certificate_pk is not None):
        raise ValueError(f"a letter of kind {kind}: a certificate is missing or does not belong here")
    if any(moment.utcoffset() is None for moment in told.values()):
        raise ValueError("a moment needs its time zone")
    letter = {
        "kind": kind,
        "dedupe": dedupe,
        "user_pk": user_pk,
        "certificate_pk": certificate_pk,
        "state": NoticeState.QUEUED,
        "payload": json.dumps({name: moment.isoformat() for name, moment in sorted(told.items())}),
        "priority": PRIORITIES[kind] if priority is None else priority,
        "created_at": now,
        "due_at": _first_due(kind, now),
        "message_id": secrets.token_hex(16),
    }
    return outbox.queue_once(session, letter)


def _first_due(kind: NoticeKind, now: datetime) -> datetime:
    """A code letter is sent in the foreground by the process that knows the code.

    No mailer finds it due before the code is dead; by then it can only be given up.
    """
    return valid_until(now) if kind is NoticeKind.CODE else now


@dataclass(frozen=True)
class CodeVault:
    """Codes that wait for their letter, by the letter's `pk`: in memory only, safe to use from several threads."""

    _held: dict[int, tuple[Secret, datetime]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def put(self, notice_pk: int, code: Secret, now: datetime) -> None:
        """Keep a copy of `code` for its letter until it is taken or too old."""
        with self._lock:
            self._wipe_old(now)
            self._held[notice_pk] = (Secret(code.reveal()), valid_until(now))

    def take(self, notice_pk: int, now: datetime) -> Secret | None:
        """Hand a code over, once; None when it was made elsewhere, was taken or is too old. The taker wipes it."""
        with self._lock:
            self._wipe_old(now)
            code, _ = self._held.pop(notice_pk, (None, now))
            return code

    def wipe(self, notice_pk: int) -> None:
        """Forget one; nothing happens when there is none."""
        with self._lock:
            code, _ = self._held.pop(notice_pk, (None, None))
            if code is not None:
                code.wipe()

    def wipe_old(self, now: datetime) -> None:
        """Forget those that nobody can use any more."""
        with self._lock:
            self._wipe_old(now)

    def _wipe_old(self, now: datetime) -> None:
        for notice_pk, (code, dead_from) in tuple(self._held.items()):
            if now >= dead_from:
                code.wipe()
                del self._held[notice_pk]
