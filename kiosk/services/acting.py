"""Who acts: the first argument of every use case."""

from dataclasses import dataclass

from kiosk.rules.roles import StaffRole


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """The counter this process stands on."""

    branch_pk: int
    branch_no: str
    branch_name: str
    terminal_pk: int
    terminal_no: str


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A signed-on member of staff at a terminal."""

    staff_pk: int
    staff_id: str
    name: str
    role: StaffRole
    terminal: Terminal
    session: str
    """Random identifier of this sign-on; verification codes are bound to it through their case."""
