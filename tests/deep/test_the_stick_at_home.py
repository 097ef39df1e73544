"""A stick from the practice counter, taken home: importers open it, linters are content, a real server lets it in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from kiosk.bootstrap import open_services, start
from kiosk.clock import SystemClock
from kiosk.pki.pkcs12 import read_mac_rounds
from kiosk.secret import Secret
from kiosk.services.bundle import Services
from kiosk.training.people import STAFF_PASSWORD, USER_PASSWORD
from kiosk.training.setting_up import set_up
from tests.deep.test_p12_importers import IMPORTERS, Importer, Stick
from tests.pki.test_pkilint import findings
from tests.support.deep import need
from tests.support.practice import Practice
from tests.support.relying_party import TLS_1_2, TLS_1_3, Bearer, Nginx

pytestmark = pytest.mark.deep


@dataclass(frozen=True)
class TakenHome:
    """What the customer carries, and where the CA of the practice counter publishes."""

    stick: Stick
    data: Path
    work: Path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TakenHome]:
    """`koushin01` has renewed at the practice counter, today."""
    work = tmp_path_factory.mktemp("home")
    settings = set_up(work / "data", clock=SystemClock())
    services = open_services(settings)
    try:
        start(services)
        assert settings.media.directory is not None
        file = renewed(services, settings.media.directory)
        certificate = load_pkcs12(file.read_bytes(), USER_PASSWORD.encode()).cert
        assert certificate is not None
        yield TakenHome(Stick(file, certificate.certificate), work / "data", work)
    finally:
        services.close()


def renewed(services: Services, sticks: Path) -> Path:
    """Steps 1 to 9 through the use cases; the file on the stick."""
    actor = services.signing_in.sign_in("op001", Secret(STAFF_PASSWORD))
    practice = Practice(services=services, clock=SystemClock(), actor=actor, sticks=sticks)  # type: ignore[arg-type]
    return practice.issues("koushin01")


@pytest.mark.rule("R-84", "E-83", "E-89")
@pytest.mark.parametrize("importer", IMPORTERS)
def test_importers_open_it_with_the_login_password(
    home: TakenHome, tmp_path: Path, importer: Importer
) -> None:
    assert importer(home.stick, USER_PASSWORD, tmp_path).opened
    assert not importer(home.stick, "Kunren#2025", tmp_path).opened


@pytest.mark.rule("E-89")
def test_a_guess_costs_a_hundred_thousand_rounds(home: TakenHome) -> None:
    assert read_mac_rounds(home.stick.path.read_bytes()) == 100_000


def test_pkilint_finds_nothing_on_certificate_chain_and_list(home: TakenHome, tmp_path: Path) -> None:
    leaf = tmp_path / "user.crt"
    leaf.write_bytes(home.stick.certificate.public_bytes(Encoding.PEM))
    assert not findings("lint_pkix_cert", leaf)
    assert not findings("lint_pkix_signer_signee_cert_chain", home.data / "ca" / "ca.crt", leaf)
    assert not findings("lint_crl", "-t", "CRL", "-p", "PKIX", home.data / "crl" / "crl.pem")


@pytest.mark.rule("R-05", "R-13")
@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3], ids=["TLS 1.2", "TLS 1.3"])
def test_it_logs_in_to_a_real_server(home: TakenHome, tmp_path: Path, version: tuple[str, ...]) -> None:
    need("nginx", "curl")
    server = Nginx(tmp_path / "server", ca=home.data / "ca" / "ca.crt", crl=home.data / "crl" / "crl.pem")
    try:
        page = server.answer(Bearer(home.stick.path, USER_PASSWORD), *version)
    finally:
        server.close()
    assert "CN=koushin01" in page
    assert f"{home.stick.certificate.serial_number:X}" in page.upper()
