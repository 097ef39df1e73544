"""The way from the counter to a web system: both are real, and two customers have got their certificates today."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from kiosk.bootstrap import open_services, start
from kiosk.clock import SystemClock
from kiosk.config import CrlSettings
from kiosk.rules.naming import serial_text
from kiosk.secret import Secret
from kiosk.training.people import STAFF_PASSWORD, USER_PASSWORD
from kiosk.training.setting_up import set_up
from tests.support.practice import Practice
from tests.support.relying_party import Bearer, WebServer

LEAVES, STAYS = "koushin01", "shinki02"
"""Who will be revoked, and who will not."""


@dataclass(frozen=True)
class Street:
    """The counter, the web system that reads its list, and two customers with a certificate each."""

    practice: Practice
    server: WebServer
    leaves: Bearer
    stays: Bearer


@contextmanager
def a_street(
    folder: Path, kind: type[WebServer], instead: Mapping[str, str] | None = None
) -> Iterator[Street]:
    """Nobody is revoked yet. `instead` replaces settings of the server's recipe."""
    settings = set_up(folder / "data", clock=SystemClock())
    home = folder / "server"
    home.mkdir()
    (home / "ticket.key").write_bytes(bytes(range(kind.TICKET_KEY)))
    ca, crl = settings.paths.ca / "ca.crt", settings.paths.crl / "crl.pem"
    server = kind(home, ca=ca, crl=crl, instead=dict(instead or {}))
    settings = settings.model_copy(update={"crl": CrlSettings(after_publishing=server.hook)})
    services = open_services(settings)
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
            bearers.append(Bearer(file.rename(folder / file.name), USER_PASSWORD))
        yield Street(practice, server, *bearers)
    finally:
        services.close()
        server.close()


def serial_of(bearer: Bearer) -> str:
    """As the counter writes it."""
    certificate = load_pkcs12(bearer.p12.read_bytes(), bearer.password.encode()).cert
    assert certificate is not None
    return serial_text(certificate.certificate.serial_number)
