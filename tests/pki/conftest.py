"""A CA of its own for each file of tests, and the process that alone opens its key."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from kiosk.pki.ca_creation import NewCa
from kiosk.pki.signer_process import SignerProcess
from tests.support.certificates import PROFILE, a_ca


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> NewCa:
    return a_ca(tmp_path_factory.mktemp("home") / "ca", now=datetime(2026, 11, 22, 1, 30, tzinfo=UTC))


@pytest.fixture
def signer(made: NewCa) -> Iterator[SignerProcess]:
    with SignerProcess(made.folder.path, PROFILE, passphrase=lambda: made.passphrase) as process:
        yield process
