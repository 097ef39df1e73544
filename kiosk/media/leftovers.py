"""What this run of the program may have left unfinished on sticks that were pulled in the middle of a write (E-84)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from kiosk.errors import LeftBehind, MediaError
from kiosk.media.volumes import Stick

Identity = tuple[str, ...]
"""What stays the same when a stick is pulled and put back; worth nothing when a part of it is empty."""


@dataclass
class Leftovers:
    """The temporary name that may be left on each stick. Gone when the program ends: then nobody knows whose it is."""

    _names: dict[Identity, str] = field(default_factory=dict, init=False)

    @contextmanager
    def noting(self, identity: Identity) -> Iterator[None]:
        """Keep the name when the write inside fails and may have left it there."""
        try:
            yield
        except MediaError as failure:
            if failure.temporary and failure.left_behind is not LeftBehind.NOTHING and all(identity):
                self._names[identity] = failure.temporary
            raise

    def of(self, identity: Identity) -> str:
        """The name that may be there; empty when none is."""
        return self._names.get(identity, "")

    def forget(self, identity: Identity) -> None:
        """It is not there, or not any more."""
        self._names.pop(identity, None)

    def marked(self, stick: Stick, identity: Identity) -> Stick:
        """The stick with what may be left on it."""
        return replace(stick, leftover=self.of(identity))
