"""Letters to customers: a template, the facts, a language and an envelope make one message (DOMAIN 5.8).

Plain text, no links, the user ID half masked, a password never, a code in the code letter alone. What is stored about
people is not trusted: it may not add a header or a recipient (I-19).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from functools import cache
from importlib.resources import files
from string import Template
from typing import Final

from kiosk.config.fields import ADDRESS
from kiosk.mail.wording import branch_in_words, in_words, wrapped
from kiosk.rules.lockout import LOCK_MINUTES, LOCKS_BEFORE_BLOCK, TRIES_BEFORE_LOCK
from kiosk.rules.notices import NoticeKind
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.texts import problem_in
from kiosk.rules.users import UserRole
from kiosk.rules.validity import JST, RENEWAL_WINDOW_DAYS
from kiosk.rules.verification import CODE_MINUTES
from kiosk.secret import Secret
from kiosk.translations.catalog import Language, in_language

Fact = str | date | datetime | RevocationReason | Secret
"""A value for a template; days are days in Japan, moments are aware."""

HEADERS: Final = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
    "Content-Language",
)
"""Every header a letter has; a message with another one, or one more, is not sent."""

LONGEST_SENDER_NAME: Final = 60
MOST_COLUMNS: Final = 76
"""Below 78 columns on a fixed-width screen, where a Japanese character takes two (RFC 5322 2.1.1)."""

TRAINING_MARK: Final = {Language.JAPANESE: "【訓練】", Language.ENGLISH: "[TRAINING] "}

_THRESHOLDS: Final[Mapping[str, int]] = {
    "code_minutes": CODE_MINUTES,
    "lock_minutes": LOCK_MINUTES,
    "wrong_tries": TRIES_BEFORE_LOCK,
    "locks": LOCKS_BEFORE_BLOCK,
    "renewal_days": RENEWAL_WINDOW_DAYS,
}


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


def compose(
    kind: NoticeKind, facts: Mapping[str, Fact], language: Language, envelope: Envelope, *, role: UserRole
) -> EmailMessage:
    """The letter of this kind to a user of this role, ready to send.

    Raises `LetterRefused` when an address or the name of the sender is not safe in a header, and KeyError when the
    template asks for a fact that is not there.
    """
    subject, body = text_of(kind, facts, language, role)
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = _from(envelope)
    message["To"] = Address(addr_spec=_plain_address(envelope.recipient))
    message["Subject"] = (TRAINING_MARK[language] if envelope.training else "") + subject
    message["Date"] = envelope.date.astimezone(JST)
    message["Message-ID"] = f"<{envelope.message_id}@{envelope.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps holiday answers away
    message.set_content(body, charset="utf-8", cte="base64")
    message["Content-Language"] = language.value
    _require_nothing_added(message, envelope, body)
    return message


def text_of(
    kind: NoticeKind, facts: Mapping[str, Fact], language: Language, role: UserRole
) -> tuple[str, str]:
    """Subject and body in words. Raises KeyError when a fact is missing."""
    name = f"{kind}_{role}" if kind is NoticeKind.BLOCKED else kind.value
    with in_language(language):
        words = {key: in_words(value) for key, value in {**facts, **_THRESHOLDS}.items()}
        words["branch"] = branch_in_words(words["branch_name"], words["branch_phone"])
    subject, _, letter = _template(language, name).template.partition("\n\n")
    framed = Template(_template(language, "frame").template.replace("$body", letter.rstrip("\n")))
    return Template(subject).substitute(words), wrapped(framed.substitute(words), MOST_COLUMNS)


@cache
def _template(language: Language, name: str) -> Template:
    file = files("kiosk.mail") / "templates" / language.value / f"{name}.txt"
    return Template(file.read_text(encoding="utf-8"))


def _from(envelope: Envelope) -> Address:
    if problem_in(envelope.sender_name, LONGEST_SENDER_NAME) is not None:
        raise LetterRefused("the name of the sender is not safe in a header")
    return Address(display_name=envelope.sender_name, addr_spec=_plain_address(envelope.sender))


def _plain_address(address: str) -> str:
    if len(address) > 254 or not ADDRESS.fullmatch(address) or "=?" in address:  # RFC 5321 4.5.3.1.3
        raise LetterRefused("an address is not safe in a header")
    return address


def _require_nothing_added(message: EmailMessage, envelope: Envelope, body: str) -> None:
    """Read the finished bytes as a mail server would, and compare with what was meant (I-19)."""
    read = message_from_bytes(bytes(message), policy=policy.SMTP)
    as_meant = (
        tuple(read.keys()) == HEADERS
        and [address.addr_spec for address in read["From"].addresses] == [envelope.sender]
        and [address.addr_spec for address in read["To"].addresses] == [envelope.recipient]
        and read["Subject"] == message["Subject"]
        and read.get_content().replace("\r\n", "\n") == body
    )
    if not as_meant:
        raise LetterRefused("the finished letter does not read as it was meant")
