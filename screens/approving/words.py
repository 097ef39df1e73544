"""What a request for approval says: who asks, whom it is about, what, why, on which paper, with which effect."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from textual.types import CSSPathType

from kiosk.rules.approvals import ApprovalSubject
from kiosk.rules.shown import Effect
from kiosk.rules.texts import displayable
from kiosk.rules.unblocking import REPEAT_DAYS
from kiosk.services.views import Channel, VisitorKind
from kiosk.translations.catalog import N_, _
from screens.dates import day_text
from screens.issuing.reception import CHECKS, DOCUMENTS, VISITORS
from screens.messages import joined
from screens.wording.customer import NOT_HANDED_OVER, REVOCATIONS
from screens.words import TRANSACTIONS, USER_ROLES, word

if TYPE_CHECKING:
    from kiosk.rules.shown import Shown

STYLES: Final[CSSPathType] = ["../styles/issuing.tcss", "../styles/approving.tcss"]
"""Of every screen on which something is asked, approved or executed."""

CAUSES: Mapping[str, str] = {
    "mistyped": N_("入力の誤り"),
    "forgotten_password": N_("パスワード忘れ"),
    "somebody_else": N_("第三者の入力の疑い"),
    "other": N_("その他"),
}
"""Why a user is blocked, in the order of the form."""

STATES: Mapping[str, str] = {
    "asked": N_("承認待ち"),
    "approved": N_("承認済"),
    "rejected": N_("差戻し済"),
    "withdrawn": N_("取下げ"),
    "void": N_("無効"),
    "expired": N_("時間切れ"),
    "executed": N_("実行済"),
}
"""How far a request is."""

SUBJECTS: Mapping[ApprovalSubject, str] = {
    ApprovalSubject.REVOKE: N_("失効"),
    ApprovalSubject.UNBLOCK: N_("閉塞解除"),
    ApprovalSubject.ISSUE: N_("電子証明書の発行"),
    ApprovalSubject.GIVE_UP: N_("未交付の失効"),
    ApprovalSubject.CONFIRM_EMERGENCY: N_("緊急失効の事後承認"),
}

_LEADS: Mapping[ApprovalSubject, str] = {
    ApprovalSubject.REVOKE: N_("次の電子証明書を失効します。"),
    ApprovalSubject.UNBLOCK: "",
    ApprovalSubject.ISSUE: "",
    ApprovalSubject.GIVE_UP: N_("お客様へ渡していない、次の電子証明書を失効します。"),
    ApprovalSubject.CONFIRM_EMERGENCY: "",
}

_EFFECTS: Mapping[Effect, str] = {
    Effect.ALREADY_REVOKED: N_("電話受付により、すでに失効しています。事後の承認です。"),
    Effect.CANNOT_BE_UNDONE: N_("失効すると元に戻せません。"),
    Effect.NO_LOGIN_UNTIL_REISSUE: N_("再発行が済むまで、お客様はログインできません。"),
    Effect.OTHER_CERTIFICATE_STAYS: N_("お客様のほかの有効な電子証明書は、そのまま利用できます。"),
    Effect.REISSUE_FOLLOWS: N_("続けて、この受付で再発行を行います。"),
    Effect.BLOCK_IS_LIFTED: N_("マスターユーザーの閉塞を解除します。"),
    Effect.PASSWORD_UNCHANGED: N_("パスワードは変わりません。"),
    Effect.CERTIFICATES_UNTOUCHED: N_("電子証明書も変わりません。"),
    Effect.MAY_BLOCK_AGAIN: N_(
        "お客様がパスワードをお忘れの場合、解除しても再び閉塞となるおそれがあります。"
    ),
    Effect.UNBLOCKED_BEFORE: N_("【要確認】この{days}日間に{count}回、閉塞を解除しています。"),
    Effect.CERTIFICATE_IS_ISSUED: N_("電子証明書を発行します。発行すると取り消せません。"),
}

_REASONS: Mapping[ApprovalSubject, Mapping[str, str]] = {
    ApprovalSubject.UNBLOCK: CAUSES,
    ApprovalSubject.GIVE_UP: NOT_HANDED_OVER,
}
"""What the reasons of a request are called; those of the others are reasons for a revocation."""

_CALL_BACK = "call_back"


def effect_text(shown: "Shown") -> str:
    """What will be true afterwards, sentence by sentence (5.6, E-80)."""
    sentences = [
        _(_EFFECTS[effect]).format(days=REPEAT_DAYS, count=shown.repeats) for effect in shown.effects
    ]
    lead = _LEADS[shown.subject]
    return joined(_(lead) if lead else "", *sentences)


def reason_text(shown: "Shown") -> str:
    """Why, with the clerk's own words behind it; empty where nothing was asked."""
    reason = word(_REASONS.get(shown.subject, REVOCATIONS), shown.reason)
    return f"{reason}({displayable(shown.note)})" if shown.note else reason


