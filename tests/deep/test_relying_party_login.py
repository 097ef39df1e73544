"""The certificate logs in to a real nginx, and no longer once it is revoked."""

import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from kiosk.pki.ca_files import publish_crl
from kiosk.pki.crl import crl_window, entry_der
from kiosk.pki.signer import CrlOrder, KeyAlgorithm
from kiosk.secret import Secret
from tests.support.certificates import OpenedCa, an_opened_ca, an_order
from tests.support.deep import need

pytestmark = pytest.mark.deep

PASSWORD = "Kunren#2026"
TLS_1_2 = ("--tlsv1.2", "--tls-max", "1.2")
TLS_1_3 = ("--tlsv1.3",)
REFUSED = "400"

# The settings a relying party needs: one full CRL, and no session that outlives a revocation.
CONFIGURATION = """
daemon off;
user root;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log info;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_certificate {home}/server.crt;
        ssl_certificate_key {home}/server.key;
        ssl_client_certificate {ca}/ca.crt;
        ssl_crl {ca}/crl.pem;
        ssl_verify_client on;
        ssl_verify_depth 2;
        ssl_session_cache off;
        ssl_session_tickets off;
        keepalive_timeout 0;
        location / {{ return 200 "$ssl_client_s_dn $ssl_client_serial $ssl_protocol"; }}
    }}
}}
"""


@dataclass(frozen=True)
class Customer:
    """A certificate on a stick, at home."""

    user_id: str
    serial: int
    p12: Path


def a_customer(
    ca: OpenedCa, folder: Path, user_id: str, algorithm: KeyAlgorithm, *, issued: datetime
) -> Customer:
    order = an_order(issued, user_id=user_id, key_algorithm=algorithm)
    prepared = ca.signer.prepare(order)
    ca.signer.sign(prepared.handle)
    path = folder / f"{user_id}-{order.serial:x}.p12"
    path.write_bytes(ca.signer.bundle(prepared.handle, Secret(PASSWORD), user_id))
    return Customer(user_id, order.serial, path)


class RelyingParty:
    """An nginx that asks for our certificates."""

    def __init__(self, ca: OpenedCa, home: Path) -> None:
        self.ca = ca
        self.home = home
        self._authority = trustme.CA()
        server = self._authority.issue_cert("localhost", "127.0.0.1")
        server.private_key_pem.write_to_path(home / "server.key")
        server.cert_chain_pems[0].write_to_path(home / "server.crt")
        self._authority.cert_pem.write_to_path(home / "server-ca.crt")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        configuration = home / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(home=home, port=self.port, ca=ca.made.folder.path))
        self._process = subprocess.Popen(
            ["nginx", "-p", f"{home}/", "-c", configuration, "-e", home / "error.log"],
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._listens)

    def _listens(self) -> bool:
        assert self._process.poll() is None, self.log()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self) -> str:
        """What nginx wrote down."""
        path = self.home / "error.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def answer(self, customer: Customer | None, *options: str) -> str:
        """The page a browser with this certificate gets, or the number of the refusal."""
        settings = [
            f'url = "https://localhost:{self.port}/"',
            f'cacert = "{self.home}/server-ca.crt"',
            "silent",
            "show-error",
            'noproxy = "*"',
            'write-out = "\\n%{http_code}"',
            "ipv4",
        ]
        if customer is not None:
            settings += ['cert-type = "P12"', f'cert = "{customer.p12}:{PASSWORD}"']
        ran = subprocess.run(
            ["curl", "--disable", "--config", "-", *options],
            input="\n".join(settings),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        page, _, number = ran.stdout.rpartition("\n")
        return page if number == "200" else number

    def publish(self, *revoked: Customer, number: int, at: datetime | None = None) -> None:
        """Publish a list with these certificates and have nginx read it."""
        begins, ends = crl_window(at or datetime.now(UTC))
        entries = [entry_der(serial, begins, 1) for serial in sorted(customer.serial for customer in revoked)]
        order = CrlOrder(number=number, this_update=begins, next_update=ends, entries=entries)
        publish_crl(self.ca.made.folder.path, self.ca.signer.sign_crl(order))
        before = self.log().count("gracefully shutting down")
        self._process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.log().count("gracefully shutting down") > before)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture(params=[KeyAlgorithm.RSA_3072, KeyAlgorithm.P_256])
