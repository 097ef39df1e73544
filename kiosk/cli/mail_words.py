"""What `kiosk mail test` says about each step, and what to do about each trouble."""

from collections.abc import Mapping
from typing import Final

from kiosk.mail.trying import Step, Trouble
from kiosk.translations.catalog import N_

STEPS: Final[Mapping[Step, str]] = {
    Step.NAME: N_("サーバーの名前が見つかりました。"),
    Step.PORT: N_("ポートに接続できました。"),
    Step.TLS: N_("TLSで接続し、証明書を確認しました。"),
    Step.LOGIN: N_("ログインできました(アカウントの設定がなければ省略)。"),
    Step.SENDER: N_("差出人が受け付けられました。"),
    Step.RECIPIENT: N_("宛先が受け付けられました。"),
    Step.LETTER: N_("試験メールが受け付けられました。届いたことを受信箱で確認してください。"),
}
"""When it went well."""

TROUBLES: Final[Mapping[Trouble, str]] = {
    Trouble.NO_SUCH_NAME: N_(
        "サーバーの名前が見つかりません。mail.smtp.host の綴りとDNSの設定を確認してください。"
    ),
    Trouble.NOBODY_LISTENS: N_(
        "そのポートに接続できません。mail.smtp.port とファイアウォールを確認してください。"
    ),
    Trouble.NO_ANSWER: N_("サーバーが時間内に応答しません。サーバーの稼働とネットワークを確認してください。"),
    Trouble.TURNED_AWAY: N_(
        "サーバーが接続を断りました。この端末からの接続が許可されているか確認してください。"
    ),
    Trouble.NO_TLS_HERE: N_(
        "そのポートではTLSが始まりません。465番は implicit、587番は starttls です。mail.smtp.tls を確認してください。"
    ),
    Trouble.NO_STARTTLS: N_(
        "サーバーがSTARTTLSに対応していません。暗号化しないでは送信しません。mail.smtp.tls を確認してください。"
    ),
    Trouble.UNKNOWN_AUTHORITY: N_(
        "サーバー証明書の発行元を信頼できません。当金庫の認証局なら mail.smtp.ca_file に指定してください。"
    ),
    Trouble.WRONG_NAME: N_(
        "サーバー証明書の名前が mail.smtp.host と違います。証明書にある名前を指定してください。"
    ),
    Trouble.EXPIRED: N_("サーバー証明書の有効期限が切れています。サーバーの管理者へ連絡してください。"),
    Trouble.NOT_YET_VALID: N_("サーバー証明書がまだ有効ではありません。この端末の時計を確認してください。"),
    Trouble.BAD_CERTIFICATE: N_("サーバー証明書を検証できません。サーバーの管理者へ連絡してください。"),
    Trouble.CA_FILE: N_("mail.smtp.ca_file を読めません。場所と権限を確認してください。"),
    Trouble.PASSWORD_FILE: N_("mail.smtp.password_file を使用できません。場所と権限を確認してください。"),
    Trouble.LOGIN_REFUSED: N_(
        "ログインが拒否されました。mail.smtp.user とパスワードのファイルを確認してください。"
    ),
    Trouble.NO_LOGIN_OFFERED: N_(
        "サーバーがログインを受け付けていません。送信用のポートか、アカウントが不要かを確認してください。"
    ),
    Trouble.LOGIN_WANTED: N_(
        "サーバーがログインを求めています。mail.smtp.user と password_file を指定してください。"
    ),
    Trouble.SENDER_REFUSED: N_("差出人が拒否されました。mail.sender を確認してください。"),
    Trouble.RECIPIENT_REFUSED: N_(
        "宛先が拒否されました。メールアドレスと、サーバーの中継の許可を確認してください。"
    ),
    Trouble.LETTER_REFUSED: N_("試験メールが拒否されました。サーバーの応答を確認してください。"),
    Trouble.LINE_LOST: N_("途中で接続が切れました。サーバーとの間の機器を確認してください。"),
}

TEST_SUBJECT: Final = N_("【ろうきん】メール送信の試験")
TEST_BODY: Final = N_("窓口端末から送信した試験メールです。\nこのメールへの返信や手続きは不要です。\n")
