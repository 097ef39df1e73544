"""The wizard with sticks in the ports: UDisks tells of them, and the p12 ends on a real block device."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from kiosk.training.people import USER_PASSWORD
from tests.support.drivers.issuing import IssueDriver, at_the_issue
from tests.support.practice import Practice
from tests.support.stick_rigs import UDisksRig, usb_ports

pytestmark = pytest.mark.deep

NO_STICK = "USB媒体が見つかりません。差し込んでください。"
HOSTILE = "\x1b[2J[@click=app.boom]\u202egpj.x\u2066\n"


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[UDisksRig]:
    with usb_ports(tmp_path / "ports") as rig:
        yield rig


@pytest.fixture
def at_ports(practice: Practice, ports: UDisksRig) -> Practice:
    """The practice counter, its folder of sticks replaced by the ports."""
    delivering = replace(practice.services.delivering, media=ports.media)
    return replace(practice, services=replace(practice.services, delivering=delivering))


async def goes_to_the_sticks(person: IssueDriver) -> None:
    number = await asyncio.to_thread(person.practice.received)
    await person.resumes(number, "S302")
    await person.chooses_user("koushin01")
    await person.chooses_transaction()


@pytest.mark.rule("E-88")
async def test_a_stick_comes_and_goes_within_a_second_and_without_a_key(
    at_ports: Practice, ports: UDisksRig
) -> None:
    async with at_the_issue(at_ports) as person:
        await goes_to_the_sticks(person)
        await person.sees(NO_STICK)

        until_shown, until_gone = [], []
        for mark in ("(o)", "( )", "( )"):  # any one may meet a machine that is busy
            await asyncio.to_thread(ports.put_in, "stick-A")
            plugged = time.monotonic()
            await person.sees(f"{mark} stick-A")
            until_shown.append(time.monotonic() - plugged)

            await asyncio.to_thread(ports.take_out, "sda")
            pulled = time.monotonic()
            await person.sees(NO_STICK)
            until_gone.append(time.monotonic() - pulled)
        assert min(until_shown) < 1
        assert min(until_gone) < 1


@pytest.mark.rule("E-88", "I-19")
async def test_a_stick_that_must_not_be_used_stands_there_with_its_reason_and_a_harmless_name(
    at_ports: Practice, ports: UDisksRig
) -> None:
    ports.put_in(HOSTILE, read_only=True)
    async with at_the_issue(at_ports) as person:
        await goes_to_the_sticks(person)
        await person.sees("使用できません: 書込禁止です")
        assert person.shows("[2J[@click=app.boom]gpj.x")
        assert person.shows("使用できる媒体がありません。")


@pytest.mark.rule("E-83", "E-84", "R-82")
async def test_the_p12_is_proven_on_the_second_stick_after_the_first_was_pulled(
    at_ports: Practice, ports: UDisksRig
) -> None:
    ports.put_in("stick-A")
    async with at_the_issue(at_ports) as person:
        await person.stands_at_step_6()
        ports.udisks.delay("Mount", 6.0)
        await person.takes_stick("stick-A")
        await person.issues()
        await person.sees("媒体の確認 実行中")
        await asyncio.to_thread(ports.take_out, "sda")
        pulled = time.monotonic()
        await person.comes_to("S308")
        assert time.monotonic() - pulled < 5
        await person.sees(
            "EM11 発行は完了しましたが、媒体へ書き込めませんでした。(USB媒体を認識できません。)"
        )
        ports.udisks.obey("Mount")
        second = await asyncio.to_thread(ports.put_in, "stick-B")
        await person.takes_stick("stick-B")
        await person.clicks_and_types("媒体番号", "")
        await person.presses("f2")
        await person.types("M0002")
        await person.presses("f12")
        await person.sees("IM10 発行しました。")

    ((name, p12),) = (await ports.files(second)).items()
    _, certificate, _ = pkcs12.load_key_and_certificates(p12, USER_PASSWORD.encode())
    assert name.startswith("koushin01")
    assert certificate is not None
    assert ports.udisks.called[-1][0] == "PowerOff"
