"""The words of the counter for the words of the rules; marked here, translated where they are shown.

The tables are keyed by the stored words themselves (every rule enum is a string enum), so that a screen can look up
what a view holds without converting it.
"""

from collections.abc import Mapping

from kiosk.translations.catalog import N_, _

USER_ROLES: Mapping[str, str] = {"master": N_("マスターユーザー"), "general": N_("一般ユーザー")}

STAFF_ROLES: Mapping[str, str] = {
    "clerk": N_("係員"),
    "supervisor": N_("役席"),
    "auditor": N_("監査"),
    "administrator": N_("管理者"),
}

TRANSACTIONS: Mapping[str, str] = {
    "101": N_("新規発行"),
    "102": N_("更新"),
    "103": N_("再発行"),
    "201": N_("失効"),
    "202": N_("失効(緊急・電話受付)"),
    "301": N_("閉塞解除"),
    "401": N_("ユーザー照会"),
    "402": N_("期限到来一覧"),
    "403": N_("取引照会"),
    "801": N_("未完了取引"),
    "901": N_("開局"),
    "902": N_("日次締め"),
    "903": N_("ジャーナル照会"),
    "999": N_("サインオフ"),
}


def word(table: Mapping[str, str], key: str) -> str:
    """The word for `key` in the current language; the key itself when the table does not know it."""
    return _(table[key]) if key in table else key
