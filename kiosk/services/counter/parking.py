"""保留: a reception is put aside with a reason and taken up again by its number (E-59).

Nothing is issued yet, and no password is kept: step 4 is done again. A code that is on its way stays good for its
thirty minutes, because the customer has gone to read it; step 4 then sends no new one.
"""

from dataclasses import dataclass
from datetime import datetime

from kiosk.audit.events import EventTag
from kiosk.rules.cases import BEFORE_ISSUING
from kiosk.rules.parking import ParkReason
from kiosk.rules.roles import Permission
from kiosk.services.acting import Actor
from kiosk.services.counter._parked import waiting_code
from kiosk.services.desk.cases import the_case
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.held import HeldPasswords


@dataclass(frozen=True, kw_only=True)
class Parked:
    """A reception that was put aside."""

    reception_no: str
    code_until: datetime | None
    """The first moment at which the code on its way is too old; None when there is none."""


@dataclass(frozen=True, kw_only=True)
class Parking:
    """Put a reception aside, take it up again."""

    desk: Desk
    passwords: HeldPasswords

    def park(self, actor: Actor, reception_no: str, reason: ParkReason) -> Parked:
        """Keep a reception in the list of unfinished ones, with why it waits; the password is forgotten at once.

        Raises `CaseNotOpen` from step 7 on, where something exists that must be settled, and `NotPermitted`.
        """
        self.passwords.wipe(reception_no)
        with self.desk.acting(
            actor, Permission.RECEIVE, EventTag.RECEPTION_PARKED, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope, *BEFORE_ISSUING)
            case.parked_at = act.now
            case.parked_reason = reason
            code = waiting_code(act.session, case, case.session, act.now)
            act.record(reason=reason)
            return Parked(reception_no=reception_no, code_until=None if code is None else code.expires_at)

    def take_up(self, actor: Actor, reception_no: str) -> None:
        """Somebody works on it again; what is not parked stays as it is. Raises `CaseNotOpen`, `NotPermitted`."""
        with self.desk.acting(
            actor, Permission.RECEIVE, EventTag.RECEPTION_TAKEN_UP, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope, *BEFORE_ISSUING)
            if case.parked_reason is not None:
                case.parked_reason = None
                act.record()