def facts_of(shown: "Shown") -> list[tuple[str, str]]:
    """All a supervisor decides on: label and value, line by line; stored texts made displayable."""
    return [
        (
            _("取引"),
            f"{shown.transaction} {word(TRANSACTIONS, shown.transaction)}  {shown.reception_no}".strip(),
        ),
        (
            _("依頼者"),
            _("{name}({staff_id}) 端末{terminal}").format(
                name=displayable(shown.maker_name), staff_id=shown.maker_id, terminal=shown.terminal_no
            ),
        ),
        *target_of(shown),
    ]


def target_of(shown: "Shown") -> list[tuple[str, str]]:
    """The same without what the clerk's own screen says in its header."""
    facts = [
        (
            _("ユーザー"),
            displayable(f"{shown.user_id} {shown.user_name} {word(USER_ROLES, shown.user_role)}"),
        ),
        (_("団体名"), displayable(f"{shown.organization_name} {shown.organization_code}")),
    ]
    if shown.serial:
        facts += [(_("シリアル番号"), shown.serial), (_("電子証明書"), _certificate_text(shown))]
    if shown.reason:
        facts.append((_("理由"), reason_text(shown)))
    return [*facts, (_("書類"), _paper_text(shown)), (_("確認済"), _checks_text(shown))]


def _certificate_text(shown: "Shown") -> str:
    parts = []
    if shown.issue_date is not None:
        parts.append(_("発行日 {day}").format(day=day_text(shown.issue_date)))
    if shown.last_valid_date is not None:
        parts.append(_("期限 {day}").format(day=day_text(shown.last_valid_date)))
    if shown.pc_alias:
        parts.append(_("使用パソコン {alias}").format(alias=displayable(shown.pc_alias)))
    return "  ".join(parts)


def _paper_text(shown: "Shown") -> str:
    visitor = f"{displayable(shown.visitor_name)}({word(_BY_WORD, shown.visitor_kind)})"
    if shown.channel == Channel.PHONE:
        caller = _("電話 {name}").format(name=visitor)
        back = _("折返し先 {whom}").format(whom=displayable(shown.called_back_to))
        return "  ".join(filter(None, (displayable(shown.form_no), caller, back)))
    document = word({kind.value: name for kind, name in DOCUMENTS.items()}, shown.document_type)
    return "  ".join(
        filter(None, (_("依頼書 {number}").format(number=displayable(shown.form_no)), visitor, document))
    )


_BY_WORD: Mapping[str, str] = {kind.value: VISITORS[kind] for kind in VisitorKind}
_CHECKED: Mapping[str, str] = {
    **{check.value: name for check, name in CHECKS.items()},
    _CALL_BACK: N_("折返し電話"),
}


def _checks_text(shown: "Shown") -> str:
    return _("、").join(word(_CHECKED, check) for check in shown.checks) or "-"
