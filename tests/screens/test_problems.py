"""The sentences of the counter: the wording of DOMAIN section 5, complete, and short enough for three lines."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from rich.cells import cell_len

from kiosk import errors
from kiosk.errors import KioskError, LeftBehind, MediaError
from kiosk.rules.credentials import ShapeProblem
from kiosk.rules.next_actions import Reason
from kiosk.rules.texts import TextProblem
from kiosk.translations.catalog import Language, use
from screens.field_problems import FIELD_NAMES, NOT_CHOSEN, explain_field
from screens.messages import CounterMessage, Severity, unexpected
from screens.problems import explain
from screens.reasons import explain_reason
from screens.widgets.message_area import LINES, laid_out
from screens.wording.sticks import REASONS

UNTIL = datetime(2026, 3, 2, 2, 5, tzinfo=UTC)  # 11:05 in Japan
DAY = date(2026, 12, 3)

FACTS: dict[type[KioskError], dict[str, Any]] = {
    errors.SignOnPaused: {"until": UNTIL},
    errors.NotPermitted: {"permission": "issue"},
    errors.OtherBranch: {"branch_name": "本店営業部第二出張所"},
    errors.OutOfHours: {"opens": "08:00", "closes": "20:00"},
    errors.BadInput: {"field": "user_id", "problem": "too_short"},
    errors.ChecksOpen: {"missing": ("seal",)},
    errors.LiveCertificate: {"renewable_from": DAY},
    errors.TransactionNotPossible: {"reason": "renew_instead"},
    errors.CaseNotOpen: {"reception_no": "20261122-012-01-0007", "state": "voided"},
    errors.WrongCredentials: {"tries_left": 2, "then_blocked": False},
    errors.LockedNow: {"until": UNTIL},
    errors.StillLocked: {"until": UNTIL},
    errors.MasterBlocked: {"just_now": True},
    errors.GeneralBlocked: {"just_now": True},
    errors.TooManyCodes: {"again_at": UNTIL},
    errors.WrongCode: {"tries_left": 3},
    errors.MediumNotInStock: {"medium_no": "012-0001"},
    errors.HandOverChecksOpen: {"missing": ("receipt",)},
    errors.IssuingClosed: {"failed": ("clock", "crl")},
    errors.CertificateRefusedByLint: {"findings": ("not_encodable",)},
    errors.CaNotUsable: {"problems": ("not_a_ca",)},
    errors.UserBusyElsewhere: {"terminal_no": "02", "reception_no": "20261122-012-02-0003"},
    errors.NotSetUp: {"missing": "registry"},
    errors.KeyGone: {"path": "/var/lib/madoguchi/password.key"},
    errors.FilesNotOurs: {"path": "/var/lib/madoguchi/password.key"},
    errors.AlreadyDecided: {"state": "executed"},
    errors.NotTheAsker: {"name": "窓口 花子"},
    errors.RevocationNotNeeded: {"last_valid_date": DAY},
    errors.AlreadyRevoked: {"revoked_on": DAY, "reception_no": "20261122-012-01-0007"},
    errors.OnlyLocked: {"until": UNTIL},
    errors.ExportFailed: {"folder": "/srv/exports", "why": "full"},
    errors.TerminalStillThere: {"terminal_no": "02", "seen_at": UNTIL},
    errors.MediumNotMovable: {"medium_no": "012-0001", "state": "damaged"},
    errors.CrlFolderUnusable: {"folder": "/srv/crl", "why": "full"},
    errors.CrlRefused: {"why": "other_issuer"},
    errors.MediaListWrong: {
        "file": "media-2026-11.csv",
        "line": 10_000,
        "column": "serial",
        "problem": "半角英数字と記号で1文字から64文字にしてください",
    },
    errors.SettingsWrong: {"file": "kiosk.toml", "key": "mail.smtp.port", "problem": "1～65535"},
}


def every_class(parent: type[KioskError] = KioskError) -> Iterator[type[KioskError]]:
    for child in parent.__subclasses__():
        if child.__module__.startswith("kiosk.errors"):
            yield child
            yield from every_class(child)


def every_message() -> Iterator[CounterMessage]:
    for kind in every_class():
        yield explain(kind(**FACTS.get(kind, {})))
        if issubclass(kind, MediaError):
            for left in LeftBehind:
                yield explain(kind(left_behind=left))
    for refusal in REASONS:
        yield explain(errors.StickNotAllowed(refusal=refusal))
        yield explain(errors.StickUnsupported(refusal=refusal))
    yield explain(errors.WrongCredentials(tries_left=1, then_blocked=True))
    yield explain(errors.MasterBlocked(just_now=False))
    yield explain(errors.GeneralBlocked(just_now=False))
    for field in [*FIELD_NAMES, "something_new"]:
        for problem in [*ShapeProblem, *TextProblem, NOT_CHOSEN, "something_new"]:
            yield explain_field(field, problem)
    for reason in Reason:
        yield explain_reason(reason)
        yield explain_reason(reason, opens=DAY, until=UNTIL)
    yield unexpected("E-0001")


@pytest.mark.parametrize(
    ("error", "code", "happened", "to_do"),
    [
        (
            errors.ChecksOpen(missing=()),
            "EC01",
            "確認が済んでいない項目があります。",
            "確認後に次へ進んでください。",
        ),
        (
            errors.NothingSelected(),
            "EC02",
            "電子証明書が選択されていません。",
            "対象を選択してから「次へ」を押してください。",
        ),
        (
            errors.UserNotFound(),
            "EC04",
            "該当するユーザーが見つかりません。",
            "ユーザーIDは大文字と小文字を区別します。依頼書を確認してください。",
        ),
        (
            errors.ProxyCannotReceive(),
            "EC05",
            "発行には、ユーザーご本人の来店が必要です。",
            "パスワードと認証コードはご本人に入力していただきます。",
        ),
        (
            errors.LiveCertificate(renewable_from=DAY),
            "EC06",
            "有効な電子証明書があるため発行できません。",
            "更新は2026年12月3日から可能です。パソコン変更の場合は、先に「201 失効」を行ってください。",
        ),
        (
            errors.OutOfHours(opens="08:00", closes="20:00"),
            "EC08",
            "サービス時間外です。",
            "受付は平日8時から20時です。(土日祝日、12月31日～1月3日を除く)",
        ),
        (
            errors.BadInput(field="user_id", problem="empty"),
            "EA01",
            "ユーザーIDをご入力ください。",
            "",
        ),
        (
            errors.BadInput(field="user_id", problem="missing_digit"),
            "EA02",
            "ユーザーIDは、半角英字と数字を両方使った6～12桁でご入力ください。",
            "",
        ),
        (
            errors.BadInput(field="password", problem="missing_symbol"),
            "EA03",
            "パスワードは、半角の英大文字・英小文字・数字・記号をすべて使った8～12桁でご入力ください。",
            "",
        ),
        (
            errors.BadInput(field="password", problem="full_width"),
            "EA04",
            "全角文字が含まれています。「半角/全角」キーで日本語入力を切ってご入力ください。",
            "",
        ),
        (
            errors.WrongCredentials(tries_left=2, then_blocked=False),
            "EA05",
            "ユーザーIDまたはパスワードが正しくありません。",
            "もう一度ご入力ください。(あと2回誤ると、60分間ご利用いただけなくなります)",
        ),
        (
            errors.WrongCredentials(tries_left=2, then_blocked=True),
            "EA05",
            "ユーザーIDまたはパスワードが正しくありません。",
            "もう一度ご入力ください。(あと2回誤ると、閉塞となり、解除の手続きをするまでご利用いただけなくなります)",
        ),
        (
            errors.LockedNow(until=UNTIL),
            "EA06",
            "パスワードを連続して6回誤ったため、ロックしました。",
            "11時05分以降にもう一度お試しください。お客様のメールアドレスへお知らせを送信しました。",
        ),
        (
            errors.StillLocked(until=UNTIL),
            "EA07",
            "ただいまロック中です。",
            "11時05分に解除されます。解除までお待ちください。窓口では解除できません。",
        ),
        (
            errors.MasterBlocked(just_now=True),
            "EA08",
            "ロックを3回繰り返したため、閉塞となりました。",
            "ご利用を再開するには閉塞解除の手続きが必要です。「301 閉塞解除」へ進んでください。",
        ),
        (
            errors.CodeMailFailed(),
            "EA10",
            "認証コードのメールを送信できませんでした。",
            "時間をおいて、もう一度「認証」を押してください。続く場合は事務センターへ連絡してください。",
        ),
        (
            errors.BadInput(field="code", problem="too_short"),
            "EB01",
            "認証コードは半角数字6桁でご入力ください。",
            "",
        ),
        (
            errors.WrongCode(tries_left=3),
            "EB02",
            "認証コードが正しくありません。",
            "最新のメールの数字をご確認ください。(あと3回)",
        ),
        (
            errors.CodeExpired(),
            "EB03",
            "認証コードの有効期限(30分)が過ぎました。",
            "「キャンセル」を押し、ユーザー認証からやり直してください。",
        ),
        (
            errors.CodeDead(),
            "EB04",
            "認証コードを6回誤ったため、このコードは無効になりました。",
            "ユーザー認証からやり直してください。(ロックの回数には数えません)",
        ),
        (
            errors.StickNotEmpty(),
            "EM01",
            "媒体にファイルが残っています。",
            "空の媒体に交換してください。",
        ),
        (
            errors.IssueFailed(),
            "ES20",
            "電子証明書を発行できませんでした。お客様の電子証明書は作成されていません。",
            "時間をおいて、ユーザー認証からやり直してください。",
        ),
        (
            errors.IssueUnknown(),
            "ES21",
            "発行の結果を確認できません。もう一度発行しないでください。",
            "「801 未完了取引」で結果を照会し、事務センターへ連絡してください。",
        ),
        (
            errors.RevocationNotNeeded(last_valid_date=DAY),
            "ER02",
            "この電子証明書は有効期限(2026年12月3日)が切れています。失効の必要はありません。",
            "「103 再発行」へ進んでください。",
        ),
        (
            errors.AlreadyRevoked(revoked_on=DAY, reception_no="20261122-012-01-0007"),
            "ER03",
            "この電子証明書は2026年12月3日に失効済です。(受付番号 20261122-012-01-0007)",
            "使える電子証明書がなければ「103 再発行」へ進んでください。",
        ),
        (
            errors.UnblockedByMaster(),
            "EU02",
            "一般ユーザーの閉塞は、窓口では解除できません。",
            "お客様の団体のマスターユーザーが解除します。",
        ),
        (
            errors.OnlyLocked(until=UNTIL),
            "EU03",
            "閉塞ではなくロック中です。",
            "11時05分に自動で解除されます。",
        ),
        (
            errors.NotBlocked(),
            "EU04",
            "このユーザーは閉塞されていません。",
            "ユーザーIDと状態を確認してください。",
        ),
        (
            errors.OwnRequest(),
            "EP01",
            "操作者本人は承認できません。",
            "別の役席者に依頼してください。",
        ),
        (
            errors.MayNotApprove(),
            "EP02",
            "承認権限がありません。",
            "この店の役席者のIDで入力してください。",
        ),
        (
            errors.ApprovalStale(),
            "EP04",
            "承認後に内容が変わったため、承認は無効になりました。",
            "もう一度承認を依頼してください。",
        ),
        (
            errors.UserBusyElsewhere(terminal_no="02", reception_no="20261122-012-02-0003"),
            "ES04",
            "同じユーザーの手続きが別の端末で行われています。(端末 02、受付番号 20261122-012-02-0003)",
            "終了してからやり直してください。",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, KioskError) else "",
)
@pytest.mark.rule("R-47", "R-61", "E-20", "E-24", "E-26", "E-35", "E-55")
def test_the_counter_speaks_the_agreed_words(error: KioskError, code: str, happened: str, to_do: str) -> None:
    message = explain(error).naming("事務センター")
    assert (message.code, message.happened, message.to_do) == (code, happened, to_do)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("cells", [118, 78])
def test_every_message_fits_its_three_lines(language: Language, cells: int) -> None:
    use(language)
    for message in every_message():
        lines = laid_out(message.naming("第一事務センター 03-0000-0000"), cells)
        assert len(lines) <= LINES
        assert max(map(cell_len, lines)) <= cells
        if cells == 118 or language is Language.JAPANESE:
            assert not lines[-1].endswith("(F1)"), message.text


def test_every_message_says_what_it_is_and_what_happened() -> None:
    for message in every_message():
        assert message.happened
        assert message.code
        assert message.severity.word in {"【完了】", "【要確認】", "【エラー】"}
        assert "!" not in message.text
        assert "！" not in message.text


def test_a_refusal_that_leaves_the_result_open_asks_to_check_it() -> None:
    for unknown in (errors.IssueUnknown(), errors.OutcomeUnknown(), errors.StickTimedOut()):
        assert explain(unknown).severity is Severity.CHECK


@pytest.mark.rule("I-11")
def test_the_customer_reads_nothing_about_the_account() -> None:
    """EA06 to EA10 are for the clerk; the screen that is turned to the customer only asks to speak to them."""
    told = {
        explain(error).for_customer
        for error in (
            errors.LockedNow(until=UNTIL),
            errors.StillLocked(until=UNTIL),
            errors.MasterBlocked(just_now=True),
            errors.MasterBlocked(just_now=False),
            errors.GeneralBlocked(just_now=True),
            errors.CodeMailFailed(),
        )
    }
    assert told == {"恐れ入りますが、係員へお声がけください。"}


def test_a_number_that_nobody_foresaw_is_not_explained_away() -> None:
    with pytest.raises(ValueError, match="is not a valid Reason"):
        explain_reason("no such word")
