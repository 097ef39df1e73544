"""The checks of the self-check, as the counter calls them, and what one that failed means."""

from collections.abc import Mapping

from kiosk.translations.catalog import N_

CHECKS: Mapping[str, str] = {
    "not_run": N_("自己診断(未実施)"),
    "schema": N_("台帳の構成"),
    "database_settings": N_("台帳の保存設定"),
    "integrity": N_("台帳の整合性"),
    "clock": N_("端末の時刻"),
    "journal_writable": N_("操作記録の書込み"),
    "journal_chain": N_("操作記録の連鎖"),
    "ca_key": N_("認証局の鍵"),
    "ca_validity": N_("認証局の有効期限"),
    "profile": N_("電子証明書の形式"),
    "crl": N_("失効リスト"),
    "known_answers": N_("暗号の検算"),
    "disk_space": N_("ディスクの空き"),
    "mail_backlog": N_("メールの滞留"),
    "p12_flavour": N_("証明書ファイルの暗号方式"),
}
