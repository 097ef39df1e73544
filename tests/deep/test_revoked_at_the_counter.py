"""The whole way through the screens: a user logs in to a real nginx, is revoked with an approval, and stays out."""

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from kiosk.bootstrap import open_services, start
from kiosk.clock import SystemClock
from kiosk.config import CrlSettings
from kiosk.rules.naming import serial_text
from kiosk.secret import Secret
from kiosk.training.people import STAFF_PASSWORD, USER_PASSWORD
from kiosk.training.setting_up import set_up
from kiosk.translations.catalog import Language, use
from tests.support.deep import need
from tests.support.drivers.approvals import at_the_approvals
from tests.support.practice import Practice
from tests.support.relying_party import REFUSED, VERSIONS, Bearer, Nginx

pytestmark = pytest.mark.deep

LEAVES, STAYS = "koushin01", "shinki02"
TLS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@dataclass(frozen=True)
class Street:
    """The counter, the web system that reads its list, and two customers with a certificate each."""

    practice: Practice
    server: Nginx
    leaves: Bearer
    stays: Bearer


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    """Both have got their certificates today."""
    need("nginx", "curl")
    use(Language.JAPANESE)
    settings = set_up(tmp_path / "data", clock=SystemClock())
    server = Nginx(tmp_path / "server", ca=settings.paths.ca / "ca.crt", crl=settings.paths.crl / "crl.pem")
    services = open_services(settings.model_copy(update={"crl": CrlSettings(after_publishing=server.hook)}))
    try:
        start(services)
        assert settings.media.directory is not None
        practice = Practice(
            services=services,
            clock=SystemClock(),  # type: ignore[arg-type]  # servers and browsers go by the real time
            actor=services.signing_in.sign_in("op001", Secret(STAFF_PASSWORD)),
            sticks=settings.media.directory,
        )
        bearers = []
        for user_id, medium_no in ((LEAVES, "M0001"), (STAYS, "M0002")):
            file = practice.issues(user_id, medium_no)
            bearers.append(Bearer(file.rename(tmp_path / file.name), USER_PASSWORD))
        yield Street(practice, server, *bearers)
    finally:
        services.close()
        server.close()


def serial_of(bearer: Bearer) -> str:
    """As the counter writes it."""
    certificate = load_pkcs12(bearer.p12.read_bytes(), bearer.password.encode()).cert
    assert certificate is not None
    return serial_text(certificate.certificate.serial_number)


async def revoked_through_the_screens(street: Street) -> None:
    """201 with the approval of a supervisor, the certificate chosen by its serial number."""
    async with at_the_approvals(street.practice) as desk:
        await desk.begins_transaction("201")
        await desk.takes_paper_and_user(LEAVES)
        await desk.comes_to("S400")
        await desk.clicks(serial_of(street.leaves))
        await desk.sees("選択中")
        await desk.gives_reason(3)
        await desk.comes_to("S400-2")
        await desk.sees(serial_of(street.leaves))
        await desk.approves()
        await desk.comes_to("S400-3")
        await desk.sees("IR01 失効しました。")
        await desk.sees("に公開")


@pytest.mark.rule("R-11", "I-10", "I-15")
def test_a_user_revoked_at_the_counter_is_refused_and_another_one_still_gets_in(street: Street) -> None:
    server = street.server
    browsers = [(server.browser(street.leaves, tls), server.browser(street.stays, tls)) for tls in TLS]
    for leaves, stays in browsers:
        assert f"CN={LEAVES}" in leaves.visits()
        assert f"CN={STAYS}" in stays.visits()

    with server.reloading():
        asyncio.run(revoked_through_the_screens(street))

    for options in VERSIONS.values():
        assert server.answer(street.leaves, *options) == REFUSED
        assert f"CN={STAYS}" in server.answer(street.stays, *options)
    for leaves, stays in browsers:  # they would resume their sessions if the server let them
        assert leaves.visits() == REFUSED
        assert f"CN={STAYS}" in stays.visits()
    assert "certificate revoked" in server.log()
