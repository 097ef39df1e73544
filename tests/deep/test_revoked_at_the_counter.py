"""The whole way through the screens: a user logs in to a real nginx, is revoked with an approval, and stays out."""

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.translations.catalog import Language, use
from tests.support.deep import need
from tests.support.drivers.approvals import at_the_approvals
from tests.support.relying_party import REFUSED, VERSIONS, Nginx
from tests.support.street import LEAVES, STAYS, Street, a_street, serial_of

pytestmark = pytest.mark.deep

TLS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    """Both have got their certificates today."""
    need("nginx", "curl")
    use(Language.JAPANESE)
    with a_street(tmp_path, Nginx) as street:
        yield street


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
