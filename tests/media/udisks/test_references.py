"""Naming a plug-in event."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kiosk.media.udisks.references import PlugIn, plug_in_of, reference
from kiosk.media.volumes import StickRef
from tests.support.fake_sysfs import BOOT_ID

PLUGGED = PlugIn(BOOT_ID, "sda", "sda1", 9)


@given(some.integers(min_value=0, max_value=2**64 - 1), some.sampled_from(["sda", "sda1", "sda12"]))
def test_a_reference_gives_back_what_it_was_made_of(seq: int, partition: str) -> None:
    plugged = PlugIn(BOOT_ID, "sda", partition, seq)

    assert plug_in_of(reference(plugged)) == plugged


@pytest.mark.rule("E-88")
def test_two_sticks_that_differ_in_nothing_but_the_moment_have_two_references() -> None:
    assert reference(PLUGGED) != reference(PlugIn(BOOT_ID, "sda", "sda1", 10))


@pytest.mark.parametrize(
    "ref",
    [
        StickRef("directory", reference(PLUGGED).token),
        StickRef("udisks", ""),
        StickRef("udisks", f"{BOOT_ID}/sda/sdb1/9"),
        StickRef("udisks", f"{BOOT_ID}/../../etc/9"),
        StickRef("udisks", f"{BOOT_ID}/sda/sda1/-9"),
        StickRef("udisks", f"{BOOT_ID}/sda/sda1/9\n"),
        StickRef("udisks", f"{BOOT_ID}/sda/sda1/９"),
    ],
)
def test_a_reference_made_elsewhere_is_no_reference(ref: StickRef) -> None:
    with pytest.raises(ValueError, match="plugged-in stick"):
        plug_in_of(ref)
