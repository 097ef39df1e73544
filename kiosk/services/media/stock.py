"""媒体受払: which numbered media a branch has, where each has been, what came and what broke (S910, DOMAIN 3.4).

A reception takes media out and hands them over; what happens beside the counter is noted here by whoever keeps them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from db.queries import branches, media, stock
from db.tables import Medium, MediumMovement
from kiosk.audit.events import EventTag
from kiosk.errors import BadInput, MediumNotInStock, MediumNotMovable
from kiosk.rules.media_ledger import MediumState, may_note, run_of_numbers
from kiosk.rules.roles import Permission
from kiosk.services.acting import Actor
from kiosk.services.desk.cases import record_medium
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.new_entries import TAKEN, UNKNOWN, require_name

__all__ = ["MediumRow", "MediumState", "Movement", "Stock", "StockPage"]

LINES_ON_A_PAGE: Final = 200
LONGEST_NUMBER: Final = 20
NO_RUN: Final = "no_run"
"""Two numbers that are not the ends of a run."""


@dataclass(frozen=True, kw_only=True)
class MediumRow:
    """A medium and where it is."""

    medium_no: str
    branch_no: str
    state: MediumState
    since: datetime | None
    """When it came there; None for a medium of a time before the ledger."""
    reception_no: str
    """That moved it last; empty when a person did."""


@dataclass(frozen=True, kw_only=True)
class StockPage:
    """Media by number, and where the next page begins."""

    rows: tuple[MediumRow, ...]
    next_page: str | None


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One line of the ledger."""

    state: MediumState
    at: datetime
    staff_id: str
    """Empty when the program did it at start-up, or a command."""
    reception_no: str


@dataclass(frozen=True, kw_only=True)
class Stock:
    """Media of the operator's branch, or of all branches for those who see all (E-94)."""

    desk: Desk

    def counts(self, actor: Actor) -> Mapping[MediumState, int]:
        """How many there are in each state. Raises `NotPermitted`."""
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            found = stock.counts(look.session, look.scope)
        return {state: found.get(state, 0) for state in MediumState}

    def media(
        self,
        actor: Actor,
        state: MediumState | None = None,
        *,
        behind: str = "",
        limit: int = LINES_ON_A_PAGE,
    ) -> StockPage:
        """A page of the ledger, by number. Raises `NotPermitted`."""
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            found = stock.page(look.session, look.scope, state, behind, limit + 1)
            lines = stock.movements(look.session, [medium.pk for medium, _branch in found])
        last = {line.movement.medium_pk: line.movement for line in lines}
        rows = tuple(_row(medium, branch.branch_no, last.get(medium.pk)) for medium, branch in found[:limit])
        return StockPage(rows=rows, next_page=rows[-1].medium_no if len(found) > limit else None)

    def movements(self, actor: Actor, medium_no: str) -> tuple[Movement, ...]:
        """Where a medium has been, oldest first. Raises `MediumNotInStock` for one of another branch."""
        with self.desk.looking(actor, Permission.INQUIRE) as look:
            medium = stock.by_number(look.session, medium_no, look.scope)
            lines = () if medium is None else stock.movements(look.session, [medium.pk])
        if medium is None:
            raise MediumNotInStock(medium_no=medium_no)
        return tuple(
            Movement(
                state=MediumState(movement.kind),
                at=movement.at,
                staff_id=staff_id or "",
                reception_no=movement.reception_no or "",
            )
            for movement, staff_id in lines
        )

    def take_in(self, actor: Actor, first: str, last: str = "", branch_no: str = "") -> int:
        """Put new media into the stock, one number or a run of them; how many.

        Into the own branch, or into `branch_no` for those who see all. Raises `BadInput` for what is no number or
        no run, for one that is in the ledger already, and for a branch that is unknown; nothing is taken in then.
        """
        for field, number in (("first_no", first), ("last_no", last)):
            if number or field == "first_no":
                require_name(field, number.replace("-", "0"), LONGEST_NUMBER)
        numbers = run_of_numbers(first, last)
        if numbers is None:
            raise BadInput(field="last_no", problem=NO_RUN)
        with self.desk.acting(actor, Permission.MANAGE_MEDIA, EventTag.MEDIA_TAKEN_IN) as act:
            wanted = branch_no or actor.terminal.branch_no
            branch = branches.by_number(act.session, wanted)
            if branch is None or act.scope not in {None, branch.pk}:
                raise BadInput(field="branch_no", problem=UNKNOWN)
            if stock.known(act.session, numbers):
                raise BadInput(field="first_no", problem=TAKEN)
            new = [Medium(medium_no=number, branch_pk=branch.pk) for number in numbers]
            act.session.add_all(new)
            act.session.flush()  # for their primary keys
            act.session.add_all(
                MediumMovement(medium_pk=medium.pk, kind=medium.state, at=act.now, staff_pk=actor.staff_pk)
                for medium in new
            )
            act.record(medium_no=first, count=len(numbers), last=last or None, branch=wanted)
        return len(numbers)

    def note(self, actor: Actor, medium_no: str, state: MediumState) -> None:
        """Note that a medium broke or came back.

        Raises `MediumNotInStock` for one of another branch, and `MediumNotMovable` while a reception uses it.
        """
        with self.desk.acting(actor, Permission.MANAGE_MEDIA, EventTag.MEDIUM_NOTED) as act:
            medium = media.by_number_for_update(act.session, medium_no, act.scope)
            if medium is None:
                raise MediumNotInStock(medium_no=medium_no)
            act.about(medium_no=medium.medium_no)
            before = MediumState(medium.state)
            if not may_note(before, state):
                raise MediumNotMovable(medium_no=medium_no, state=before)
            record_medium(act.session, medium, state, act.now, actor.staff_pk, None)
            act.record(before=before, after=state)


def _row(medium: Medium, branch_no: str, last: MediumMovement | None) -> MediumRow:
    return MediumRow(
        medium_no=medium.medium_no,
        branch_no=branch_no,
        state=MediumState(medium.state),
        since=None if last is None else last.at,
        reception_no="" if last is None else last.reception_no or "",
    )
