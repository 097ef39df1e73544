"""The network is off: a test may talk to this machine and to nobody else."""

import ipaddress
import socket
import sys
from collections.abc import Iterator

import pytest

WATCHED = {"socket.connect", "socket.sendto"}
INTERNET = {socket.AF_INET, socket.AF_INET6}

attempts: list[str] = []
"""Where the running test tried to go; code under test may swallow the refusal, so the fixture looks here again."""


class NetworkIsOff(OSError):
    """A test tried to leave this machine."""


def stays_here(family: int, address: object) -> bool:
    """Whether an address is of this machine: loopback, or no internet address at all."""
    if family not in INTERNET:
        return True
    host = str(address[0]) if isinstance(address, tuple) else ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _watch(event: str, details: tuple[object, ...]) -> None:
    if event not in WATCHED:
        return
    line, address = details
    if isinstance(line, socket.socket) and not stays_here(line.family, address):
        attempts.append(f"{event} {address}")
        raise NetworkIsOff(f"the network is off in tests: {address}")


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def network_is_off() -> Iterator[None]:
    """Fail the test that tried to leave this machine, even when the code under test hid the refusal."""
    attempts.clear()
    yield
    tried, attempts[:] = list(attempts), []
    assert not tried, f"left this machine: {tried}"
