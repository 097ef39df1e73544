"""A stick from the practice counter, taken home: importers open it, linters are content, a real server lets it in."""

import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from kiosk.bootstrap import open_services, start
from kiosk.clock import SystemClock
from kiosk.pki.pkcs12 import read_mac_rounds
from kiosk.secret import Secret
from kiosk.services.bundle import Services
from kiosk.services.views import HandOverCheck
from kiosk.training.people import STAFF_PASSWORD, USER_PASSWORD
from kiosk.training.setting_up import set_up
from tests.deep.test_p12_importers import IMPORTERS, Importer, Stick
from tests.deep.test_relying_party_login import CONFIGURATION, TLS_1_2, TLS_1_3, wait_until
from tests.pki.test_pkilint import findings
from tests.support.deep import need
from tests.support.practice import Practice

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
    number = practice.reception("koushin01")
    services.authenticating.submit_password(actor, number, "koushin01", Secret(USER_PASSWORD))
    services.authenticating.submit_code(actor, number, Secret(practice.code))
    ready = services.issuing.sign(actor, number, secrets.token_hex(16), lambda _: None)
    ref = services.delivering.sticks()[0].ref
    delivered = services.delivering.deliver(actor, ready, ref, lambda _: None)
    services.handing_over.hand_over(actor, number, frozenset(HandOverCheck))
    (file,) = sticks.rglob(delivered.file_name)
    return file


def listens(port: int) -> bool:
    """Whether somebody answers there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


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
    ca = tmp_path / "ca"
    ca.mkdir()
    shutil.copy(home.data / "ca" / "ca.crt", ca)
    shutil.copy(home.data / "crl" / "crl.pem", ca)
    authority = trustme.CA()
    server = authority.issue_cert("localhost", "127.0.0.1")
    server.private_key_pem.write_to_path(tmp_path / "server.key")
    server.cert_chain_pems[0].write_to_path(tmp_path / "server.crt")
    authority.cert_pem.write_to_path(tmp_path / "server-ca.crt")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    (tmp_path / "nginx.conf").write_text(CONFIGURATION.format(home=tmp_path, port=port, ca=ca))
    nginx = subprocess.Popen(
        ["nginx", "-p", f"{tmp_path}/", "-c", tmp_path / "nginx.conf", "-e", tmp_path / "error.log"],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: listens(port))
        settings = (
            f'url = "https://localhost:{port}/"\ncacert = "{tmp_path}/server-ca.crt"\nsilent\nipv4\n'
            f'noproxy = "*"\ncert-type = "P12"\ncert = "{home.stick.path}:{USER_PASSWORD}"\n'
        )
        page = subprocess.run(
            ["curl", "--disable", "--config", "-", *version],
            input=settings,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout
    finally:
        nginx.terminate()
        nginx.wait(10)
    assert "CN=koushin01" in page
    assert f"{home.stick.certificate.serial_number:X}" in page.upper()