def party(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RelyingParty]:
    need("nginx", "curl")
    long_ago = datetime.now(UTC) - timedelta(days=800)
    running = RelyingParty(an_opened_ca(tmp_path / "ca", now=long_ago, algorithm=request.param), tmp_path)
    running.publish(number=2)
    try:
        yield running
    finally:
        running.close()


@pytest.mark.rule("R-05")
@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3], ids=["TLS 1.2", "TLS 1.3"])
@pytest.mark.parametrize("algorithm", list(KeyAlgorithm))
def test_a_new_certificate_logs_in(
    party: RelyingParty, tmp_path: Path, algorithm: KeyAlgorithm, version: tuple[str, ...]
) -> None:
    customer = a_customer(party.ca, tmp_path, "Tanaka01", algorithm, issued=datetime.now(UTC))
    page = party.answer(customer, *version)
    told = re.fullmatch(r"(.*) ([0-9A-F]+) (\S+)", page)
    assert told is not None, page
    subject, serial, protocol = told.groups()
    assert "CN=Tanaka01" in subject
    assert int(serial, 16) == customer.serial
    assert protocol == ("TLSv1.2" if version is TLS_1_2 else "TLSv1.3")


@pytest.mark.rule("I-15")
def test_a_revoked_certificate_does_not_log_in_and_the_others_still_do(
    party: RelyingParty, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    stays = a_customer(party.ca, tmp_path, "Tanaka01", KeyAlgorithm.P_256, issued=now)
    leaves = a_customer(party.ca, tmp_path, "Suzuki02", KeyAlgorithm.RSA_2048, issued=now)
    renewed = a_customer(party.ca, tmp_path, "Suzuki02", KeyAlgorithm.P_256, issued=now)
    assert "CN=Suzuki02" in party.answer(leaves)

    party.publish(leaves, number=3)

    for version in (TLS_1_2, TLS_1_3):
        assert party.answer(leaves, *version) == REFUSED
        assert "CN=Tanaka01" in party.answer(stays, *version)
        assert "CN=Suzuki02" in party.answer(renewed, *version)
    assert "certificate revoked" in party.log()


def test_nobody_logs_in_without_a_certificate(party: RelyingParty) -> None:
    for version in (TLS_1_2, TLS_1_3):
        assert party.answer(None, *version) == REFUSED
    assert "client sent no required SSL certificate" in party.log()


@pytest.mark.rule("R-02")
def test_an_expired_certificate_does_not_log_in(party: RelyingParty, tmp_path: Path) -> None:
    today = datetime.now(UTC)
    last_day = a_customer(
        party.ca, tmp_path, "Tanaka01", KeyAlgorithm.P_256, issued=today - timedelta(days=365)
    )
    day_after = a_customer(
        party.ca, tmp_path, "Tanaka01", KeyAlgorithm.P_256, issued=today - timedelta(days=366)
    )
    assert "CN=Tanaka01" in party.answer(last_day)
    assert party.answer(day_after) == REFUSED
    assert "certificate has expired" in party.log()


def test_a_certificate_of_another_ca_with_the_same_name_does_not_log_in(
    party: RelyingParty, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    stranger = an_opened_ca(tmp_path / "stranger", now=now)
    assert stranger.certificate.subject == party.ca.certificate.subject
    forged = a_customer(stranger, tmp_path, "Tanaka01", KeyAlgorithm.P_256, issued=now)
    assert party.answer(forged) == REFUSED


def test_without_a_current_list_nobody_would_log_in(party: RelyingParty, tmp_path: Path) -> None:
    """Why a list is published when the CA is made, and again long before nextUpdate."""
    customer = a_customer(party.ca, tmp_path, "Tanaka01", KeyAlgorithm.P_256, issued=datetime.now(UTC))
    assert "CN=Tanaka01" in party.answer(customer)
    party.publish(number=3, at=datetime.now(UTC) - timedelta(days=8))
    assert party.answer(customer) == REFUSED
    assert "CRL has expired" in party.log()
