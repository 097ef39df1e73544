"""What stands in the message area: severity in a word, code, what happened, what to do next."""

from dataclasses import dataclass, replace
from enum import StrEnum

from kiosk.translations.catalog import N_, _


class Severity(StrEnum):
    """How a message begins; told by a word, never by colour alone."""

    DONE = "done"
    CHECK = "check"
    ERROR = "error"

    @property
    def word(self) -> str:
        """【完了】, 【要確認】 or 【エラー】 in the current language."""
        return _(SEVERITY_WORDS[self])


SEVERITY_WORDS = {
    Severity.DONE: N_("【完了】"),
    Severity.CHECK: N_("【要確認】"),
    Severity.ERROR: N_("【エラー】"),
}

CONTACT = "{contact}"
"""Stands in a sentence for whom to call; `CounterMessage.naming` fills it in."""


def tagged(tag: str, text: str) -> str:
    """`【訓練】S000`: a full-width bracket needs no blank after it, an ASCII one does."""
    return f"{tag}{text}" if not tag or tag.endswith("】") else f"{tag} {text}"


def joined(*sentences: str) -> str:
    """Sentences one after the other: without a blank after a Japanese full stop, with one otherwise."""
    text = ""
    for sentence in filter(None, sentences):
        text += sentence if not text or text.endswith("。") else f" {sentence}"
    return text


@dataclass(frozen=True, kw_only=True)
class CounterMessage:
    """One message of the counter, in the language it was made in."""

    severity: Severity
    code: str = ""
    happened: str
    to_do: str = ""
    field: str | None = None
    """The id of the field that gets the focus."""
    until_filled: bool = False
    """Says that nothing stands in `field`, and is untrue as soon as something does."""
    call_staff: bool = False
    """A screen turned to the customer shows nothing of this but the request to call the clerk (I-11)."""

    @property
    def body(self) -> str:
        """What happened and what to do next."""
        return joined(self.happened, self.to_do)

    @property
    def text(self) -> str:
        """All of it in one line; whoever shows it wraps it."""
        return f"{self.head} {self.body}"

    @property
    def head(self) -> str:
        """Severity and code: `【エラー】EA05`."""
        return tagged(self.severity.word, self.code)

    @property
    def for_customer(self) -> str:
        """The same for the customer's eyes: no code, no severity."""
        return _("恐れ入りますが、係員へお声がけください。") if self.call_staff else self.body

    def naming(self, contact: str) -> "CounterMessage":
        """The same with the contact of the settings in its place."""
        return replace(
            self, happened=self.happened.replace(CONTACT, contact), to_do=self.to_do.replace(CONTACT, contact)
        )


def done(code: str, happened: str, to_do: str = "") -> CounterMessage:
    """A 【完了】 message."""
    return CounterMessage(severity=Severity.DONE, code=code, happened=happened, to_do=to_do)


def check(code: str, happened: str, to_do: str = "", *, field: str | None = None) -> CounterMessage:
    """A 【要確認】 message."""
    return CounterMessage(severity=Severity.CHECK, code=code, happened=happened, to_do=to_do, field=field)


def unexpected(incident: str) -> CounterMessage:
    """The neutral sentence for what nobody foresaw; `incident` is the number to read out."""
    return CounterMessage(
        severity=Severity.ERROR,
        code=incident,
        happened=_("予期しない事象が起きたため、操作を中止しました。"),
        to_do=_("「801 未完了取引」で取引の状態を確認し、番号を添えて{contact}へ連絡してください。"),
        call_staff=True,
    )
