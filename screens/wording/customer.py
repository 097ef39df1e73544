"""What the card of S210 says about a customer beyond the card that stands on every screen."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kiosk.rules.lockout import LOCKS_BEFORE_BLOCK
from kiosk.rules.operations import LIVE_STANDINGS
from kiosk.rules.texts import displayable
from kiosk.translations.catalog import N_, _
from screens.dates import day_text, moment_text
from screens.messages import joined
from screens.reasons import explain_reason
from screens.sayings import saying
from screens.words import word

if TYPE_CHECKING:
    from kiosk.rules.next_actions import NextAction
    from kiosk.services.views import CertificateView, UserCard

DELIVERIES: Mapping[str, str] = {
    "key_ready": N_("書込み前"),
    "written": N_("確認前"),
    "verified": N_("交付待ち"),
    "handed_over": N_("交付済"),
    "confirmed": N_("取込み済"),
    "lost": N_("紛失"),
    "damaged": N_("破損"),
    "not_collected": N_("受取りなし"),
    "destroyed": N_("廃棄済"),
    "voided": N_("取消"),
}

NOT_HANDED_OVER: Mapping[str, str] = {
    "lost": N_("お客様にお渡しする前に、媒体をなくしました。"),
    "damaged": N_("媒体が壊れているか、取込みができないため、お渡しできません。"),
    "not_collected": N_("お客様が媒体を受け取りに来ないため、お渡しできません。"),
    "voided": N_("お客様が発行の取りやめを希望したため、お渡ししません。"),
}
"""What happened to a medium that lies ready; a supervisor who was not there learns nothing else of it."""

REVOCATIONS: Mapping[str, str] = {
    "pc_change": N_("パソコン変更"),
    "p12_unopened": N_("取込みができない"),
    "medium_lost": N_("媒体の紛失"),
    "pc_lost": N_("パソコンの紛失"),
    "left": N_("退職・契約終了"),
    "reassigned": N_("異動・改姓"),
    "other": N_("その他"),
    "undelivered": N_("未交付"),
}


def is_live(certificate: "CertificateView") -> bool:
    """Neither expired nor revoked."""
    return certificate.standing in LIVE_STANDINGS


def action_state(action: "NextAction") -> tuple[str, str]:
    """Possible or not, and why not."""
    if action.reason is None:
        return _("可"), ""
    return _("不可"), explain_reason(action.reason, opens=action.opens, until=action.until).happened


def action_text(action: "NextAction", card: "UserCard") -> str:
    """Reason, what the clerk does, and what the clerk says."""
    if action.reason is not None:
        message = explain_reason(action.reason, opens=action.opens, until=action.until)
        why = joined(message.happened, message.to_do)
    else:
        why = _("F12を押すと、受付を始めます。")
    words = displayable(saying(action, card))
    return "\n".join((why, _("お客様へ「{words}」").format(words=words)))


def delivery_text(certificate: "CertificateView") -> str:
    """How far the medium is."""
    return "" if certificate.delivery is None else word(DELIVERIES, certificate.delivery)


def certificate_details(certificate: "CertificateView", *, serial: bool = True) -> str:
    """Serial number, days, PC, revocation."""
    parts = [_("シリアル番号 {serial}").format(serial=certificate.serial)] if serial else []
    parts.append(_("発行日 {day}").format(day=day_text(certificate.issue_date)))
    if certificate.pc_alias:
        parts.append(_("使用パソコン {alias}").format(alias=displayable(certificate.pc_alias)))
    if certificate.revoked_at is not None:
        parts.append(
            _("失効 {moment}({reason})").format(
                moment=moment_text(certificate.revoked_at),
                reason=word(REVOCATIONS, certificate.revocation_reason or "other"),
            )
        )
    return "  ".join(parts)


def why_no_certificate(card: "UserCard") -> str:
    """Why the list is empty, and what to do."""
    if card.certificates:
        return _("有効な電子証明書はありません。F4で、期限切れや失効済みのものを表示します。")
    return _("電子証明書を発行したことがありません。")


def facts_text(card: "UserCard") -> str:
    """Kana, branch, address and the lock cycle."""
    lock = card.lock
    tries = (
        _("パスワード あと{tries}回の誤りでロック").format(tries=lock.tries_left)
        if lock.standing == "active"
        else ""
    )
    parts = [
        _("カナ {kana}").format(kana=displayable(card.kana)),
        _("取引店 {branch}").format(branch=displayable(card.branch_name)),
        _("メール {address}").format(address=displayable(card.masked_email)),
        _("ロック {count}回({limit}回で閉塞)").format(count=lock.lock_count, limit=LOCKS_BEFORE_BLOCK),
        tries,
    ]
    return "  ".join(filter(None, parts))
