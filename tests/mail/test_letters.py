"""Every letter of the counter in both languages, and what a hostile registry cannot make of it."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib.resources import files
from string import Template
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.mail.letters import HEADERS, Envelope, Fact, Letter, LetterRefused, compose
from kiosk.mail.wording import REASONS, width, wrapped
from kiosk.rules.notices import NoticeKind
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.users import UserRole
from kiosk.secret import Secret
from kiosk.translations.catalog import Language

NOW = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
ENVELOPE = Envelope(
    sender="madoguchi@example.jp",
    sender_name="ろうきん賃金控除事務支援サービス",
    recipient="taro@example.co.jp",
    message_id="0123456789abcdef",
    date=NOW,
)
CODE = "048125"
LETTERS = [*((kind, UserRole.MASTER) for kind in NoticeKind), (NoticeKind.BLOCKED, UserRole.GENERAL)]
LINK = re.compile(r"https?:|www\.|mailto:", re.IGNORECASE)


def facts(**other: Fact) -> dict[str, Fact]:
    known: dict[str, Fact] = {
        "user_id": "ta******",
        "branch_name": "中央支店",
        "branch_phone": "03-0000-0000",
        "valid_until": NOW,
        "until": NOW,
        "at": NOW,
        "issue_date": date(2026, 3, 2),
        "last_valid_date": date(2027, 3, 2),
        "serial_tail": "9F3C",
        "revoked_at": NOW,
        "reason": RevocationReason.PC_CHANGE,
    }
    return {**known, **other}


def letter(
    kind: NoticeKind,
    language: Language = Language.JAPANESE,
    role: UserRole = UserRole.MASTER,
    envelope: Envelope = ENVELOPE,
    told: Mapping[str, Fact] | None = None,
) -> Letter:
    told = facts() if told is None else told
    return compose(
        kind,
        {**told, "code": Secret(CODE)} if kind is NoticeKind.CODE else told,
        language,
        envelope,
        role=role,
    )


def as_received(message: Letter) -> EmailMessage:
    received = message_from_bytes(bytes(message), policy=policy.default)
    assert isinstance(received, EmailMessage)
    return received


def body_of(message: Letter) -> str:
    return str(as_received(message).get_content()).replace("\r\n", "\n")


SUBJECTS = {
    NoticeKind.CODE: "【ろうきん】認証コードのお知らせ",
    NoticeKind.ISSUED: "【ろうきん】電子証明書発行のお知らせ",
    NoticeKind.EXPIRING: "【ろうきん】電子証明書の有効期限のお知らせ(30日前)",
    NoticeKind.EXPIRED: "【ろうきん】電子証明書の有効期限切れのお知らせ",
    NoticeKind.LOCKED: "【ろうきん】ログイン不可(ロック)のお知らせ",
    NoticeKind.BLOCKED: "【ろうきん】ログイン不可(閉塞)のお知らせ",
    NoticeKind.UNBLOCKED: "【ろうきん】閉塞解除完了のお知らせ",
    NoticeKind.REVOKED: "【ろうきん】電子証明書失効のお知らせ",
}


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_japanese_subject_arrives_as_it_was_written(kind: NoticeKind) -> None:
    assert as_received(letter(kind))["Subject"] == SUBJECTS[kind]


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (NoticeKind.CODE, "有効期限:3月2日 10時05分(30分間)"),
        (NoticeKind.CODE, "認証コードは、ほかの人に教えないでください。"),
        (NoticeKind.ISSUED, "有効期限:2027年3月2日"),
        (NoticeKind.ISSUED, "(Windowsのログオンアカウント)へ取り込んでください。"),
        (NoticeKind.EXPIRING, "この日までに更新してください。"),
        (NoticeKind.EXPIRED, "2027年3月2日で、電子証明書の有効期限が切れました。"),
        (NoticeKind.LOCKED, "パスワードを連続して6回誤ったため、"),
        (NoticeKind.LOCKED, "3月2日 10時05分まで(60分間)ログインできません。"),
        (NoticeKind.UNBLOCKED, "3月2日 10時05分に閉塞を解除しました。"),
        (NoticeKind.REVOKED, "理由:パソコンの変更"),
        (NoticeKind.REVOKED, "シリアル番号の末尾:9F3C"),
    ],
)
@pytest.mark.rule("R-04", "R-06", "R-15", "R-44", "R-51", "R-61")
def test_a_letter_says_what_happened_and_what_to_do(kind: NoticeKind, sentence: str) -> None:
    assert sentence in body_of(letter(kind))


@pytest.mark.rule("R-52", "R-54")
def test_a_blocked_user_is_sent_to_whom_it_concerns() -> None:
    assert "お取引店へお問い合わせください" in body_of(letter(NoticeKind.BLOCKED, role=UserRole.MASTER))
    assert "マスターユーザーへご依頼ください" in body_of(letter(NoticeKind.BLOCKED, role=UserRole.GENERAL))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("kind", "role"), LETTERS)
def test_every_letter_keeps_the_house_rules(kind: NoticeKind, role: UserRole, language: Language) -> None:
    received = as_received(letter(kind, language, role))
    body = str(received.get_content())
    assert tuple(received.keys()) == HEADERS
    assert received["Auto-Submitted"] == "auto-generated"
    assert received["Content-Transfer-Encoding"] == "base64"
    assert received["Message-ID"] == "<0123456789abcdef@example.jp>"
    assert received["Date"].datetime == NOW
    assert received["Content-Language"] == language
    assert max(map(width, body.splitlines())) <= 76
    assert max(len(line) for line in bytes(letter(kind, language, role)).splitlines()) <= 78
    assert not LINK.search(body)
    assert "ta******" in body
    assert "03-0000-0000" in body
    assert "$" not in body + received["Subject"]


@pytest.mark.rule("I-21")
@pytest.mark.parametrize("language", Language)
def test_the_code_stands_in_the_code_letter_alone_and_never_in_a_subject(language: Language) -> None:
    assert CODE in body_of(letter(NoticeKind.CODE, language))
    assert CODE not in str(as_received(letter(NoticeKind.CODE, language))["Subject"])
    for file in (files("kiosk.mail") / "templates" / language).iterdir():
        asks = Template(file.read_text(encoding="utf-8")).get_identifiers()
        assert ("code" in asks) == (file.name == "code.txt"), file.name
        assert "password" not in asks


def test_both_languages_have_the_same_letters_asking_for_the_same_facts() -> None:
    def asked(language: Language) -> dict[str, set[str]]:
        folder = files("kiosk.mail") / "templates" / language
        return {
            file.name: set(Template(file.read_text("utf-8")).get_identifiers()) for file in folder.iterdir()
        }

    assert asked(Language.JAPANESE) == asked(Language.ENGLISH)


def test_english_letters_hold_no_japanese_but_names() -> None:
    for kind, role in LETTERS:
        told = facts(branch_name="Chuo branch")
        message = letter(kind, Language.ENGLISH, role, told=told)
        assert body_of(message).isascii(), kind
        assert str(as_received(message)["Subject"]).isascii()


def test_every_reason_has_words() -> None:
    assert set(REASONS) == set(RevocationReason)


def test_a_training_letter_says_so_in_its_subject() -> None:
    envelope = Envelope(**{**vars(ENVELOPE), "training": True})
    for language, mark in ((Language.JAPANESE, "【訓練】"), (Language.ENGLISH, "[TRAINING]")):
        received = as_received(letter(NoticeKind.LOCKED, language, envelope=envelope))
        assert str(received["Subject"]).startswith(mark)


def test_a_branch_without_telephone_is_named_alone() -> None:
    assert "お取引店:中央支店\n" in body_of(letter(NoticeKind.LOCKED, told=facts(branch_phone="")))


def test_a_letter_never_speaks_of_a_fact_it_was_not_told() -> None:
    with pytest.raises(KeyError):
        letter(NoticeKind.LOCKED, told={"user_id": "ta******", "branch_name": "", "branch_phone": ""})


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        letter(NoticeKind.LOCKED, told=facts(until=NOW.replace(tzinfo=None)))


HOSTILE = [
    "taro@example.jp\r\nBcc: evil@x.jp",
    "taro@example.jp\nBcc: evil@x.jp",
    "taro@example.jp, evil@x.jp",
    "taro@example.jp;evil@x.jp",
    "<taro@example.jp>",
    '"a b"@example.jp',
    "=?utf-8?q?x=0D=0ABcc:_evil@x.jp?=@example.jp",
    "taro@example.jp\n",
    "taro@例え.jp",
    "taro",
    "",
    "a@" + "b" * 64 + ".jp",
    "a@" + ".".join(["b" * 60] * 5),
]


@pytest.mark.parametrize("address", HOSTILE)
@pytest.mark.rule("I-19")
def test_an_address_that_could_become_a_header_is_refused(address: str) -> None:
    for changed in ("recipient", "sender"):
        with pytest.raises(LetterRefused) as caught:
            letter(NoticeKind.LOCKED, envelope=Envelope(**{**vars(ENVELOPE), changed: address}))
        assert not address or address not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["=?utf-8?q?x=0D=0ABcc:_evil@x.jp?=", "a\r\nBcc: evil@x.jp", "a\x00", "\u202eevil", ""]
)
@pytest.mark.rule("I-19")
def test_a_sender_name_that_could_become_a_header_is_refused(name: str) -> None:
    with pytest.raises(LetterRefused):
        letter(NoticeKind.LOCKED, envelope=Envelope(**{**vars(ENVELOPE), "sender_name": name}))


anything = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
nearly_an_address = st.builds(
    "{}{}{}".format,
    st.sampled_from(["taro@example.jp", "taro", ""]),
    anything,
    st.sampled_from(["@x.jp", "", "?="]),
)


@given(recipient=nearly_an_address, name=anything)
@pytest.mark.rule("I-19")
def test_no_address_and_no_name_adds_a_header_or_a_recipient(recipient: str, name: str) -> None:
    envelope = Envelope(**{**vars(ENVELOPE), "recipient": recipient, "sender_name": name})
    try:
        message = letter(NoticeKind.CODE, envelope=envelope)
    except LetterRefused:
        return
    received = message_from_bytes(bytes(message), policy=policy.SMTP)
    assert tuple(received.keys()) == HEADERS
    assert [address.addr_spec for address in received["To"].addresses] == [recipient]


@given(branch=anything, phone=anything, user=anything)
@pytest.mark.rule("I-19")
def test_what_is_stored_about_people_stays_in_its_line(branch: str, phone: str, user: str) -> None:
    told = facts(branch_name=branch, branch_phone=phone, user_id=user)
    plain = body_of(letter(NoticeKind.LOCKED, told=facts(branch_name="X", branch_phone="", user_id="Y")))
    body = body_of(letter(NoticeKind.LOCKED, told=told))
    assert max(map(width, body.splitlines())) <= 77
    assert {category(character) for character in body.replace("\n", "")}.isdisjoint(
        {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    )
    assert body.splitlines()[0] == plain.splitlines()[0]
    assert body.splitlines()[-1] == plain.splitlines()[-1]


@given(st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), max_size=400))
def test_breaking_lines_loses_nothing_but_spaces(text: str) -> None:
    broken = wrapped(text, 76)
    assert broken.replace("\n", "").replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= 76 for line in broken.split("\n"))


def test_a_line_does_not_begin_with_punctuation() -> None:
    assert wrapped("あ" * 38 + "。い", 76) == "あ" * 37 + "\nあ。い"


def test_an_english_line_breaks_between_words() -> None:
    assert wrapped("certificate " * 8, 30).split("\n") == ["certificate certificate"] * 4
