"""The screens of 201, 202, 301 and S600, in both languages and both windows: the way on is in sight and named."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url

from kiosk.translations.catalog import Language, use
from tests.screens.test_every_screen_fits import Look, give_long_names
from tests.screens.test_unfinished import delivered
from tests.support.drivers.approvals import ApprovalDriver, at_the_approvals
from tests.support.drivers.counter import SMALL_WINDOW
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


@pytest.mark.rule("E-85")
async def test_what_an_approval_does_is_in_sight_however_long_the_request_is(practice: Practice) -> None:
    await asyncio.to_thread(delivered, practice)
    give_long_names(Path(make_url(practice.services.settings.database.url).database or ""))
    async with at_the_approvals(practice, window=SMALL_WINDOW) as desk:
        await desk.starts("801", "S700")
        await desk.sees("koushin01")
        await desk.presses("f4")
        await desk.comes_to("ChooseOutcome")
        await desk.clicks("媒体をなくした")
        await desk.presses("f12")
        await desk.comes_to("S400-2")
        await desk.asks_the_supervisor()
        await desk.sees("失効すると元に戻せません。")
        await desk.sees("お客様のほかの有効な電子証明書は、そのまま利用できます。")
        await desk.presses("ctrl+l")
        await desk.sees("A revocation cannot be undone.")
        assert desk.shows("[ Approve ]")
