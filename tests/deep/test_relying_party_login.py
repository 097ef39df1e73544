"""The certificate logs in to a real nginx, and no longer once it is revoked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.pki.ca_files import publish_crl
from kiosk.pki.crl import crl_window, entry_der
from kiosk.pki.signer import CrlOrder, KeyAlgorithm
from kiosk.secret import Secret
from tests.support.certificates import OpenedCa, an_opened_ca, an_order
from tests.support.deep import need
from tests.support.relying_party import REFUSED, TLS_1_2, TLS_1_3, Bearer, Nginx

pytestmark = pytest.mark.deep

PASSWORD = "Kunren#2026"


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
    """A server that asks for our certificates, and the CA that it trusts."""

    def __init__(self, ca: OpenedCa, home: Path) -> None:
        self.ca = ca
        self.publish(number=2, reload=False)
        folder = ca.made.folder.path
        self.server = Nginx(home / "server", ca=folder / "ca.crt", crl=folder / "crl.pem")

    def answer(self, customer: Customer | None, *options: str) -> str:
        """The page a browser with this certificate gets, or the number of the refusal."""
        return self.server.answer(Bearer(customer.p12, PASSWORD) if customer else None, *options)

    def log(self) -> str:
        """What the server wrote down."""
        return self.server.log()

    def publish(
        self, *revoked: Customer, number: int, at: datetime | None = None, reload: bool = True
    ) -> None:
        """Publish a list with these certificates and have the server read it."""
        begins, ends = crl_window(at or datetime.now(UTC))
        entries = b"".join(sorted(entry_der(customer.serial, begins, 1) for customer in revoked))
        order = CrlOrder(number=number, this_update=begins, next_update=ends, entries=entries)
        publish_crl(self.ca.made.folder.path, self.ca.signer.sign_crl(order))
        if reload:
            self.server.reload()

    def close(self) -> None:
        self.server.close()


@pytest.fixture(params=[KeyAlgorithm.RSA_3072, KeyAlgorithm.P_256])
def party(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RelyingParty]:
    need("nginx", "curl")
    long_ago = datetime.now(UTC) - timedelta(days=800)
    running = RelyingParty(an_opened_ca(tmp_path / "ca", now=long_ago, algorithm=request.param), tmp_path)
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
