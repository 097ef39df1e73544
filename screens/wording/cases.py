"""What the inquiry of receptions says: which are shown, and everything about one in names and values."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kiosk.rules.texts import displayable
from kiosk.translations.catalog import N_, _
from screens.dates import day_text, moment_text
from screens.wording.customer import DELIVERIES
from screens.wording.unfinished import CASE_STATES
from screens.words import TRANSACTIONS, word

if TYPE_CHECKING:
    from kiosk.services.overview.inquiring import CaseCertificate, CaseDetail

SHOWN: Mapping[str, str] = {
    "all": N_("すべて"),
    "open": N_("未完了"),
    "done": N_("完了"),
    "voided": N_("取消"),
}

CHECKS: Mapping[str, str] = {
    "form": N_("依頼書の記載"),
    "seal": N_("届出印の照合"),
    "identity": N_("来店者の本人確認"),
    "authority": N_("代理権の確認(委任状・電話・登記)"),
}

CHANNELS: Mapping[str, str] = {"counter": N_("窓口"), "phone": N_("電話")}
VISITORS: Mapping[str, str] = {"self": N_("本人"), "proxy": N_("代理人")}

DOCUMENTS: Mapping[str, str] = {
    "driving_licence": N_("運転免許証"),
    "driving_history": N_("運転経歴証明書"),
    "individual_number_card": N_("個人番号カード"),
    "residence_card": N_("在留カード"),
    "special_permanent_resident": N_("特別永住者証明書"),
    "passport": N_("旅券"),
}

CERTIFICATES: Mapping[str, str] = {
    "reserved": N_("署名前"),
    "signed": N_("書込み前"),
    "active": N_("発行済"),
    "revoked": N_("失効済"),
    "voided": N_("取消(未発行)"),
}


def transaction_text(number: str | None) -> str:
    """`102 更新`; a dash before step 3."""
    return "-" if number is None else f"{number} {word(TRANSACTIONS, number)}"


def facts_of(detail: "CaseDetail") -> Iterator[tuple[str, str]]:
    """Name and value, in the order of the form; stored texts made displayable."""
    row = detail.row
    yield _("状態"), word(CASE_STATES, row.state)
    yield _("取引"), transaction_text(row.transaction)
    yield _("ユーザー"), displayable(f"{row.user_id} {row.name}  {detail.organization_name}".strip())
    yield (
        _("受付"),
        _("{moment}  {branch} 端末{terminal}  {staff}").format(
            moment=moment_text(row.opened_at),
            branch=displayable(detail.branch),
            terminal=detail.terminal_no,
            staff=displayable(f"{row.staff_id} {row.staff_name}"),
        ),
    )
    if detail.closed_at is not None:
        yield _("終了日時"), moment_text(detail.closed_at)
    yield (
        _("依頼書番号"),
        f"{displayable(detail.form_no)} ({word(CHANNELS, detail.channel)})",
    )
    yield (
        _("来店者"),
        f"{displayable(detail.visitor_name)} ({word(VISITORS, detail.visitor_kind)})",
    )
    if detail.document_type:
        yield (
            _("本人確認書類"),
            _("{document} 下4桁 {last4}").format(
                document=word(DOCUMENTS, detail.document_type), last4=displayable(detail.document_last4)
            )
            if detail.document_last4
            else word(DOCUMENTS, detail.document_type),
        )
    for check, staff in detail.checked_by:
        yield word(CHECKS, check), displayable(staff)
    if detail.medium_no:
        yield _("媒体番号"), displayable(detail.medium_no)
    if detail.pc_alias:
        yield _("使用パソコンの呼び名"), displayable(detail.pc_alias)
    if detail.void_reason:
        yield _("取消の理由"), void_text(detail.void_reason)
    for certificate in detail.certificates:
        yield _("電子証明書"), _certificate_text(certificate)


def void_text(reason: str) -> str:
    """Why a reception was voided: the clerk's words, or the program's in words of the counter."""
    return word(_VOIDED_BY_THE_PROGRAM, displayable(reason))


_VOIDED_BY_THE_PROGRAM: Mapping[str, str] = {
    "interrupted": N_("中断"),
    "undelivered": N_("未交付"),
    "day_over": N_("日付の変更"),
}


def _certificate_text(certificate: "CaseCertificate") -> str:
    parts = [
        certificate.serial,
        word(CERTIFICATES, certificate.state),
        _("期限 {day}").format(day=day_text(certificate.last_valid_date)),
    ]
    if certificate.delivery is not None:
        parts.append(word(DELIVERIES, certificate.delivery))
    if certificate.handed_over_at is not None:
        parts.append(moment_text(certificate.handed_over_at))
    if certificate.file_name:
        parts.append(displayable(certificate.file_name))
    return "  ".join(parts)
