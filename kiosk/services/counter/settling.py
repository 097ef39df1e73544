"""What a terminal that does not come back left behind, settled by a supervisor at another one (E-85).

A terminal settles its own leftovers when it starts. One that is broken never starts, and its receptions would keep the
user and the day open for ever. Two things keep a terminal that only seems gone from harm: each act looks at when it
last said that it runs, with its row locked; and if it was merely cut off from the registry, every further step of its
issue asks the registry first and finds the reception closed, so that no p12 reaches a stick.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from db.queries import issues
from db.queries.branches import terminal_for_update
from db.tables.branch import Terminal
from db.tables.case import Case
from kiosk.audit.events import EventTag
from kiosk.errors import CaseNotOpen, TerminalStillThere
from kiosk.pki.signer import Signer
from kiosk.rules.cases import CaseState
from kiosk.rules.presence import Presence, presence
from kiosk.rules.roles import Permission
from kiosk.services.acting import Actor
from kiosk.services.approved.revocations import give_up
from kiosk.services.counter._leftovers import void_reserved
from kiosk.services.desk.cases import the_case, the_case_to_read
from kiosk.services.desk.guard import Act, Desk

_LEFTOVERS = (CaseState.ISSUING, CaseState.ISSUED)


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What became of the receptions a silent terminal left in the middle of an issue, by number."""

    terminal_no: str
    voided: tuple[str, ...]
    """Nothing was issued."""
    revoked: tuple[str, ...]
    """Issued, on no stick that was verified, and revoked."""


@dataclass(frozen=True, kw_only=True)
class Settling:
    """Settle another terminal's leftovers."""

    desk: Desk
    signer: Signer
    publish_crl: Callable[[], None]

    def settle(self, actor: Actor, reception_no: str) -> Settled:
        """Settle everything that the terminal of this reception left in the middle of an issue.

        Raises `TerminalStillThere` unless that terminal has been silent long enough, `CaseNotOpen` when there is
        nothing to settle, `NotPermitted` for anybody but a supervisor.
        """
        with self.desk.looking(actor, Permission.APPROVE) as look:
            case = the_case_to_read(look.session, reception_no, look.scope)
            terminal = look.session.exec(select(Terminal).where(col(Terminal.pk) == case.terminal_pk)).one()
            left = [one.reception_no for one in _leftovers(look.session, terminal.pk, look.scope)]
        if not left:
            raise self.desk.refusal(
                actor,
                CaseNotOpen(reception_no=reception_no, state=case.state),
                EventTag.RECOVERY_BY_HAND,
                {"reception_no": reception_no},
            )
        key_id = self.signer.facts().key_id
        voided: list[str] = []
        revoked: list[str] = []
        try:
            for number in left:
                found = self._settle(actor, number, key_id)
                (voided if found is CaseState.ISSUING else revoked).append(number)
        finally:  # what is revoked is published, wherever the next one stopped
            if revoked:
                self.publish_crl()
        return Settled(terminal_no=terminal.terminal_no, voided=tuple(voided), revoked=tuple(revoked))

    def _settle(self, actor: Actor, reception_no: str, key_id: str) -> CaseState:
        """Settle one; how far it was when its row was locked, which may be further than it looked before."""
        with self.desk.acting(
            actor, Permission.APPROVE, EventTag.RECOVERY_BY_HAND, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope, *_LEFTOVERS)
            _require_gone(act, case, actor)
            found = CaseState(case.state)
            if found is CaseState.ISSUING:
                void_reserved(act, case, staff_pk=actor.staff_pk)
            else:
                give_up(act, case, key_id, staff_pk=actor.staff_pk)
            return found


def _leftovers(session: Session, terminal_pk: int, branch_pk: int | None) -> tuple[Case, ...]:
    found = issues.open_on_terminal(session, terminal_pk)
    return tuple(case for case in found if case.state in _LEFTOVERS and branch_pk in {None, case.branch_pk})


def _require_gone(act: Act, case: Case, actor: Actor) -> None:
    """The terminal's row is locked, so that it cannot say in between that it is there."""
    terminal = terminal_for_update(act.session, case.terminal_pk)
    own = case.terminal_pk == actor.terminal.terminal_pk
    if own or presence(terminal.seen_at, act.now) is not Presence.GONE:
        raise TerminalStillThere(terminal_no=terminal.terminal_no, seen_at=terminal.seen_at)
