"""What administrators do, and the command line, which acts as nobody: whoever may use the data folder."""

from contextlib import AbstractContextManager

from kiosk.audit.events import EventTag
from kiosk.rules.roles import Permission
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Act, Desk


def acting_by(
    desk: Desk, actor: Actor | None, permission: Permission, tag: EventTag
) -> AbstractContextManager[Act]:
    """One transaction of `actor`, or of the command line where it is None; raises as `Desk.acting` does."""
    if actor is None:
        return desk.unattended(tag)
    return desk.acting(actor, permission, tag)
