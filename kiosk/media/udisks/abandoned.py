"""A stick that this program had mounted when it was killed: nobody uses it, and nothing would ever let go of it."""

import os
import pwd
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

from kiosk.media.udisks.kernel import MountLine

_PLACES: Final = ("/media", "/run/media")
"""Where UDisks mounts, each account in a directory of its own."""
_ALWAYS: Final = frozenset({"nosuid", "nodev", "noexec"})
_WRITING_OR_READING: Final = frozenset({"dirsync", "ro"})


@dataclass(frozen=True)
class OwnMounts:
    """How the mounts of this program look: in the account's own directory, with options no file manager asks for."""

    places: tuple[bytes, ...]
    """Directories, each with a stroke at its end."""
    uid: int

    @classmethod
    def of_this_account(cls) -> Self:
        """Of whoever runs the program; none at all for an account without a name."""
        uid = os.getuid()
        try:
            name = pwd.getpwuid(uid).pw_name
        except KeyError:
            return cls((), uid)
        return cls(tuple(os.fsencode(f"{place}/{name}/") for place in _PLACES), uid)

    def are_all(self, lines: Collection[MountLine], mount_points: Collection[bytes]) -> bool:
        """Whether these mounts of one disk, and what UDisks knows of them, are such ones and nothing else."""
        known = {line.path for line in lines}
        return bool(lines) and all(map(self._looks_ours, lines)) and known.issuperset(mount_points)

    def _looks_ours(self, line: MountLine) -> bool:
        options = line.options | line.superblock
        owners = {option for option in options if option.startswith("uid=")}
        return (
            line.path.startswith(self.places)
            and line.root == b"/"
            and options >= _ALWAYS
            and bool(options & _WRITING_OR_READING)
            and owners <= {f"uid={self.uid}"}
        )


NO_MOUNTS: Final = OwnMounts((), -1)
"""Nothing is taken for ours."""
