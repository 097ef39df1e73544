"""One piece of work at a time on one stick, whatever of it is left behind in the kernel."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import MediaUnavailable, StickInUse
from kiosk.media.udisks.claims import Claim, disks_at_work
from kiosk.media.udisks.kernel import Kernel
from kiosk.media.udisks.references import PlugIn

STICK = PlugIn("00000000-0000-0000-0000-000000000000", "sdx", "sdx1", 7)


def is_free() -> bool:
    try:
        with Claim.of(STICK):
            return True
    except StickInUse:
        return False


@pytest.mark.rule("E-84")
def test_a_stick_is_claimed_through_any_of_its_partitions_and_no_other_stick_with_it() -> None:
    with Claim.of(STICK):
        with pytest.raises(StickInUse):
            Claim.of(replace(STICK, partition="sdx2"))
        with Claim.of(replace(STICK, diskseq=8)), Claim.of(replace(STICK, disk="sdy")):
            assert disks_at_work() >= {"sdx", "sdy"}
    assert is_free()
    assert "sdx" not in disks_at_work()


def test_a_failing_piece_of_work_gives_its_claim_back() -> None:
    with pytest.raises(ZeroDivisionError), Claim.of(STICK) as claim:
        claim.under(lambda: 1 // 0)()
    assert is_free()


@pytest.mark.rule("E-84", "I-24")
def test_a_system_that_cannot_be_asked_keeps_no_stick_claimed(tmp_path: Path) -> None:
    entry = tmp_path / "block" / STICK.disk / "diskseq"
    entry.parent.mkdir(parents=True)
    entry.symlink_to(entry)  # opening it fails, and not because it is not there
    with pytest.raises(MediaUnavailable):
        Claim.of(STICK, Kernel(sys=tmp_path))
    assert is_free()


@given(order=st.permutations(["leave", 0, 1, 2]))
def test_a_claim_lasts_until_it_is_left_and_everything_under_it_has_ended(order: list[Any]) -> None:
    claim = Claim.of(STICK)
    works = [claim.under(lambda: None) for _ in range(3)]
    for step in order:
        assert not is_free()
        if step == "leave":
            claim.__exit__(None, None, None)
        else:
            works[step]()
    assert is_free()
