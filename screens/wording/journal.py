"""The journal in words of the counter: names of fields and facts, what words in them mean, what a finding means."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from kiosk.rules.texts import displayable
from kiosk.translations.catalog import N_, _
from screens.dates import clock_text
from screens.wording.checks import CHECKS
from screens.wording.customer import DELIVERIES, REVOCATIONS
from screens.wording.events import EVENTS, LOCK_HISTORY
from screens.wording.sticks import REASONS as STICK_REASONS
from screens.wording.unfinished import CASE_STATES
from screens.words import STAFF_ROLES, TRANSACTIONS, USER_ROLES, word

if TYPE_CHECKING:
    from kiosk.services.overview.journal import Finding, JournalLine

OUTCOMES: Mapping[str, str] = {"done": N_("完了"), "refused": N_("拒否"), "failed": N_("失敗")}

FIELDS: Mapping[str, str] = {
    "time": N_("日時"),
    "business_date": N_("業務日"),
    "tag": N_("できごと"),
    "outcome": N_("結果"),
    "code": N_("メッセージコード"),
    "node": N_("記録の系列"),
    "seq": N_("連番"),
    "staff_id": N_("オペレーター"),
    "role": N_("役割"),
    "approver": N_("承認者"),
    "branch_no": N_("店番"),
    "terminal_no": N_("端末"),
    "reception_no": N_("受付番号"),
    "transaction": N_("取引"),
    "screen_id": N_("画面"),
    "user_id": N_("ユーザーID"),
    "serial": N_("シリアル番号"),
    "medium_no": N_("媒体番号"),
    "before": N_("変更前"),
    "after": N_("変更後"),
}
"""Every field of an entry, in the order of the details."""

FACTS: Mapping[str, str] = {
    "account": N_("登録したID"),
    "adopted": N_("取込み"),
    "approval_of": N_("承認の対象"),
    "asked": N_("必要な権限"),
    "branch": N_("店番"),
    "cause": N_("原因のコード"),
    "changed": N_("変更した設定"),
    "channel": N_("受付方法"),
    "count": N_("件数"),
    "day": N_("対象日"),
    "digest": N_("承認内容のハッシュ値"),
    "entries": N_("失効の件数"),
    "failed": N_("異常の項目"),
    "file": N_("ファイル名"),
    "first_kind": N_("最初の異常"),
    "first_node": N_("最初の異常の系列"),
    "first_seq": N_("最初の異常の連番"),
    "form_no": N_("依頼書番号"),
    "found": N_("件数"),
    "kept": N_("外部の署名の数"),
    "key_id": N_("鍵の識別子"),
    "key_sha256": N_("鍵のハッシュ値"),
    "kind": N_("種類"),
    "last": N_("最後の番号"),
    "list_sha256": N_("一覧のハッシュ値"),
    "left_behind": N_("媒体に残ったもの"),
    "node": N_("記録の系列"),
    "not_after": N_("有効期間の終わり"),
    "not_before": N_("有効期間の始まり"),
    "number": N_("番号"),
    "organization": N_("団体コード"),
    "p12_sha256": N_("p12のハッシュ値"),
    "reason": N_("理由"),
    "reissue": N_("続けて再発行"),
    "repeats": N_("直近の解除の回数"),
    "report": N_("申出の内容"),
    "refusal": N_("使用できない理由"),
    "registered": N_("登録したもの"),
    "revoked": N_("失効した件数"),
    "role": N_("役割"),
    "run_by": N_("コマンドの実行者"),
    "seq": N_("連番"),
    "simulated": N_("模擬媒体"),
    "stick": N_("媒体の製品名"),
    "subject": N_("名義"),
    "tbs_sha256": N_("証明書のハッシュ値"),
    "tries": N_("回数"),
    "tries_left": N_("残りの回数"),
    "typing": N_("入力中の候補"),
    "verified": N_("確認の方法"),
    "visitor": N_("来店者"),
    "voided": N_("取消した件数"),
    "waiting": N_("交付待ちの件数"),
}
"""What an entry tells beyond its fields."""

LETTERS: Mapping[str, str] = {
    "code": N_("認証コードのメール"),
    "locked": N_("ロックのお知らせ"),
    "blocked": N_("閉塞のお知らせ"),
    "issued": N_("発行のお知らせ"),
    "unblocked": N_("閉塞解除のお知らせ"),
    "revoked": N_("失効のお知らせ"),
    "expiring": N_("有効期限のお知らせ"),
    "expired": N_("有効期限切れのお知らせ"),
}

PERMISSIONS: Mapping[str, str] = {
    "inquire": N_("照会"),
    "receive": N_("受付"),
    "issue": N_("発行"),
    "hand_over": N_("交付"),
    "revoke": N_("失効"),
    "unblock": N_("閉塞解除"),
    "approve": N_("役席承認"),
    "open_and_close_day": N_("開局・締め"),
    "read_journal": N_("ジャーナル照会"),
    "see_all_branches": N_("全店の照会"),
    "manage_media": N_("媒体の管理"),
    "manage_staff": N_("オペレーターの管理"),
    "manage_settings": N_("設定の管理"),
}

_OTHER_WORDS: Mapping[str, str] = {
    "self": N_("本人"),
    "proxy": N_("代理人"),
    "counter": N_("窓口"),
    "phone": N_("電話"),
    "branch": N_("店"),
    "terminal": N_("端末"),
    "interrupted": N_("中断"),
    "without_reissue": N_("再発行せずに終了"),
    "confirm_emergency": N_("緊急失効の確認"),
    "mistyped": N_("入力の誤り"),
    "forgotten_password": N_("パスワード忘れ"),
    "somebody_else": N_("第三者による入力の疑い"),
    "unopened": N_("取込みができない"),
    "changed": N_("内容の変更"),
    "sign_ons": N_("サインオンの誤り"),
    "day_over": N_("日付の変更"),
    "directory": N_("フォルダー"),
    "device": N_("USB媒体"),
    "direct": N_("媒体から直接"),
    "reopened": N_("開き直し"),
    "found": N_("書込み済みの確認"),
    "nothing": N_("なし"),
    "incomplete_possible": N_("書きかけのファイル(可能性)"),
    "complete_unconfirmed": N_("書き込んだファイル(可能性)"),
    "True": N_("はい"),
    "False": N_("いいえ"),
    "mailbox": N_("メールの確認"),
    "papers": N_("書類の不足"),
    "supervisor": N_("役席の不在"),
    "customer": N_("お客様の再来店"),
    "in_stock": N_("在庫"),
    "in_use": N_("使用中"),
    "returned": N_("返却"),
    "window": N_("30日以内"),
    "expired": N_("期限切れ・未更新"),
    "undeliverable": N_("メール不達"),
}

TAMPERINGS: Mapping[str, str] = {
    "edited": N_("書換え"),
    "missing": N_("途中の欠落"),
    "reordered": N_("順序の入替え"),
    "cut": N_("末尾の欠落"),
    "added": N_("末尾への追加"),
    "rewritten": N_("全体の作り直し"),
    "rolled_back": N_("古い控えへの巻戻し"),
    "bad_signature": N_("署名の不一致"),
}

_WORDS: tuple[Mapping[str, str], ...] = (
    OUTCOMES,
    STAFF_ROLES,
    USER_ROLES,
    CASE_STATES,
    DELIVERIES,
    REVOCATIONS,
    LOCK_HISTORY,
    CHECKS,
    TAMPERINGS,
    EVENTS,
    _OTHER_WORDS,
)
_WORDS_OF: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "kind": (LETTERS, EVENTS),
    "asked": (PERMISSIONS,),
    "refusal": (STICK_REASONS,),
}
"""For facts whose words mean something else elsewhere."""
_OF_THE_PROGRAM = re.compile(r"(?:[A-Z][a-z]+){2,}|OSError")
"""The name of a class; it means nothing at the counter."""


def meaning(value: object, fact: str = "") -> str:
    """A stored value in words; as it is where it is a number, a name or an identifier."""
    text = str(value)
    tables = _WORDS_OF.get(fact, _WORDS)
    parts = [part for part in re.split(r"[\s+]+", text) if part]
    found = [next((_(table[part]) for table in tables if part in table), "") for part in parts]
    if parts and all(found):
        return _("、").join(found)
    moment = _moment(text)
    if moment is not None:
        return clock_text(moment)
    return _("(内部の名称)") if _OF_THE_PROGRAM.fullmatch(text) else displayable(text)


def _moment(text: str) -> datetime | None:
    """A point in time, stored with its offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def event_text(tag: str) -> str:
    """What happened; a tag that nobody knows any more reads as an unknown event."""
    return word(EVENTS, tag) if tag in EVENTS else _("不明なできごと")


