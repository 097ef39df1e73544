"""The walk-through of a renewal, on the screens, on a whole emulated terminal: it ends on a stick, read elsewhere."""

import base64
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from kiosk.clock import SystemClock
from kiosk.training.people import USER_PASSWORD
from kiosk.training.setting_up import set_up
from tests.deep.sticks.guest_counter import KEY_BAG, PRACTICE, STICK
from tests.deep.sticks.needs import need_an_emulated_terminal
from tests.support.machines import images, qemu
from tests.support.machines.once import once
from tests.support.machines.telling import the_one
from tests.support.taken_home import user_id_of

pytestmark = [pytest.mark.deep, pytest.mark.timeout(1800)]

LONGEST: Final = 1500.0
"""Seconds; on a quiet machine it takes two minutes."""


def run(place: Path) -> list[dict[str, Any]]:
    """Make a practice counter and a stick, walk through the renewal, look at the stick."""
    image = images.make(place / f"{STICK}.img", "fat32", STICK)
    set_up(place / "home" / PRACTICE, clock=SystemClock(), real_sticks=True)
    told = qemu.run("tests.deep.sticks.guest_counter", place, LONGEST, home=place / "home", compiled=True)
    files = {name: base64.b64encode(data).decode() for name, data in images.files_on_fat(image).items()}
    return [*told, {"what": "stick", "files": files}]


@pytest.fixture(scope="session")
def renewal(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Everything that happened in one start of the emulated terminal."""
    need_an_emulated_terminal()
    return once(tmp_path_factory, "counter", run)


@pytest.mark.rule("R-44", "R-60", "R-70", "R-80", "R-84", "E-83", "I-20")
def test_the_walkthrough_ends_on_a_real_stick(renewal: list[dict[str, Any]]) -> None:
    walked = the_one(renewal, what="renewal")
    assert "failed" not in walked, walked["failed"]
    assert "IM11" in walked["receipt"]

    [(name, content)] = the_one(renewal, what="stick")["files"].items()
    assert name.startswith("koushin01")
    assert name.endswith(".p12")
    bundle = pkcs12.load_pkcs12(base64.b64decode(content), USER_PASSWORD.encode())
    assert bundle.cert is not None
    assert bundle.key is not None
    certificate: x509.Certificate = bundle.cert.certificate
    assert bundle.key.public_key() == certificate.public_key()
    assert user_id_of(certificate) == "koushin01"


@pytest.mark.rule("I-20", "E-86")
def test_the_terminal_keeps_no_copy(renewal: list[dict[str, Any]]) -> None:
    [content] = the_one(renewal, what="stick")["files"].values()
    assert KEY_BAG in base64.b64decode(content)
    assert the_one(renewal, what="renewal")["local"] == []
