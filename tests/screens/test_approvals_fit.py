"""The screens of 201, 202, 301 and S600, in both languages and both windows: the way on is in sight and named."""

from collections.abc import Awaitable, Callable

import pytest

from kiosk.translations.catalog import Language, use
from tests.screens.test_every_screen_fits import Look
from tests.support.drivers.approvals import ApprovalDriver, at_the_approvals
from tests.support.practice import Practice

Camera = Callable[[str], Awaitable[None]]


async def the_phone_rings(desk: ApprovalDriver, camera: Camera) -> None:
    await desk.begins_transaction("202", "S410")
    await desk.has_focus("caller_name")
    await camera("S410")
    await desk.breaks_off()
    await desk.begins_transaction("802", "S411")
    await desk.waits(0.3)
    await camera("S411")
    await desk.presses("escape")


async def a_block_is_looked_at(desk: ApprovalDriver, camera: Camera) -> None:
    await desk.begins_transaction("301")
    await desk.takes_paper_and_user("heisoku04")
    await desk.comes_to("S500")
    await desk.sees("08:58:00")
    await camera("S500")
    await desk.presses("space", "f12")
    await desk.comes_to("S500-2")
    await desk.sees("[>")
    await desk.sees("heisoku04")
    await camera("S500-2")
    await desk.breaks_off()


async def a_certificate_is_revoked(desk: ApprovalDriver, camera: Camera) -> None:
    await desk.begins_transaction("201")
    await desk.takes_paper_and_user("pchenko03")
    await desk.comes_to("S400")
    await desk.chooses_certificate()
    await desk.presses("space")
    await desk.waits(0.3)
    await camera("S400")
    await desk.presses("f12")
    await desk.comes_to("S400-2")
    await desk.sees("pchenko03")
    await camera("S400-2")
    await desk.asks_the_supervisor()
    await camera("S600")
    await desk.signs_in_the_dialog()
    await desk.waits(0.5)
    await desk.presses("f12")
    await desk.comes_to("S400-3")
    await desk.sees("op002")
    await camera("S400-3")
    await desk.presses("escape")
    await desk.says_yes()
    await desk.comes_to("S100")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", list(Language))
async def test_the_way_on_is_in_sight_where_two_decide(practice: Practice, language: Language) -> None:
    look = Look()
    use(language)
    async with at_the_approvals(practice) as desk:

        async def camera(name: str) -> None:
            await look.in_both_windows(desk.app, desk.pilot, name, language)

        await the_phone_rings(desk, camera)
        await a_block_is_looked_at(desk, camera)
        await a_certificate_is_revoked(desk, camera)
    assert look.complaints == []
