"""An organization's own texts: used when they hold, refused with file and reason when they do not."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from importlib.resources import files
from pathlib import Path

import pytest

from kiosk.errors import SettingsWrong
from kiosk.mail.letters import Envelope, Fact, compose
from kiosk.mail.texts import BUILT_IN, NEEDED, LetterTexts, load_texts
from kiosk.rules.notices import NoticeKind
from kiosk.rules.users import UserRole
from kiosk.translations.catalog import Language

NOW = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
ENVELOPE = Envelope(
    sender="madoguchi@example.jp",
    sender_name="〇〇労働金庫",
    recipient="taro@example.co.jp",
    message_id="0123456789abcdef",
    date=NOW,
)
FACTS: Mapping[str, Fact] = {
    "user_id": "ta******",
    "branch_name": "中央支店",
    "branch_phone": "03-0000-0000",
    "issue_date": date(2026, 3, 2),
    "last_valid_date": date(2027, 3, 2),
    "serial_tail": "9F3C",
}
GOOD = "【〇〇労金】更新のお願い\n\n$last_valid_date までに更新してください。$renewal_days日前です。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ja").mkdir()
    (tmp_path / "en").mkdir()
    return tmp_path


def put(folder: Path, text: str | bytes, name: str = "expiring") -> Path:
    file = folder / "ja" / f"{name}.txt"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def read(texts: LetterTexts, language: Language = Language.JAPANESE) -> tuple[str, str]:
    letter = compose(NoticeKind.EXPIRING, FACTS, language, ENVELOPE, role=UserRole.MASTER, texts=texts)
    message = message_from_bytes(letter.content, policy=policy.default)
    return str(message["Subject"]), str(message.get_content())


def test_a_text_of_the_organization_takes_the_place_of_ours_and_no_other(folder: Path) -> None:
    put(folder, GOOD)
    texts = load_texts(folder)
    subject, body = read(texts)
    assert subject == "【〇〇労金】更新のお願い"
    assert "2027年3月2日 までに更新してください。30日前です。" in body
    assert "お取引店:中央支店(電話 03-0000-0000)" in body, "greeting and tail are still there"
    assert read(texts, Language.ENGLISH) == read(BUILT_IN, Language.ENGLISH)


def test_the_frame_can_be_the_organizations_own(folder: Path) -> None:
    put(folder, "〇〇労金です。\n\n$body\n\n連絡先:$branch\n", "frame")
    _, body = read(load_texts(folder))
    assert body.startswith("〇〇労金です。")
    assert body.rstrip().endswith("連絡先:中央支店(電話 03-0000-0000)")


def test_a_file_of_windows_reads_as_any_other(folder: Path) -> None:
    put(folder, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read(load_texts(folder))[0] == "【〇〇労金】更新のお願い"


def test_our_own_texts_would_pass_as_files(tmp_path: Path) -> None:
    for language in Language:
        place = tmp_path / language.value
        place.mkdir()
        for name in NEEDED:
            text = (files("kiosk.mail") / "templates" / language.value / f"{name}.txt").read_bytes()
            (place / f"{name}.txt").write_bytes(text)
    assert len(load_texts(tmp_path).own) == 2 * len(NEEDED)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("expiring", "件名\n本文 $last_valid_date\n", "1行目に件名"),
        ("expiring", "\n\n本文 $last_valid_date\n", "1行目に件名"),
        ("expiring", "件名\n\n\n", "1行目に件名"),
        ("expiring", "件" * 61 + "\n\n$last_valid_date\n", "60 文字以下"),
        ("code", "認証コード $code\n\n$code $valid_until\n", "件名には"),
        ("expiring", "$user_id 様\n\n$last_valid_date\n", "件名には"),
        ("expiring", "件名\n\n本文だけ\n", "$last_valid_date が必要"),
        ("code", "件名\n\n$valid_until\n", "$code が必要"),
        ("expiring", "件名\n\n$last_valid_date $code\n", "$code という項目は"),
        ("expiring", "件名\n\n$last_valid_date $password\n", "$password という項目は"),
        ("expiring", "件名\n\n$last_valid_date 100$\n", "「$」は項目の前"),
        ("expiring", "件名\n\n$last_valid_date\nhttps://example.jp\n", "4 行目: リンク"),
        ("expiring", "件名\n\n$last_valid_date\nwww.example.jp\n", "リンク"),
        ("expiring", "件名\n\n$last_valid_date\nmailto:a@example.jp\n", "リンク"),
        ("expiring", "件名\n\n$last_valid_date\x07\n", "3 行目: 使えない文字"),
        ("expiring", "件名\u202e\n\n$last_valid_date\n", "1 行目: 使えない文字"),
        ("expiring", "=?utf-8?q?x=0D=0ABcc:_evil@x.jp?=\n\n$last_valid_date\n", "1 行目: 使えない文字"),
        ("expiring", b"\x83\x8d\x83E\x82\xab\x82\xf1\n", "UTF-8"),
        ("expiring", "件名\n\n$last_valid_date\n" + "長い\n" * 5_000, "バイトまで"),
        ("frame", "$branch だけ\n", "$body が必要"),
        ("frame", "$body だけ\n", "$branch が必要"),
        ("frame", "${body} $branch\n", "$body が必要"),
    ],
)
@pytest.mark.rule("I-19")
def test_a_text_that_does_not_hold_is_named_with_its_reason(
    folder: Path, name: str, text: str | bytes, why: str
) -> None:
    file = put(folder, text, name)
    with pytest.raises(SettingsWrong) as caught:
        load_texts(folder)
    assert caught.value.file == str(file)
    assert caught.value.key == "mail.texts"
    assert why in caught.value.problem


def test_a_misspelt_file_is_not_passed_over(folder: Path) -> None:
    file = put(folder, GOOD, "expireing")
    with pytest.raises(SettingsWrong) as caught:
        load_texts(folder)
    assert caught.value.file == str(file)
    assert "expiring.txt" in caught.value.problem
    file.unlink()
    (folder / "fr").mkdir()
    with pytest.raises(SettingsWrong) as strange:
        load_texts(folder)
    assert strange.value.file == str(folder / "fr")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsWrong) as caught:
        load_texts(tmp_path / "nothing")
    assert caught.value.file == str(tmp_path / "nothing")


def test_files_that_editors_leave_behind_do_no_harm(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / "ja" / ".expiring.txt.swp").write_bytes(b"\x00")
    assert load_texts(folder).own == {}
    assert load_texts(None) is BUILT_IN
