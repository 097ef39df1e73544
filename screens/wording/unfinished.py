"""What the list of unfinished transactions says: how far each is, and its one next action."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kiosk.rules.operations import TransactionFamily, family_of
from kiosk.rules.texts import displayable
from kiosk.translations.catalog import N_, _
from screens.dates import moment_text, time_text
from screens.dialogs.confirm import Question
from screens.messages import CounterMessage, check, done, joined
from screens.wording.customer import NOT_HANDED_OVER
from screens.words import word

if TYPE_CHECKING:
    from kiosk.services.views import Undelivered

CASE_STATES: Mapping[str, str] = {
    "reception": N_("受付済"),
    "user_chosen": N_("対象選択済"),
    "transaction_chosen": N_("ユーザー認証前"),
    "password_ok": N_("認証コード待ち"),
    "code_ok": N_("発行前"),
    "issuing": N_("発行中"),
    "issued": N_("発行済・未書込み"),
    "delivered": N_("交付待ち"),
    "done": N_("完了"),
    "voided": N_("取消"),
    "needs_attention": N_("結果の確認待ち"),
}

NEXT_STEPS: Mapping[str, str] = {
    "hand_over": N_("交付"),
    "give_up": N_("失効して終了"),
    "resume_or_void": N_("再開(または取消)"),
    "restart": N_("端末の再起動"),
    "wait_for_approval": N_("役席の承認"),
    "execute": N_("承認済の処理を実行"),
    "revoke_with_approval": N_("役席承認のうえ失効"),
    "reissue": N_("再発行"),
}
"""The one next action of a line."""

_WHAT_IT_MEANS: Mapping[str, str] = {
    "hand_over": N_(
        "媒体への書込みと読取り確認は済んでいます。媒体をお客様へ交付して、取引を終了してください。"
    ),
    "give_up": N_(
        "電子証明書は発行されましたが、媒体に入っていません。失効して終了し、あらためて再発行してください。"
    ),
    "resume_or_void": N_(
        "まだ何も発行されていません。お客様がいらっしゃれば再開し、お帰りになった場合は取り消してください。"
    ),
    "wait_for_approval": N_("役席の承認を待っています。役席者に決裁を依頼してください。"),
    "execute": N_("役席の承認は済んでいますが、処理がまだ行われていません。内容を確認して実行してください。"),
    "revoke_with_approval": N_("電子証明書の失効が必要です。役席の承認を依頼してください。"),
    "reissue": N_(
        "電子証明書の失効は済んでいます。再発行へ進んでください。お客様がお帰りになった場合は、再発行せずに終了します。"
    ),
    "restart": N_(
        "発行の結果を、扱っていた端末がまだ確かめていません。"
        "端末{terminal}のプログラムを起動し直すと、自動で処理されます。"
        "端末が戻らないときは、役席が「次の処理」で終了できます。"
    ),
}


PARKED: Mapping[str, str] = {
    "mailbox": N_("お客様がメールを確認中"),
    "papers": N_("書類の不足"),
    "supervisor": N_("役席の不在"),
    "customer": N_("お客様が再来店の予定"),
}
"""What a parked reception waits for."""


def state_text(line: "Undelivered") -> str:
    """How far it is, or that it was put aside."""
    if line.parked is not None:
        return _("保留中")
    if line.approval is not None and line.approval in _APPROVALS:
        return _(_APPROVALS[line.approval])
    if line.transaction is not None and line.case_state == "transaction_chosen":
        return _("再発行待ち") if line.revoked_serial is not None else _("取引選択済")
    return word(CASE_STATES, line.case_state)


_APPROVALS: Mapping[str, str] = {"asked": N_("承認待ち"), "approved": N_("承認済・未実行")}


def follow_ups_text(count: int) -> str:
    """Revocations by phone that are not complete, and where to go on; empty when there is none."""
    if not count:
        return ""
    return _(
        "【要確認】電話による緊急失効{count}件が、承認または依頼書を待っています。"
        "「802 緊急失効の後続」で処理してください。"
    ).format(count=count)


def _parked_text(line: "Undelivered") -> str:
    """Why it waits, and what is still good of it."""
    reason = word(PARKED, str(line.parked))
    if line.transaction is not None and family_of(line.transaction) is TransactionFamily.ISSUE:
        text = _("保留中です({reason})。お客様がいらしたら再開し、ユーザー認証から行います。").format(
            reason=reason
        )
    else:
        text = _("保留中です({reason})。再開すると、中断したところから続けられます。").format(reason=reason)
    if line.code_until is None:
        return text
    return joined(
        text,
        _("送信済みの認証コードは{until}まで使えます。").format(until=time_text(line.code_until)),
    )


def who(line: "Undelivered") -> str:
    """User ID and name, or the visitor while nobody was chosen."""
    return displayable(f"{line.user_id} {line.name}".strip())


def about(line: "Undelivered", own_terminal: str) -> str:
    """Who it is and how far, which a small window leaves out or cuts; what the line means and what to do."""
    terminal = line.terminal_no
    text = _(_WHAT_IT_MEANS[line.next_step]).format(terminal=terminal)
    if line.parked is not None:
        text = _parked_text(line)
    elif line.next_step == "revoke_with_approval" and line.delivery is not None:
        text = joined(word(NOT_HANDED_OVER, line.delivery), text)
    state = _("状態 {state}").format(state=state_text(line))
    text = "\n".join(("  ".join(filter(None, (who(line), state))), text))
    if line.file_name:
        text += "\n" + _("p12ファイル {name}").format(name=displayable(line.file_name))
    if terminal != own_terminal:
        text += "\n" + _(
            "端末{terminal}で扱っている取引です。その端末で操作中でないことを確かめてください。"
        ).format(terminal=terminal)
    return text


def giving_up(line: "Undelivered") -> Question:
    """Before a certificate that reached no stick is revoked."""
    return Question(
        title=_("この電子証明書を失効して、取引を終了します。"),
        facts=facts_of(line),
        consequence=_(
            "失効は元に戻せません。お客様の電子証明書は使えなくなり、お渡しには再発行が必要です。よろしいですか。"
        ),
        yes=_("失効して終了する"),
        no=_("やめる"),
    )


def settling(line: "Undelivered") -> Question:
    """Before a supervisor settles what a terminal that does not come back left behind."""
    return Question(
        title=_("端末{terminal}が途中で残した取引を、この端末で終了します。").format(
            terminal=line.terminal_no
        ),
        facts=facts_of(line),
        consequence=_(
            "その端末の電源が切れているか、故障していることを確かめてください。"
            "発行していない取引は取り消し、発行済で媒体に入っていない電子証明書は失効します。元に戻せません。"
        ),
        yes=_("終了する"),
        no=_("やめる"),
    )


def voiding(line: "Undelivered") -> Question:
    """Before a reception in which nothing was issued is cancelled."""
    return Question(
        title=_("この受付を取り消します。"),
        facts=facts_of(line),
        consequence=_(
            "何も発行されていません。受付番号は取消として残り、再開はできなくなります。よろしいですか。"
        ),
        yes=_("取り消す"),
        no=_("やめる"),
    )


def without_reissue(reception_no: str) -> Question:
    """Before the second act of a change of PC is given up (E-75)."""
    return Question(
        title=_("再発行せずに、この受付を終了します。"),
        facts=((_("受付番号"), reception_no),),
        consequence=_(
            "失効は済んでいます。お客様は、あらためて再発行を受けるまでログインできません。よろしいですか。"
        ),
        yes=_("再発行せずに終了する"),
        no=_("やめる"),
    )


def facts_of(line: "Undelivered") -> tuple[tuple[str, str], ...]:
    """Which reception it is about."""
    facts = [
        (_("受付番号"), line.reception_no),
        (_("ユーザー"), who(line)),
        (_("受付日時"), moment_text(line.since)),
        (_("状態"), word(CASE_STATES, line.case_state)),
    ]
    if line.serial is not None:
        facts.append((_("シリアル番号"), line.serial))
    if line.file_name:
        facts.append((_("ファイル名"), displayable(line.file_name)))
    return tuple(facts)


def nothing_to_hand_over() -> CounterMessage:
    """F4 on another line than one that waits for its hand-over."""
    return check("WM20", _("交付を待っている媒体ではありません。"), _("交付待ちの取引を選択してください。"))


def ended_without_reissue(line: "Undelivered") -> CounterMessage:
    """A change of PC ended after its first act."""
    return done(
        "IM16",
        _("受付{number}を、再発行せずに終了しました。").format(number=line.reception_no),
        _("お渡しには「103 再発行」の受付を行ってください。"),
    )
