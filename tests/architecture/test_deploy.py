"""The files for a real terminal agree with each other about who may do what."""

import re
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"


def text_of(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_one_account_runs_the_program_and_may_ask_for_sticks() -> None:
    (account,) = re.findall(r"^u (\w+) ", text_of("sysusers.conf"), re.MULTILINE)
    units = [path.name for path in DEPLOY.glob("*.service")]
    assert {re.findall(r"^User=(\w+)$", text_of(unit), re.MULTILINE)[0] for unit in units} == {account}
    assert re.findall(r'subject\.user != "(\w+)"', text_of("50-madoguchi-sticks.rules")) == [account]


@pytest.mark.rule("E-86")
def test_the_account_may_mount_and_switch_off_usb_media_and_nothing_else() -> None:
    rule = text_of("50-madoguchi-sticks.rules")
    assert set(re.findall(r'"org\.freedesktop\.udisks2\.([a-z-]+)"', rule)) == {
        "filesystem-mount",
        "filesystem-mount-other-seat",
        "power-off-drive",
        "power-off-drive-other-seat",
    }
    assert rule.count("polkit.Result.YES") == 1
    assert 'action.lookup("drive.removable.bus") == "usb"' in rule
    assert rule.rstrip().endswith("return polkit.Result.NO;\n});")


@pytest.mark.rule("E-86", "I-21")
def test_what_may_hold_a_secret_never_reaches_a_disk_by_core_file_or_swap() -> None:
    for unit in DEPLOY.glob("*.service"):
        lines = unit.read_text(encoding="utf-8").splitlines()
        assert {"LimitCORE=0", "MemorySwapMax=0", "NoNewPrivileges=yes", "UMask=0077"} <= set(lines), (
            unit.name
        )


@pytest.mark.rule("E-86")
def test_nothing_on_a_stick_is_ever_run() -> None:
    options = dict(
        line.split("=", 1) for line in text_of("mount_options.conf").splitlines() if re.match(r"\w+=", line)
    )
    assert options["defaults"] == "nosuid,nodev,noexec"
    assert not {"exec", "suid", "dev"} & set(options["allow"].split(","))
