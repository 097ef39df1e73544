"""A user logs in to a web server, is revoked at the counter, and is refused once the hook ran; another one is not."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.apache import Apache
from tests.support.deep import need
from tests.support.journal import told
from tests.support.lists import revoke_serial
from tests.support.relying_party import REFUSED, VERSIONS, Bearer, Browser, Nginx, WebServer
from tests.support.street import LEAVES, STAYS, Street, a_street, serial_of

pytestmark = pytest.mark.deep

TLS = {"TLS 1.2": ssl.TLSVersion.TLSv1_2, "TLS 1.3": ssl.TLSVersion.TLSv1_3}

SERVERS: tuple[type[WebServer], ...] = (Nginx, Apache)
NEEDED = {Nginx: "nginx", Apache: "apache2"}

LINGERS = {
    "nginx with a session cache": (Nginx, {"ssl_session_cache": "ssl_session_cache shared:lingering:1m;"}),
    "nginx with tickets under a key of one's own": (
        Nginx,
        {"ssl_session_tickets": "ssl_session_ticket_key ticket.key; ssl_session_tickets on;"},
    ),
    "Apache with tickets under a key of one's own": (
        Apache,
        {"SSLSessionTickets": "SSLSessionTicketKeyFile ticket.key\nSSLSessionTickets on"},
    ),
}
"""What the document warns of."""


def revokes(street: Street, bearer: Bearer) -> None:
    """At the counter, with approval; returns when the server has read the list."""
    with street.server.reloading():
        done = street.practice.revokes(LEAVES, serial_of(bearer))
    assert done.published_crl_number is not None
    assert done.crl_published_at is not None


@pytest.fixture
def kind() -> type[WebServer]:
    """The server; nginx, unless a test says so."""
    return Nginx


@pytest.fixture
def instead() -> dict[str, str]:
    """Settings of the recipe that are replaced; none, unless a test says so."""
    return {}


@pytest.fixture
def street(tmp_path: Path, kind: type[WebServer], instead: dict[str, str]) -> Iterator[Street]:
    """Both have got their certificates today, and nobody is revoked yet."""
    need(NEEDED[kind], "curl")
    with a_street(tmp_path, kind, instead) as street:
        yield street


@pytest.mark.rule("I-15", "R-05")
@pytest.mark.parametrize("kind", SERVERS, ids=lambda kind: kind.NAME)
def test_a_revoked_user_is_refused_once_the_hook_ran_and_the_other_still_gets_in(street: Street) -> None:
    browsers = {
        name: (street.server.browser(street.leaves, version), street.server.browser(street.stays, version))
        for name, version in TLS.items()
    }
    for leaves, stays in browsers.values():
        assert f"CN={LEAVES}" in leaves.visits()
        assert f"CN={STAYS}" in stays.visits()
    for options in VERSIONS.values():
        assert f"CN={LEAVES}" in street.server.answer(street.leaves, *options)

    revokes(street, street.leaves)

    for name, options in VERSIONS.items():
        assert street.server.answer(street.leaves, *options) == REFUSED
        assert f"CN={STAYS}" in street.server.answer(street.stays, *options)
        leaves, stays = browsers[name]
        assert leaves.visits() == REFUSED
        assert f"CN={STAYS}" in stays.visits()
    assert "certificate revoked" in street.server.log()
    assert ("ca:crl:announced", "done") in told(street.practice.database)


@pytest.mark.parametrize(("kind", "instead"), LINGERS.values(), ids=list(LINGERS))
@pytest.mark.parametrize("version", TLS.values(), ids=list(TLS))
def test_a_session_that_may_be_resumed_lets_a_revoked_user_in(
    street: Street, version: ssl.TLSVersion
) -> None:
    """Why the recipe says what it says, and that these browsers would notice if it did not help."""
    browser: Browser = street.server.browser(street.leaves, version)
    assert f"CN={LEAVES}" in browser.visits()
    revokes(street, street.leaves)
    assert f"CN={LEAVES}" in browser.visits()
    assert browser.resumed
    assert street.server.answer(street.leaves) == REFUSED


@pytest.mark.parametrize("kind", [Apache], ids=["Apache"])
@pytest.mark.parametrize("instead", [{"SSLCARevocationCheck": ""}], ids=["no check"])
def test_an_apache_that_is_not_told_to_check_lets_everybody_in(street: Street) -> None:
    """Why the recipe says so: the list is loaded, and never looked at."""
    revokes(street, street.leaves)
    assert f"CN={LEAVES}" in street.server.answer(street.leaves)


OPTIONAL = {"ssl_verify_client": "ssl_verify_client optional;"}
KEPT_ALIVE = {
    Nginx: {"keepalive_timeout": "keepalive_timeout 75s;"},
    Apache: {"KeepAlive": "KeepAlive On\nKeepAliveTimeout 75"},
}


@pytest.mark.parametrize("instead", [OPTIONAL], ids=["optional"])
def test_where_a_certificate_is_optional_a_revoked_user_comes_in_without_one(street: Street) -> None:
    revokes(street, street.leaves)
    assert street.server.answer(street.leaves) == REFUSED
    page = street.server.answer(None)
    assert "TLSv1" in page
    assert "CN=" not in page


@pytest.mark.parametrize(
    ("kind", "instead"), KEPT_ALIVE.items(), ids=lambda value: getattr(value, "NAME", "")
)
@pytest.mark.parametrize("version", TLS.values(), ids=list(TLS))
def test_a_connection_that_was_kept_idle_ends_with_the_reload(
    street: Street, version: ssl.TLSVersion
) -> None:
    with street.server.browser(street.leaves, version).staying() as asks:
        assert f"CN={LEAVES}" in asks()
        assert f"CN={LEAVES}" in asks()
        revokes(street, street.leaves)
        assert asks() == ""


def test_without_the_hook_a_server_goes_on_with_the_list_from_before(street: Street) -> None:
    silent = street.practice.services.publishing
    revoke_serial(silent.desk, silent.signer.facts().key_id, serial_of(street.leaves))
    type(silent)(desk=silent.desk, signer=silent.signer, folder=silent.folder).publish()
    assert f"CN={LEAVES}" in street.server.answer(street.leaves)
    with street.server.reloading():
        silent.publish_due()
    assert street.server.answer(street.leaves) == REFUSED
