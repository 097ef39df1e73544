"""What the list of ends says: days left, who was told, and the same as cells of a file."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kiosk.rules.renewals import EXPIRED_LISTED_DAYS
from kiosk.rules.validity import jst_date
from kiosk.translations.catalog import N_, _
from screens.dates import day_text, moment_text, short_day_text
from screens.words import USER_ROLES, word

if TYPE_CHECKING:
    from kiosk.services.overview.expiring import ExpiringRow

LISTS: Mapping[str, str] = {
    "window": N_("30日以内"),
    "expired": N_("期限切れ・未更新"),
    "undeliverable": N_("メール不達"),
}

WHY_EMPTY: Mapping[str, str] = {
    "window": N_("30日以内に期限が来る、更新がまだの電子証明書はありません。"),
    "expired": N_(
        "期限切れのまま更新されていない電子証明書はありません。"
        "({days}日より前に切れたものは「401 ユーザー照会」で確認してください)"
    ),
    "undeliverable": N_(
        "メールが届かないお客様はいません。お知らせが宛先不明で戻ると、そのお客様がここに並びます。"
    ),
}

TOLD: Mapping[str, str] = {
    "queued": N_("送信待ち"),
    "sending": N_("送信中"),
    "sent": N_("送信済"),
    "bounced": N_("不達"),
    "gave_up": N_("送信断念"),
}


def why_empty(listed: str) -> str:
    """Why there is no line, and where else to look."""
    return _(WHY_EMPTY[listed]).format(days=EXPIRED_LISTED_DAYS)


def days_text(days_left: int) -> str:
    """`あと20日`, `本日まで`, `10日経過`."""
    if days_left < 0:
        return _("{days}日経過").format(days=-days_left)
    return _("あと{days}日").format(days=days_left) if days_left else _("本日まで")


def told_text(row: "ExpiringRow") -> str:
    """What became of the letter about the end, and on which day."""
    if row.told is None or row.told_at is None:
        return _("まだ")
    day = short_day_text(jst_date(row.told_at))
    return f"{word(TOLD, row.told)} {day}"


def about(row: "ExpiringRow") -> str:
    """What the line means for the clerk."""
    who = _("{user_id} {name}  {organization}(団体コード {code})").format(
        user_id=row.user_id, name=row.name, organization=row.organization_name, code=row.organization_code
    )
    if row.told == "bounced":
        to_do = _(
            "お知らせのメールが{address}に届きませんでした。"
            "電話などで連絡し、メールアドレスの変更届をご案内してください。(この端末では変更できません)"
        ).format(address=row.masked_email)
    elif row.days_left < 0:
        to_do = _("期限が切れています。「103 再発行」をご案内してください。")
    else:
        to_do = _("{day}までに「102 更新」をご案内してください。").format(day=day_text(row.last_valid_date))
    return f"{who}\n{to_do}"


def heading() -> tuple[str, ...]:
    """The first line of the file."""
    return (
        _("団体コード"),
        _("団体"),
        _("ユーザーID"),
        _("氏名"),
        _("カナ"),
        _("区分"),
        _("店番"),
        _("取引店"),
        _("有効期限"),
        _("残り日数"),
        _("シリアル番号"),
        _("お知らせメール"),
        _("お知らせの日時"),
        _("メールアドレス(一部)"),
    )


def cells(row: "ExpiringRow") -> tuple[str, ...]:
    """One line of the file, in the order of `heading`."""
    return (
        row.organization_code,
        row.organization_name,
        row.user_id,
        row.name,
        row.kana,
        word(USER_ROLES, row.role),
        row.branch_no,
        row.branch_name,
        row.last_valid_date.isoformat(),
        str(row.days_left),
        row.serial,
        _("まだ") if row.told is None else word(TOLD, row.told),
        "" if row.told_at is None else moment_text(row.told_at),
        row.masked_email,
    )
