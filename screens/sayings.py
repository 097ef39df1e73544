"""「いまできること」 aloud: for each answer the sentence the clerk may say to the customer.

`screens.reasons` tells the clerk why and what to do; this is what the customer hears, so it names no number and no key.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kiosk.rules.next_actions import Reason
from kiosk.rules.operations import Transaction
from kiosk.translations.catalog import N_, _
from screens.dates import day_text, time_text

if TYPE_CHECKING:
    from kiosk.rules.next_actions import NextAction
    from kiosk.services.views import UserCard

_ISSUED_TO_YOU = N_("お手続きを承ります。パスワードと認証コードは、お客様ご自身で入力していただきます。")
POSSIBLE: Mapping[Transaction, str] = {
    Transaction.FIRST_ISSUE: _ISSUED_TO_YOU,
    Transaction.RENEW: _ISSUED_TO_YOU,
    Transaction.REISSUE: _ISSUED_TO_YOU,
    Transaction.REVOKE: N_("失効のお手続きを承ります。失効いたしますと、元に戻すことはできません。"),
    Transaction.EMERGENCY_REVOKE: N_("お届けの番号へ折り返しお電話したうえで、失効のお手続きをいたします。"),
    Transaction.UNBLOCK: N_("閉塞解除のお手続きを承ります。パスワードは、いまのままで変わりません。"),
}
"""What to say about a transaction that is possible now."""

SAYINGS: Mapping[Reason, str] = {
    Reason.NOT_PERMITTED: N_("担当の者に代わりますので、少々お待ちください。"),
    Reason.OTHER_BRANCH: N_("お手続きは、お取引店の{branch}で承っております。"),
    Reason.OUT_OF_HOURS: N_(
        "ただいま受付時間外でございます。恐れ入りますが、受付時間内にもう一度お越しください。"
    ),
    Reason.ALREADY_OPEN: N_("ただいま別のお手続きが進んでおります。そちらを終えてから承ります。"),
    Reason.ONLY_BY_PHONE: N_("窓口では、通常の失効のお手続きを承ります。"),
    Reason.NOT_BY_PHONE: N_("お電話では承れません。恐れ入りますが、お取引店へお越しください。"),
    Reason.INITIAL_REGISTRATION_OPEN: N_(
        "先に、お客様のパソコンから初期登録をお済ませください。そのあとで電子証明書をお渡しできます。"
    ),
    Reason.LIVE_CERTIFICATE: N_(
        "お手元の電子証明書は、まだお使いいただけます。更新のお手続きは{opens}から承ります。"
    ),
    Reason.FIRST_ISSUE_INSTEAD: N_("はじめての電子証明書ですので、新規発行のお手続きとなります。"),
    Reason.RENEW_INSTEAD: N_("お手元の電子証明書の、更新のお手続きとなります。"),
    Reason.REISSUE_INSTEAD: N_("お使いいただける電子証明書がございませんので、再発行のお手続きとなります。"),
    Reason.MASTER_BLOCKED: N_("ご利用が止まっております。先に、閉塞解除のお手続きが必要でございます。"),
    Reason.GENERAL_BLOCKED: N_(
        "ご利用が止まっております。解除は、お客様の団体のマスターユーザー様にお申し出ください。"
    ),
    Reason.LOCKED: N_(
        "ただいま一時的にご利用を止めております。{until}を過ぎましたら、もう一度お手続きいただけます。"
    ),
    Reason.PROXY_CANNOT_RECEIVE: N_("電子証明書は、ご本人にお越しいただいてお渡ししております。"),
    Reason.EXPIRED_NEEDS_NO_REVOCATION: N_(
        "有効期限が過ぎておりますので、失効のお手続きは必要ございません。再発行を承ります。"
    ),
    Reason.NO_LIVE_CERTIFICATE: N_("有効な電子証明書はございませんので、失効のお手続きは必要ございません。"),
    Reason.UNBLOCKED_BY_MASTER: N_("閉塞の解除は、お客様の団体のマスターユーザー様が行います。"),
    Reason.ONLY_LOCKED: N_("{until}に自動で解除されます。それまでお待ちください。"),
    Reason.NOT_BLOCKED: N_("お客様のユーザーIDは閉塞されておりません。"),
}


def saying(action: "NextAction", card: "UserCard") -> str:
    """What to say about `action`."""
    if action.reason is None:
        return _(POSSIBLE[action.transaction])
    return _(SAYINGS[action.reason]).format(
        branch=card.branch_name,
        opens="" if action.opens is None else day_text(action.opens),
        until="" if action.until is None else time_text(action.until),
    )
