"""A connection to UDisks2 over D-Bus, open for one piece of work."""

import asyncio
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from kiosk.errors import MediaUnavailable
from kiosk.media.threads import in_a_thread

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

SERVICE: Final = "org.freedesktop.UDisks2"
ROOT: Final = "/org/freedesktop/UDisks2"
SYSTEM_BUS: Final = "unix:path=/run/dbus/system_bus_socket"
CONNECT_SECONDS: Final = 5.0
CALL_SECONDS: Final = 10.0

_DBUS: Final = "org.freedesktop.DBus"
_NOT_AUTHORIZED: Final = f"{SERVICE}.Error.NotAuthorized"
_NOBODY_THERE: Final = (
    _NOT_AUTHORIZED,
    f"{_DBUS}.Error.ServiceUnknown",
    f"{_DBUS}.Error.NameHasNoOwner",
    f"{_DBUS}.Error.NoReply",
    f"{_DBUS}.Error.Disconnected",
    f"{_DBUS}.Error.AccessDenied",
    f"{_DBUS}.Error.Spawn",
)
"""Beginnings of the names of errors that tell of the terminal, never of a stick."""
_MATCHES: Final = (
    f"type='signal',sender='{SERVICE}',path_namespace='{ROOT}'",
    f"type='signal',sender='{_DBUS}',interface='{_DBUS}',member='NameOwnerChanged',arg0='{SERVICE}'",
)

ManagedObjects = dict[str, dict[str, dict[str, Any]]]
"""Path, interface, property: what `GetManagedObjects` answers, without the wrappings of the wire."""


class UDisksSaidNo(Exception):
    """UDisks refused, or could not. The text may hold names that a stick chose: it is never shown and never logged."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name)
        self.name = name
        self.text = text

    @property
    def reason(self) -> str:
        """The last word of the error's name, as in `DeviceBusy`."""
        return self.name.rpartition(".")[2]


class UDisksBus:
    """`async with UDisksBus() as bus`. Belongs to the event loop it was opened on.

    Raises `MediaUnavailable` when the bus or UDisks cannot be reached, or when this user may not do that.
    """

    def __init__(self, address: str | None = None) -> None:
        self._address = address or os.environ.get("DBUS_SYSTEM_BUS_ADDRESS") or SYSTEM_BUS
        self._bus: MessageBus | None = None

    async def __aenter__(self) -> Self:
        connect = await in_a_thread(_library, name="dbus-library")
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._bus = await connect(self._address)
        except (
            OSError,
            EOFError,
            ValueError,
        ):  # TimeoutError is an OSError; a refused log-in is a ValueError
            raise MediaUnavailable from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        bus, self._bus = self._bus, None
        if bus is None:
            return
        bus.disconnect()
        with suppress(OSError, EOFError):
            async with asyncio.timeout(CONNECT_SECONDS):
                await _ended(bus)

    async def managed_objects(self) -> ManagedObjects:
        """Everything that UDisks knows at this moment. Raises nothing but `MediaUnavailable`."""
        with _no_fault_of_a_stick():
            (objects,) = await self.call(ROOT, f"{_DBUS}.ObjectManager", "GetManagedObjects")
        return objects  # type: ignore[no-any-return]  # what it is, is said by the specification of D-Bus

    async def call(
        self,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        *args: object,
        timeout: float = CALL_SECONDS,  # noqa: ASYNC109 - the deadline belongs to the answer, not to the caller's block
    ) -> list[Any]:
        """Call a method of UDisks and return what it answers, without the wrappings of the wire.

        Raises `UDisksSaidNo` for its refusals and `TimeoutError` after `timeout` seconds: then the call goes on.
        """
        return await self._answer_of(SERVICE, path, interface, member, signature, args, timeout)

    async def changes(self) -> AsyncGenerator[None, None]:
        """One item at once and one after anything changed; several changes may be one item.

        Raises `MediaUnavailable` as soon as UDisks or the bus goes away.
        """
        bus = self._connected()
        changed, gone = asyncio.Event(), asyncio.Event()

        def heard(message: "Message") -> None:
            if message.member == "NameOwnerChanged" and message.sender == _DBUS:
                if message.body[0] == SERVICE and not message.body[2]:
                    gone.set()
            elif not (message.path or "").startswith(ROOT):
                return
            changed.set()

        def ended(connection: "asyncio.Future[None]") -> None:
            with suppress(asyncio.CancelledError):
                connection.exception()  # looked at, so that nobody reports it as overlooked
            gone.set()
            changed.set()

        disconnected = asyncio.shield(_ended(bus))
        disconnected.add_done_callback(ended)
        bus.add_message_handler(heard)
        try:
            for match in _MATCHES:
                with _no_fault_of_a_stick():
                    await self._answer_of(
                        _DBUS, "/org/freedesktop/DBus", _DBUS, "AddMatch", "s", (match,), CALL_SECONDS
                    )
            while not gone.is_set():
                yield
                await changed.wait()
                changed.clear()
        finally:
            bus.remove_message_handler(heard)
            disconnected.cancel()
        raise MediaUnavailable

    def _connected(self) -> "MessageBus":
        if self._bus is None or not self._bus.connected:
            raise MediaUnavailable
        return self._bus

    async def _answer_of(
        self,
        service: str,
        path: str,
        interface: str,
        member: str,
        signature: str,
        args: tuple[object, ...],
        seconds: float,
    ) -> list[Any]:
        from dbus_fast import Message, MessageType, unpack_variants  # noqa: PLC0415 - loaded when the bus was opened

        message = Message(service, path, interface, member, signature=signature, body=list(args))
        bus = self._connected()
        try:
            async with asyncio.timeout(seconds) as deadline:
                reply = await bus.call(message)
        except (OSError, EOFError):
            if deadline.expired():
                raise
            raise MediaUnavailable from None
        if reply is None:  # the connection ended in between
            raise MediaUnavailable
        if reply.message_type is not MessageType.ERROR:
            return list(unpack_variants(reply.body))
        name = reply.error_name or ""
        if name.startswith(_NOBODY_THERE):
            raise MediaUnavailable
        raise UDisksSaidNo(name, str(reply.body[0]) if reply.body else "")


@contextmanager
def _no_fault_of_a_stick() -> Iterator[None]:
    """Around a question that is about no device: whatever the answer is, only the terminal can be meant."""
    try:
        yield
    except (UDisksSaidNo, TimeoutError):
        raise MediaUnavailable from None


async def _ended(bus: "MessageBus") -> None:
    await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # of the library


def _library() -> Any:
    """Loaded here and not above: only a terminal that looks for sticks waits for it, and no screen does."""
    from dbus_fast import DBusError  # noqa: PLC0415
    from dbus_fast.aio import MessageBus  # noqa: PLC0415

    async def connect(address: str) -> MessageBus:
        try:
            return await MessageBus(bus_address=address, auth_timeout=CONNECT_SECONDS).connect()
        except DBusError:  # it takes nobody more
            raise MediaUnavailable from None

    return connect
