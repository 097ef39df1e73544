"""One letter as the bytes a mail server takes: headers no stored text can add to, a body nobody can end early (I-19).

The standard library's generator builds a few hundred messages a second and, in some releases, lets a name become a
header; these ten headers are written here instead, and every finished letter is read back before it may leave.
"""

import re
from base64 import b64encode, encodebytes
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import format_datetime, getaddresses
from functools import lru_cache
from typing import Final

from kiosk.config.fields import ADDRESS
from kiosk.rules.texts import problem_in
from kiosk.rules.validity import JST

HEADERS: Final = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Language",
)
"""Every header a letter has; a message with another one, or one more, is not sent."""

LONGEST_SENDER_NAME: Final = 60
LONGEST_SUBJECT: Final = 120
LONGEST_ADDRESS: Final = 254
"""RFC 5321 4.5.3.1.3, without the angle brackets."""

_OCTETS_IN_A_WORD: Final = 39
"""Of UTF-8 in one encoded word: `Subject: ` and the word stay within 76 columns (RFC 2047 2)."""
_PLAIN_PHRASE: Final = re.compile(r"[A-Za-z0-9]+( [A-Za-z0-9]+)*")
_PLAIN_SUBJECT: Final = re.compile(r"[!-~]+( [!-~]+)*")
_LONGEST_PLAIN: Final = 60
_DOT_ATOM: Final = re.compile(r"[^.]+(\.[^.]+)*")
_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9]{1,64}")


class LetterRefused(ValueError):
    """A letter that must not be sent: a name or an address could have become a header. Never repeats the value."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """From whom, to whom, when."""

    sender: str
    """Address in ASCII."""
    sender_name: str
    recipient: str
    """Address in ASCII."""
    message_id: str
    """Left half of the Message-ID; the same for every try to send one letter."""
    date: datetime
    """Aware."""
    training: bool = False
    """Marks the subject."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A finished letter."""

    sender: str
    """As it stands in MAIL FROM."""
    recipient: str
    """As it stands in RCPT TO: one address."""
    content: bytes = field(repr=False)
    """Headers and body, every line ended by CRLF."""

    def __bytes__(self) -> bytes:
        return self.content


def written(envelope: Envelope, subject: str, body: str, language: str) -> Letter:
    """A letter of one plain text. Raises `LetterRefused` when a part of it is not safe in a header.

    `body` has lines ended by `\\n`; `language` is a tag such as `ja` (RFC 5646). Raises ValueError for a naive date.
    """
    if envelope.date.utcoffset() is None:
        raise ValueError("a moment needs its time zone")
    name = _plain(envelope.sender_name, LONGEST_SENDER_NAME, "the name of the sender")
    subject = _plain(subject, LONGEST_SUBJECT, "the subject")
    sender, recipient = _mailbox(envelope.sender), _mailbox(envelope.recipient)
    if not _MESSAGE_ID.fullmatch(envelope.message_id):
        raise LetterRefused("the Message-ID is not safe in a header")
    values = (
        f"{_phrase(name)}\r\n <{sender}>",
        recipient,
        _unstructured(subject),
        format_datetime(envelope.date.astimezone(JST)),
        f"<{envelope.message_id}@{envelope.sender.rpartition('@')[2]}>",
        "auto-generated",  # RFC 3834: keeps holiday answers away
        "1.0",
        'text/plain; charset="utf-8"',
        "base64",
        language,
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in zip(HEADERS, values, strict=True))
    text = body.replace("\n", "\r\n")
    content = head.encode("ascii") + b"\r\n" + encodebytes(text.encode()).replace(b"\n", b"\r\n")
    letter = Letter(sender=sender, recipient=recipient, content=content)
    _require_as_meant(letter, name, subject, text)
    return letter


def _plain(text: str, limit: int, what: str) -> str:
    """Blanks at the ends would not come back from every mail program."""
    if problem_in(text, limit) is not None:
        raise LetterRefused(f"{what} is not safe in a header")
    return text.strip()


def _mailbox(address: str) -> str:
    """An address as it stands in a header and on the line: a local part with odd dots is quoted (RFC 5321 4.1.2)."""
    if len(address) > LONGEST_ADDRESS or not ADDRESS.fullmatch(address) or "=?" in address:
        raise LetterRefused("an address is not safe in a header")
    local, _, domain = address.rpartition("@")
    return address if _DOT_ATOM.fullmatch(local) else f'"{local}"@{domain}'


def _phrase(text: str) -> str:
    return text if len(text) <= _LONGEST_PLAIN and _PLAIN_PHRASE.fullmatch(text) else _encoded(text)


def _unstructured(text: str) -> str:
    return text if len(text) <= _LONGEST_PLAIN and _PLAIN_SUBJECT.fullmatch(text) else _encoded(text)


@lru_cache(maxsize=256)
def _encoded(text: str) -> str:
    """Encoded words on lines of their own; no character is cut in two (RFC 2047 5)."""
    parts = [""]
    for character in text:
        if len((parts[-1] + character).encode()) > _OCTETS_IN_A_WORD:
            parts.append("")
        parts[-1] += character
    return "\r\n ".join(f"=?utf-8?b?{b64encode(part.encode()).decode()}?=" for part in parts)


def _require_as_meant(letter: Letter, sender_name: str, subject: str, text: str) -> None:
    """Read the finished bytes as a mail program would, and compare with what was meant (I-19)."""
    read: Message = message_from_bytes(letter.content)
    names = tuple(read.keys())
    if names != HEADERS or read.defects or read.is_multipart():
        raise LetterRefused("the finished letter does not read as it was meant")
    as_meant = (
        _mailboxes(read["From"]) == [(sender_name, letter.sender)]
        and _mailboxes(read["To"]) == [("", letter.recipient)]
        and _decoded(_unfolded(read["Subject"])) == subject
        and read.get_payload(decode=True) == text.encode()
    )
    if not as_meant:
        raise LetterRefused("the finished letter does not read as it was meant")


def _mailboxes(raw: str) -> list[tuple[str, str]]:
    """Names and addresses in a header."""
    return [(_decoded(name), address) for name, address in getaddresses([_unfolded(raw)])]


def _unfolded(raw: str) -> str:
    return "".join(raw.splitlines())


@lru_cache(maxsize=256)
def _decoded(text: str) -> str:
    """What encoded words say. (`email.headerregistry` reads blanks between them that are not there.)"""
    return str(make_header(decode_header(text)))
