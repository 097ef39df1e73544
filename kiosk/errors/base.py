"""What every refusal has: a message code, and what is true after it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Aftermath(StrEnum):
    """What is true after a failure."""

    NOTHING_HAPPENED = "nothing"
    FINISHED = "finished"
    UNKNOWN = "unknown"


@dataclass(eq=False)
class KioskError(Exception):
    """The parent of everything the counter can explain."""

    code: ClassVar[str]
    aftermath: ClassVar[Aftermath] = Aftermath.NOTHING_HAPPENED

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.code}"
