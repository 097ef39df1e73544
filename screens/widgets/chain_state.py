"""Whether the journal is as it was written: one line that is always in sight."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kiosk.errors import KioskError
from kiosk.translations.catalog import _
from screens.dates import time_text
from screens.messages import joined
from screens.problems import explain
from screens.widgets.prose import Prose
from screens.wording.journal import finding_text

if TYPE_CHECKING:
    from kiosk.services.overview.journal import Finding

NAMED_AT_MOST = 3
"""Findings that are written out."""


@dataclass(frozen=True, kw_only=True)
class Chain:
    """What is known about the journal."""

    running: bool = False
    newest: int | None = None
    """How many of the newest entries of each chain were looked at; None for all."""
    at: datetime | None = None
    findings: "tuple[Finding, ...]" = ()
    refusal: KioskError | None = None
    """Why nobody could look."""


def extent(chain: Chain) -> str:
    """How much of the journal it is about."""
    if chain.newest is None:
        return _("すべての記録")
    return _("新しい{count}件").format(count=f"{chain.newest:,}")


def chain_text(chain: Chain, contact: str) -> str:
    """Verified or not, since when, and where it is not."""
    if chain.running:
        return _("操作記録を検証しています。({extent})").format(extent=extent(chain))
    if chain.refusal is not None:
        message = explain(chain.refusal).naming(contact)
        return joined(_("【要確認】操作記録を検証できません。"), f"{message.code} {message.body}")
    if chain.at is None:
        return _("操作記録は、まだ検証していません。")
    if not chain.findings:
        return _("【完了】操作記録に異常はありません。({extent}、{time}に検証)").format(
            extent=extent(chain), time=time_text(chain.at)
        )
    named = _("、").join(finding_text(finding) for finding in chain.findings[:NAMED_AT_MOST])
    more = len(chain.findings) - NAMED_AT_MOST
    if more > 0:
        named += _(" ほか{more}件").format(more=more)
    return joined(
        _("【エラー】操作記録に異常があります。({named})").format(named=named),
        _("取引を止め、{contact}へ連絡してください。").format(contact=contact),
    )


class ChainState(Prose):
    """Says it in a word, and in a colour too."""

    def __init__(self, chain: Chain, contact: str, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(chain_text(chain, contact), id=id)
        self._contact = contact
        self._colour(chain)

    def show(self, chain: Chain) -> None:
        """What is known now."""
        self.say(chain_text(chain, self._contact))
        self._colour(chain)

    def _colour(self, chain: Chain) -> None:
        self.set_class(bool(chain.findings), "-error")
        self.set_class(chain.refusal is not None, "-check")
        self.set_class(chain.at is not None and not chain.findings, "-done")
