"""A terminal in order, whose self-check can be asked."""

from pathlib import Path

import pytest

from kiosk.audit.keeping import CheckpointFile
from kiosk.pki.ca_creation import NewCa
from kiosk.pki.local_signer import LocalSigner
from kiosk.services.crl.publishing import Publishing
from kiosk.services.desk.guard import Desk
from kiosk.services.upkeep.checking import SelfCheck
from tests.support.certificates import PROFILE, a_ca
from tests.support.clock import MONDAY_MORNING


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> NewCa:
    return a_ca(tmp_path_factory.mktemp("home") / "ca", now=MONDAY_MORNING)


@pytest.fixture
def signer(ca: NewCa) -> LocalSigner:
    return LocalSigner(ca.folder, PROFILE).unlock(ca.passphrase)


@pytest.fixture
def self_check(desk: Desk, signer: LocalSigner, tmp_path: Path) -> SelfCheck:
    (tmp_path / "crl").mkdir(exist_ok=True)
    Publishing(desk=desk, signer=signer, folder=tmp_path / "crl").publish()
    return SelfCheck(
        desk=desk,
        signer=signer,
        kept=CheckpointFile(tmp_path / "checkpoints"),
        crl_folder=tmp_path / "crl",
        data_folder=tmp_path,
    )
