"""What each setting is called at the counter, and how its value reads there; keyed as in the settings file."""

import json
from collections.abc import Mapping

from kiosk.rules.texts import displayable
from kiosk.translations.catalog import N_, _
from screens.dates import WEEKDAYS

SETTINGS: Mapping[str, str] = {
    "training": N_("訓練モード"),
    "language": N_("画面の言語"),
    "notice": N_("業務メニューのお知らせ"),
    "terminal.branch_no": N_("店番"),
    "terminal.terminal_no": N_("端末番号"),
    "paths.data": N_("データのフォルダー"),
    "paths.ca": N_("認証局のフォルダー"),
    "paths.crl": N_("失効リストの公開先"),
    "paths.checkpoints": N_("操作記録の署名の保管先"),
    "paths.exports": N_("一覧の保存先"),
    "database.url": N_("台帳の場所"),
    "database.password_file": N_("台帳のパスワードファイル"),
    "database.wal": N_("台帳の先行書込み"),
    "service_hours.opens": N_("受付開始"),
    "service_hours.closes": N_("受付終了"),
    "service_hours.closed_weekdays": N_("休業の曜日"),
    "service_hours.closed_days": N_("休業日"),
    "service_hours.closed_yearly": N_("毎年の休業日(月-日)"),
    "service_hours.enforced": N_("時間外は受け付けない"),
    "media.require_empty": N_("空の媒体だけを使う"),
    "media.numbered": N_("番号付きの媒体だけを使う"),
    "media.directory": N_("模擬媒体のフォルダー(訓練)"),
    "media.adapter": N_("媒体の扱い方"),
    "media.mode": N_("使える媒体の範囲"),
    "media.allow_fixed_disks": N_("固定ディスク型のUSB媒体も使う"),
    "media.largest_gigabytes": N_("媒体の容量の上限(GB)"),
    "mail.sender": N_("メールの差出人アドレス"),
    "mail.sender_name": N_("メールの差出人名"),
    "mail.language": N_("メールの言語"),
    "mail.maildir": N_("メールの保管先(訓練)"),
    "mail.texts": N_("メールの独自文面のフォルダー"),
    "mail.smtp": N_("メールサーバー"),
    "mail.smtp.letters_per_minute": N_("1分間に送るメールの上限"),
    "mail.smtp.host": N_("メールサーバーの名前"),
    "mail.smtp.tls": N_("メールサーバーとの暗号化"),
    "mail.smtp.port": N_("メールサーバーのポート"),
    "mail.smtp.user": N_("メールサーバーの利用者名"),
    "mail.smtp.password_file": N_("メールサーバーのパスワードファイル"),
    "mail.smtp.ca_file": N_("メールサーバーの認証局"),
    "mail.smtp.connect_seconds": N_("メール接続の待ち時間(秒)"),
    "mail.smtp.total_seconds": N_("メール送信の待ち時間(秒)"),
    "certificate.key_algorithm": N_("鍵の種類"),
    "certificate.p12_flavour": N_("証明書ファイルの暗号方式"),
    "certificate.p12_flavour_reason": N_("旧方式を使う理由"),
    "certificate.crl_url": N_("失効リストの参照先"),
    "certificate.ca_issuers_url": N_("認証局証明書の参照先"),
    "certificate.policy_oid": N_("証明書ポリシーの番号"),
    "certificate.root_in_p12": N_("証明書ファイルにルートを含める"),
    "certificate.ca_passphrase_file": N_("認証局の鍵のパスフレーズファイル"),
    "crl.after_publishing": N_("失効リスト公開後のコマンド"),
    "crl.after_publishing_seconds": N_("失効リスト公開後の待ち時間(秒)"),
    "software_keyboard.shuffle": N_("画面キーボードを並べ替える"),
    "software_keyboard.physical_keyboard": N_("実物のキーボードも使える"),
    "approval.for_issue": N_("発行にも役席承認を求める"),
    "approval.emergency_by_one_clerk": N_("緊急失効を係員1名で行える"),
    "idle.staff_minutes": N_("画面保護までの時間(分)"),
    "idle.customer_warning_seconds": N_("お客様入力の警告まで(秒)"),
    "idle.customer_wipe_seconds": N_("お客様入力の消去まで(秒)"),
    "contact.name": N_("連絡先"),
    "contact.phone": N_("連絡先の電話番号"),
}

_VALUES: Mapping[str, str] = {
    "modern": N_("標準"),
    "legacy-3des": N_("旧方式(3DES)"),
    "none": N_("使わない"),
    "directory": N_("フォルダー(模擬媒体)"),
    "udisks": N_("USB媒体"),
    "windows": N_("USB媒体(Windows)"),
    "customer": N_("限定しない"),
    "registered": N_("登録した媒体だけ"),
    "ja": N_("日本語"),
    "en": N_("英語"),
    **dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), WEEKDAYS, strict=True)),
}


def value_text(value: str) -> str:
    """A value of the settings file as the counter reads it."""
    if not value:
        return _("(なし)")
    try:
        read = json.loads(value)
    except ValueError:
        return displayable(value.strip("[]"))
    if isinstance(read, bool):
        return _("はい") if read else _("いいえ")
    if isinstance(read, list):
        return _("、").join(map(_one, read)) or _("(なし)")
    return _one(read) or _("(なし)")


def _one(value: object) -> str:
    text = str(value)
    return _(_VALUES[text]) if text in _VALUES else displayable(text)
