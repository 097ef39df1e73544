"""Letters in words of the counter: what each is about, how far it is, and what to do when none arrives (R-63)."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kiosk.rules.texts import displayable
from kiosk.translations.catalog import N_, _
from screens.dates import moment_text
from screens.messages import joined
from screens.wording.expiring import TOLD
from screens.wording.journal import LETTERS
from screens.words import word

if TYPE_CHECKING:
    from kiosk.services.letters.letters import LetterView

OWN_REASONS: Mapping[str, str] = {
    "timed out": N_("メールサーバーが時間内に応答しませんでした"),
    "line lost": N_("メールサーバーとの接続が途中で切れました"),
    "no mail server": N_("メールサーバーが設定されていません"),
    "the code is not known here": N_("有効期限までに送信できませんでした"),
    "TLS": N_("メールサーバーの証明書を確認できませんでした"),
    "settings": N_("メールサーバーの設定が正しくありません"),
    "not composed": N_("メールの内容を作成できませんでした"),
}
"""Why there was no answer, where the program says so itself; what follows a colon is for the office."""
UNREACHABLE = N_("メールサーバーに接続できませんでした")
"""Any other reason."""
FROM_THE_SERVER = re.compile(r"\d{3}\b", re.ASCII)
"""Servers begin with a number of three digits (RFC 5321 4.2)."""


def kind_text(kind: str) -> str:
    """What a letter is about."""
    return word(LETTERS, kind)


def state_text(state: str) -> str:
    """How far a letter is."""
    return word(TOLD, state)


def answer_text(answer: str | None) -> str:
    """What the mail server said, as it said it, or why it said nothing; a dash while nobody asked it."""
    if not answer:
        return "-"
    if FROM_THE_SERVER.match(answer):
        return displayable(answer)
    return _(OWN_REASONS.get(answer.partition(":")[0], UNREACHABLE))


def about(letter: "LetterView") -> str:
    """Where it went, what the server said, and what that means."""
    lines = [
        _("{kind}  {state}  宛先 {address}").format(
            kind=kind_text(letter.kind),
            state=state_text(letter.state),
            address=displayable(letter.sent_to or "-"),
        ),
        _("サーバーの応答 {answer}").format(answer=answer_text(letter.answer)),
    ]
    if letter.next_try_at is not None:
        lines.append(
            _("次の送信は{moment}です。({tries}回送信を試みました)").format(
                moment=moment_text(letter.next_try_at), tries=letter.tries
            )
        )
    return "\n".join(lines)


def what_to_tell(address: str) -> str:
    """To the customer who did not get a letter: which address is registered, and where it is changed (R-63)."""
    return joined(
        _("登録されている宛先は{address}です。").format(address=displayable(address)),
        _("お客様に、この宛先と迷惑メールフォルダーの確認をご案内してください。"),
        _(
            "宛先が誤っているときは、変更届の手続きをご案内してください。アドレスの変更は、この端末ではできません。"
        ),
    )
