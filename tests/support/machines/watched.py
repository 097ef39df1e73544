"""Every call of a write, counted, so that something can happen after each one of them."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from kiosk.media.calls import FileCalls

_CALLS: Final = frozenset(name for name in vars(FileCalls) if not name.startswith("_"))


@dataclass
class Watch:
    """What was done, in order; after the `last`-th call `then` happens, once."""

    last: int = -1
    then: Callable[[], object] = lambda: None
    made: list[str] = field(default_factory=list)

    def did(self, call: str) -> None:
        """One more."""
        self.made.append(call)
        if len(self.made) == self.last:
            self.then()


class WatchFor(Watch):
    """Something happens after the first call of a name."""

    def __init__(self, call: str, then: Callable[[], object]) -> None:
        super().__init__()
        self._call, self._do = call, then

    def did(self, call: str) -> None:
        """One more."""
        first = call == self._call and call not in self.made
        super().did(call)
        if first:
            self._do()


class WatchedCalls(FileCalls):
    """The calls of `inner`, each reported to the watch once it was made and had succeeded."""

    def __init__(self, watch: Watch, inner: FileCalls | None = None) -> None:
        self._watch, self._inner = watch, inner or FileCalls()

    def __getattribute__(self, name: str) -> Any:
        if name not in _CALLS:
            return super().__getattribute__(name)
        call = getattr(self._inner, name)

        def watched(handle: int, *rest: Any, **named: Any) -> Any:
            label = f"{name}: folder" if name == "sync" and _is_folder(handle) else name
            result = call(handle, *rest, **named)
            self._watch.did(label)
            return result

        return watched


def _is_folder(handle: int) -> bool:
    return stat.S_ISDIR(os.fstat(handle).st_mode)
