"""How a letter leaves: through a mail server over TLS, or, in training, into a folder that a window shows."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from kiosk.mail.message import Letter

LONGEST_ANSWER: Final = 300
"""Characters that are kept of what a server answers."""


@dataclass(eq=False)
class MailNotSent(Exception):
    """A letter was not sent, or nobody can tell; sending it again uses the same Message-ID."""

    permanent: bool
    """The server will never take this letter for this recipient (RFC 5321 4.2.1)."""
    reason: str
    """A reply code or a few words; never text of the server, which may repeat an address."""
    server_away: bool = False
    """Nothing is wrong with the letter: no other one would get through either."""
    answer: str = ""
    """What the server said, its addresses masked; empty when it said nothing."""

    def __str__(self) -> str:
        return self.reason


class Line(Protocol):
    """A way out that stays open over many letters."""

    async def send(self, letter: Letter) -> str:
        """Return the answer of the server once the letter is accepted. Raises `MailNotSent`."""
        ...


class Mailer(Protocol):
    """Where letters go."""

    @property
    def simulated(self) -> bool:
        """Letters stay in this machine, for training."""
        ...

    def line(self, *, paced: bool = False) -> AbstractAsyncContextManager[Line]:
        """A line for one event loop, closed at the end of the block; it connects with the first letter.

        `paced` keeps to the rate the settings allow, for letters that nobody waits for at the counter.
        """
        ...