def details_of(line: "JournalLine", contact: str) -> Iterator[tuple[str, str]]:
    """Name and value of everything the entry holds, in the order of the fields."""
    if not line.details:
        yield (
            _("内容"),
            _("読み取れません。操作記録の検証を行い、{contact}へ連絡してください。").format(contact=contact),
        )
    for field, name in FIELDS.items():
        value = line.details.get(field)
        if value is not None:
            yield _(name), _field_text(field, value, line)
    facts = line.details.get("facts")
    for fact, value in facts.items() if isinstance(facts, dict) else ():
        if value is not None:
            yield word(FACTS, fact) if fact in FACTS else _("その他"), meaning(value, fact)
    yield _("連鎖の値"), line.hash


def _field_text(field: str, value: object, line: "JournalLine") -> str:
    match field:
        case "time":
            return clock_text(line.at)
        case "tag":
            return event_text(str(value))
        case "transaction":
            number = displayable(str(value))
            return f"{number} {word(TRANSACTIONS, number)}" if number in TRANSACTIONS else number
    return meaning(value)


def finding_text(finding: "Finding") -> str:
    """Which entries of which chain, and what was done to them."""
    where = (
        _("{node}の{seq}番") if finding.seq == finding.last else _("{node}の{seq}番から{last}番")
    ).format(node=displayable(finding.node), seq=finding.seq, last=finding.last)
    return f"{where}: {word(TAMPERINGS, finding.kind)}"
