"""A value that must never be shown, logged or stored."""

from types import TracebackType
from typing import NoReturn, Self


class Secret:
    """Holds one password, code or passphrase and keeps it out of every text.

    `repr`, `str`, formatting, comparison by `==` and pickling give nothing away. The characters lie in a
    `bytearray` that `wipe` overwrites; Python may still hold copies made by `reveal`, so `wipe` shortens the time a
    secret lies in memory and does not promise its erasure.
    """

    __slots__ = ("_held",)

    def __init__(self, text: str = "") -> None:
        self._held = bytearray(text, "utf-8", "surrogatepass")

    def reveal(self) -> str:
        """The characters, for the one call that needs them."""
        return self._held.decode("utf-8", "surrogatepass")

    def append(self, text: str) -> None:
        """Add what was just typed at the end."""
        self._held.extend(text.encode("utf-8", "surrogatepass"))

    def drop_last(self) -> None:
        """Take back the last character; nothing happens when there is none."""
        shorter = self.reveal()[:-1].encode("utf-8", "surrogatepass")
        self._overwrite()
        self._held = bytearray(shorter)

    def wipe(self) -> None:
        """Overwrite and forget."""
        self._overwrite()
        self._held = bytearray()

    def _overwrite(self) -> None:
        for place in range(len(self._held)):
            self._held[place] = 0

    def __len__(self) -> int:
        return len(self.reveal())

    def __bool__(self) -> bool:
        return bool(self._held)

    def __repr__(self) -> str:
        return "Secret(hidden)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()
