"""What the shell is given: facts of the counter, the screens it opens by itself, and what it asks of any screen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from textual.screen import Screen

from screens.messages import CounterMessage

if TYPE_CHECKING:
    from kiosk.services.acting import Terminal


@dataclass(frozen=True, kw_only=True)
class PracticeAccount:
    """One line of the training sign-on screen."""

    staff_id: str
    role: str
    """A word of `StaffRole`."""
    password: str


@dataclass(frozen=True, kw_only=True)
class Counter:
    """What the screens must know about the counter they stand on; everything a setting decides."""

    training: bool = False
    terminal: "Terminal | None" = None
    """For the header until somebody signs on."""
    contact: str = ""
    """Whom to call; the words 事務センター when empty."""
    idle_lock_after: float = 300.0
    """Seconds without a key until a staff screen is locked."""
    customer_warning_after: float = 90.0
    """Seconds without a key until a screen turned to the customer warns."""
    customer_wipe_after: float = 120.0
    """Seconds without a key until it wipes what was typed and goes back."""
    shuffle_keyboard: bool = False
    """The software keyboard mixes its keys each time it opens."""
    physical_keyboard: bool = True
    """The customer may also type on the real keyboard."""
    practice_accounts: tuple[PracticeAccount, ...] = ()
    """Shown on the sign-on screen, in training only."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The screens the shell opens by itself."""

    first: Callable[[], Screen[Any]]
    """The sign-on screen."""
    lock: Callable[[], Screen[Any]]
    help: Callable[[Screen[Any]], Screen[Any]]
    """Made for the screen it explains."""
    details: Callable[[CounterMessage], Screen[Any]]


@runtime_checkable
class CounterScreen(Protocol):
    """What the shell asks of a screen; `screens.base.KioskScreen` is one."""

    busy: bool
    covered: bool
    """The window is too small to show what a key would do."""
    LOCKS: ClassVar[bool]

    def tell(self, source: Callable[[], CounterMessage]) -> bool:
        """Show a message; False when there is no place for it."""

    def forget_secrets(self) -> None:
        """Wipe every secret that was typed."""

    def idle(self, seconds: float) -> None:
        """Called once a second with the time since the last key."""

    async def speak_again(self) -> None:
        """Show everything anew, after the language changed."""
