"""Letters read back by a parser that shares nothing with ours: exactly what was meant, or no letter at all (I-19).

The parser is `mailparse` of Rust. Python's own, which reads every letter before it leaves, has no part here.
"""

import random
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from unicodedata import category

import fast_mail_parser
import pytest
import trustme

from kiosk.mail.message import HEADERS, LONGEST_SENDER_NAME, Envelope, Letter, LetterRefused, written
from kiosk.mail.smtp import SmtpMailer
from tests.support.mail_server import MailServer

LETTERS: Final = 10_000
NOW: Final = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)

_KANA: Final = "ぁあいうえおかがきぎくぐけげこごさざしじすずアイウエオカキクケコガギグゲゴパピプペポー・ヴ"
_KANJI: Final = (
    "佐藤鈴木髙橋﨑渡邊渡邉齋藤廣澤𠮷田辻葛城祇園頴川曽根榊原彌生労働金庫支店電子証明書有効期限更新失効"
)
_SIGNS: Final = "①Ⅲ㈱№℡〜~-—…「」『』【】()[]{}、。・:;!?¥¥\"'<>@,;:.=?_#$%&*+/|^`~ \u3000😀🏦e\u0301が"
_HOSTILE: Final = (
    "\r\nBcc: evil@example.com",
    "\nBcc: evil@example.com",
    "\r\n\r\nbody",
    "\r Bcc: evil@example.com",
    "=?utf-8?q?x=0D=0ABcc:_evil@example.com?=",
    "=?iso-2022-jp?b?GyRC?=",
    "\x00",
    "\x0b\x0c\x1c\x85\u2028\u2029",
    "\u202e\u2066",
    "\ud800",
    "<evil@example.com>",
    ", evil@example.com",
    "; evil@example.com",
    " (comment) ",
    '" <evil@example.com>, "',
    "\\",
    "?=",
    "=?",
    "\t",
)


@dataclass(frozen=True)
class Meant:
    """What a letter is to say."""

    name: str
    subject: str
    recipient: str
    body: str

    @property
    def harmless(self) -> bool:
        """Nothing in it could be read as anything else, so it has to be sent."""
        texts = (self.name, self.subject)
        if len(self.name) > LONGEST_SENDER_NAME:
            return False
        return all(
            text.strip() and "=?" not in text and not any(category(sign)[0] == "C" for sign in text)
            for text in texts
        ) and all(sign.isalnum() or sign in ".@-_+" for sign in self.recipient)

    def envelope(self, number: int) -> Envelope:
        return Envelope(
            sender="madoguchi@example.jp",
            sender_name=self.name,
            recipient=self.recipient,
            message_id=f"{number:032x}",
            date=NOW,
        )


def a_text(chance: random.Random, longest: int) -> str:
    signs = _KANA + _KANJI * 2 + _SIGNS + "abc XYZ 012"
    return "".join(chance.choice(signs) for _ in range(chance.randint(1, longest)))


def an_address(chance: random.Random) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    local = "".join(chance.choice(letters + "..__--+") for _ in range(chance.randint(1, 30)))
    return f"{local}@{''.join(chance.choice(letters) for _ in range(9))}.co.jp"


def meant(chance: random.Random) -> Meant:
    """One in four has something hostile somewhere."""
    parts = [a_text(chance, 40), a_text(chance, 60), an_address(chance)]
    if chance.random() < 0.25:
        place = chance.randrange(3)
        cut = chance.randint(0, len(parts[place]))
        parts[place] = parts[place][:cut] + chance.choice(_HOSTILE) + parts[place][cut:]
    name, subject, recipient = parts
    return Meant(
        name, subject, recipient, a_text(chance, 300) + "\n.\n..\nFrom here\n" + a_text(chance, 80) + "\n"
    )


def require_as_meant(letter: bytes, expected: Meant, number: int) -> None:
    read = fast_mail_parser.parse_email(letter)
    assert list(read.headers) == list(HEADERS)
    assert all(len(values) == 1 for values in read.headers.values())
    local, _, domain = expected.recipient.rpartition("@")
    assert read.headers["From"] == [f"{expected.name.strip()} <madoguchi@example.jp>"]
    assert read.headers["To"][0] in {expected.recipient, f'"{local}"@{domain}'}
    assert read.headers["Subject"] == [expected.subject.strip()]
    assert read.headers["Date"] == ["Mon, 02 Mar 2026 10:05:00 +0900"]
    assert read.headers["Message-ID"] == [f"<{number:032x}@example.jp>"]
    assert read.text_plain == [expected.body.replace("\n", "\r\n")]
    assert (read.text_html, read.attachments) == ([], [])


def composed(expected: Meant, number: int) -> Letter | None:
    try:
        return written(expected.envelope(number), expected.subject, expected.body, "ja")
    except (LetterRefused, UnicodeEncodeError):
        return None


@pytest.mark.rule("I-19", "R-62")
def test_ten_thousand_names_subjects_and_addresses_come_back_as_they_were_meant() -> None:
    chance = random.Random(11)  # noqa: S311  # the same letters in every run
    sent = refused = 0
    for number in range(LETTERS):
        expected = meant(chance)
        letter = composed(expected, number)
        if letter is None:
            assert not expected.harmless, expected
            refused += 1
            continue
        require_as_meant(letter.content, expected, number)
        assert letter.content.isascii()
        assert max(map(len, letter.content.split(b"\r\n"))) <= 78
        assert b"\n" not in letter.content.replace(b"\r\n", b"")
        sent += 1
    assert sent > LETTERS * 0.7
    assert refused > LETTERS * 0.1


@pytest.mark.rule("I-19")
async def test_a_mailbox_filled_over_the_wire_reads_the_same(tmp_path: Path) -> None:
    chance = random.Random(12)  # noqa: S311  # the same letters in every run
    sent: list[tuple[int, Meant]] = []
    with MailServer(trustme.CA()).running() as server:
        async with SmtpMailer(server.settings(tmp_path)).line() as line:
            for number in range(300):
                expected = meant(chance)
                letter = composed(expected, number)
                if letter is not None:
                    await line.send(letter)
                    sent.append((number, expected))
    assert len(server.contents) == len(sent) > 200
    for content, (number, expected) in zip(server.contents, sent, strict=True):
        require_as_meant(content, expected, number)
    assert all(len(recipients) == 1 for recipients in server.recipients)


def test_the_body_travels_as_base64_of_utf8() -> None:
    expected = Meant("窓口", "件名", "taro@example.jp", "𠮷野家 ①㈱\n")
    letter = composed(expected, 1)
    assert letter is not None
    _, _, body = letter.content.partition(b"\r\n\r\n")
    assert b64decode(body).decode() == "𠮷野家 ①㈱\r\n"
