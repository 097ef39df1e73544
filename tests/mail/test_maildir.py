"""The folder of training, and which way out the settings name."""

from pathlib import Path
from stat import S_IMODE

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.config import load_settings, training_settings
from kiosk.mail.choosing import mailer_for
from kiosk.mail.delivery import MailNotSent
from kiosk.mail.maildir import MaildirMailer
from kiosk.mail.smtp import SmtpMailer
from tests.support.letters import NOW, a_letter
from tests.support.mail_server import MailServer


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


async def test_a_training_letter_can_be_read_back(tmp_path: Path) -> None:
    mailer = MaildirMailer(tmp_path / "letters")
    await mailer.send(a_letter())
    (read,) = mailer.newest(10)
    assert mailer.simulated
    assert read.subject == "【ろうきん】認証コードのお知らせ"
    assert read.to == "taro@example.co.jp"
    assert "認証コード:048125" in read.body
    assert "\r" not in read.body
    assert read.at == NOW


async def test_training_letters_come_newest_first(tmp_path: Path) -> None:
    mailer = MaildirMailer(tmp_path / "letters")
    assert mailer.newest(5) == ()
    for number in range(7):
        await mailer.send(a_letter(recipient=f"user{number}@example.jp"))
    assert [read.to for read in mailer.newest(3)] == [f"user{number}@example.jp" for number in (6, 5, 4)]


@pytest.mark.rule("I-21")
async def test_training_letters_are_for_this_account_alone(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    await MaildirMailer(folder).send(a_letter())
    (file,) = (folder / "new").iterdir()
    assert S_IMODE(file.stat().st_mode) == 0o600
    assert {S_IMODE(part.stat().st_mode) for part in (folder, folder / "new", folder / "tmp")} == {0o700}
    assert list((folder / "tmp").iterdir()) == []


async def test_what_is_no_letter_is_passed_over(tmp_path: Path) -> None:
    mailer = MaildirMailer(tmp_path)
    await mailer.send(a_letter())
    (tmp_path / "new" / "0").write_bytes(b"\xff\xfe")
    (tmp_path / "new" / "9").write_bytes(b"Subject: x\nTo: nobody\nDate: never\n\n")
    (tmp_path / "new" / "8").mkdir()
    assert len(mailer.newest(10)) == 1


async def test_a_folder_that_cannot_be_written_is_no_fault_of_the_a_letter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(MailNotSent) as caught:
        await MaildirMailer(tmp_path / "file" / "letters").send(a_letter())
    assert (caught.value.permanent, caught.value.server_away) == (False, True)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(branch=st.text(min_size=1, max_size=40))
@pytest.mark.rule("I-19")
async def test_a_hostile_branch_name_does_no_harm_in_the_training_window(tmp_path: Path, branch: str) -> None:
    mailer = MaildirMailer(tmp_path)
    await mailer.send(a_letter(branch=branch))
    read = mailer.newest(1)[0]
    assert read.to == "taro@example.co.jp"
    assert read.subject == "【ろうきん】認証コードのお知らせ"


# --- which one is used ---


def test_training_uses_its_folder_and_without_anything_nothing_is_sent(tmp_path: Path) -> None:
    training = training_settings(tmp_path)
    assert mailer_for(training) == MaildirMailer(tmp_path / "letters")
    assert mailer_for(load_settings(Path(__file__).parents[2] / "docs/settings.example.toml")) is None


def test_a_mail_server_comes_before_the_folder(tmp_path: Path, ca: trustme.CA) -> None:
    training = training_settings(tmp_path)
    mail = training.mail.model_copy(update={"smtp": MailServer(ca, port=465).settings(tmp_path)})
    mailer = mailer_for(training.model_copy(update={"mail": mail}))
    assert isinstance(mailer, SmtpMailer)
    assert not mailer.simulated
