"""What a use case needs to know of sticks beyond one question: why one is refused, and where a copy may still lie."""

from dataclasses import dataclass, field, replace
from typing import Final

from kiosk.audit.entry import may_hold
from kiosk.errors import LeftBehind, LeftoverOnStick, MediaError, StickFull, StickNotAllowed
from kiosk.media.refusals import error_of
from kiosk.media.volumes import Stick, StickRef, StickRefusal

LEAST_FREE: Final = 128 * 1024
"""Bytes: a p12 of a few thousand, and what tables and directories of the file system may take beside it."""


def refusal_of(stick: Stick) -> MediaError | None:
    """Why a p12 cannot go onto this stick; None when it can."""
    if stick.refusal is None:
        return StickFull() if stick.free is not None and stick.free < LEAST_FREE else None
    return error_of(stick.refusal)


def refusal_after_a_look(stick: Stick) -> MediaError | None:
    """The same of a stick that was looked into: an unfinished file of ours may go, and then the answer is another."""
    if stick.leftover and stick.refusal in {None, StickRefusal.NOT_EMPTY}:
        return LeftoverOnStick(file_name=stick.leftover)
    return refusal_of(stick)


def described(stick: Stick) -> str:
    """Maker, kind and the end of the serial number: how the journal and a person tell sticks apart.

    Empty for a stick that calls itself what no entry may hold.
    """
    text = " ".join(filter(None, (stick.vendor, stick.model, stick.serial_tail))) or stick.label
    return text if may_hold(text) else ""


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A stick on which a p12, or a part of it, may lie although the registry does not call it delivered."""

    ref: StickRef
    medium_no: str
    """Empty where media have no numbers."""
    stick: str
    """As `described`; empty when nobody looked at it before."""
    left_behind: LeftBehind
    temporary: str = ""
    """What it is called as long as it is not whole."""

    @property
    def name(self) -> str:
        """What is written on it, or how it calls itself."""
        return self.medium_no or self.stick

    def is_on(self, ref: StickRef, medium_no: str, stick: str) -> bool:
        """Whether this is the same stick: still plugged in, or back in the port."""
        return self.ref == ref or (bool(self.name) and self.name == (medium_no or stick))


@dataclass
class SticksSeen:
    """What one run of the program remembers of sticks; gone when it ends, as the p12 is (E-85, E-86)."""

    _looks: dict[StickRef, str] = field(default_factory=dict)
    _copies: dict[str, list[Copy]] = field(default_factory=dict)
    _strangers: set[StickRef] = field(default_factory=set)

    def is_new_stranger(self, stick: Stick) -> bool:
        """Whether a device that may not be used here was plugged in since this was asked last."""
        if stick.ref in self._strangers or not isinstance(refusal_of(stick), StickNotAllowed):
            return False
        self._strangers.add(stick.ref)
        return True

    def looked_at(self, stick: Stick) -> None:
        """Keep how it calls itself: when a write fails, it may be gone."""
        self._looks[stick.ref] = described(stick)

    def look_of(self, ref: StickRef) -> str:
        """The same again; empty for one that was never looked at."""
        return self._looks.get(ref, "")

    def failed(self, serial: str, copy: Copy) -> None:
        """A write of this certificate ended like this."""
        if copy.left_behind is LeftBehind.NOTHING:
            return
        others = [one for one in self._copies.get(serial, []) if one.ref != copy.ref]
        self._copies[serial] = [*others, copy]

    def removed(self, temporary: str) -> None:
        """The file was still called this and is deleted: it never got its final name, so no copy is left there."""
        for serial, copies in self._copies.items():
            self._copies[serial] = [copy for copy in copies if copy.temporary != temporary]

    def found(self, serial: str, ref: StickRef) -> str:
        """The whole file lies on this stick: the number it had when it was tried, empty when that is not certain.

        It may be back in the port, which makes it another reference; from now on it counts as this one.
        """
        copies = self._copies.get(serial, [])
        whole = [copy for copy in copies if copy.left_behind is LeftBehind.COMPLETE_UNCONFIRMED]
        alike = [copy for copy in whole if copy.stick and copy.stick == self.look_of(ref)]
        certain = [[copy for copy in whole if copy.ref == ref], alike, whole]
        same = next((few[0] for few in certain if len(few) == 1), None)
        if same is None:
            return ""
        self._copies[serial] = [replace(copy, ref=ref) if copy is same else copy for copy in copies]
        return same.medium_no

    def elsewhere(self, serial: str, ref: StickRef, medium_no: str) -> tuple[Copy, ...]:
        """Copies of this certificate on other sticks than this one."""
        stick = self.look_of(ref)
        return tuple(copy for copy in self._copies.get(serial, []) if not copy.is_on(ref, medium_no, stick))

    def settled(self, serial: str) -> None:
        """Delivered or given up: nothing of it has to be remembered."""
        self._copies.pop(serial, None)
        self._looks.clear()
