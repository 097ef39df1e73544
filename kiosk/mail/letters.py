"""Letters to customers: a template, the facts, a language and an envelope make one message (DOMAIN 5.8).

Plain text, no links, the user ID half masked, a password never, a code in the code letter alone. What is stored about
people is not trusted: it may not add a header or a recipient (I-19).
"""

from collections.abc import Mapping
from datetime import date, datetime
from string import Template
from typing import Final

from kiosk.mail.message import HEADERS, Envelope, Letter, LetterRefused, written
from kiosk.mail.texts import BUILT_IN, LetterTexts
from kiosk.mail.wording import branch_in_words, in_words, wrapped
from kiosk.rules.lockout import LOCK_MINUTES, LOCKS_BEFORE_BLOCK, TRIES_BEFORE_LOCK
from kiosk.rules.notices import NoticeKind
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.users import UserRole
from kiosk.rules.validity import RENEWAL_WINDOW_DAYS
from kiosk.rules.verification import CODE_MINUTES
from kiosk.secret import Secret
from kiosk.translations.catalog import Language, in_language

__all__ = ["HEADERS", "Envelope", "Fact", "Letter", "LetterRefused", "compose", "text_of"]

Fact = str | date | datetime | RevocationReason | Secret
"""A value for a template; days are days in Japan, moments are aware."""

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


def compose(
    kind: NoticeKind,
    facts: Mapping[str, Fact],
    language: Language,
    envelope: Envelope,
    *,
    role: UserRole,
    texts: LetterTexts = BUILT_IN,
) -> Letter:
    """The letter of this kind to a user of this role, ready to send.

    Raises `LetterRefused` when an address or the name of the sender is not safe in a header, and KeyError when the
    template asks for a fact that is not there.
    """
    subject, body = text_of(kind, facts, language, role, texts)
    mark = TRAINING_MARK[language] if envelope.training else ""
    return written(envelope, mark + subject, body, language.value)


def text_of(
    kind: NoticeKind,
    facts: Mapping[str, Fact],
    language: Language,
    role: UserRole,
    texts: LetterTexts = BUILT_IN,
) -> tuple[str, str]:
    """Subject and body in words. Raises KeyError when a fact is missing."""
    text = texts.of(language, f"{kind}_{role}" if kind is NoticeKind.BLOCKED else kind.value)
    with in_language(language):
        words = {key: in_words(value) for key, value in {**facts, **_THRESHOLDS}.items()}
        words["branch"] = branch_in_words(words["branch_name"], words["branch_phone"])
    framed = Template(texts.frame(language).replace("$body", text.body))
    return Template(text.subject).substitute(words), wrapped(framed.substitute(words), MOST_COLUMNS)
