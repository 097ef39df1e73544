"""The sentences of sticks that were refused for a reason; importing this module registers them with `explain`."""

from kiosk import errors
from kiosk.rules.texts import displayable
from kiosk.translations.catalog import _
from screens.explaining import explain, message
from screens.messages import CounterMessage, joined
from screens.plain_problems import LEFT_BEHIND
from screens.wording.sticks import REASONS, WHAT_TO_DO


@explain.register
def stick_unsupported(error: errors.StickUnsupported) -> CounterMessage:
    if error.refusal not in REASONS:
        return message(
            error,
            _("この媒体の形式には書き込めません。媒体の初期化は行いません。"),
            _("別の媒体に交換してください。"),
        )
    return _refused(error, error.refusal)


@explain.register
def stick_not_allowed(error: errors.StickNotAllowed) -> CounterMessage:
    if error.refusal not in REASONS:
        return message(error, _("使用が許可されていない媒体です。"), _("{contact}へ連絡してください。"))
    return _refused(error, error.refusal)


@explain.register
def stick_timed_out(error: errors.StickTimedOut) -> CounterMessage:
    if error.left_behind is errors.LeftBehind.NOTHING:
        return message(
            error,
            _("媒体が応答しません。"),
            _("媒体を差し直すか、別の媒体に交換してください。"),
        )
    return message(
        error,
        joined(
            _("媒体が応答しません。書き込めたかどうかを確認できません。"), _(LEFT_BEHIND[error.left_behind])
        ),
        _("この媒体をお渡しせず、別の媒体に交換してください。"),
    )


@explain.register
def leftover_on_stick(error: errors.LeftoverOnStick) -> CounterMessage:
    return message(
        error,
        _("この媒体に、書きかけのファイルが残っています。({file})").format(file=displayable(error.file_name)),
        _("もう一度進むと削除できます。削除しない場合は、別の媒体に交換してください。"),
    )


@explain.register
def media_list_wrong(error: errors.MediaListWrong) -> CounterMessage:
    place = " ".join(filter(None, (error.file, _("{line}行目").format(line=error.line), error.column)))
    return message(
        error,
        _("管理媒体の一覧を取り込めません。({place}: {problem})").format(
            place=displayable(place), problem=error.problem
        ),
        _("直してから、もう一度取り込んでください。いまの一覧は変わっていません。"),
    )


@explain.register
def media_list_broken(error: errors.MediaListBroken) -> CounterMessage:
    return message(
        error,
        _("管理媒体の一覧の署名が正しくありません。登録済みの媒体はないものとして扱います。"),
        _("{contact}へ連絡してください。"),
    )


def _refused(error: errors.MediaError, refusal: str) -> CounterMessage:
    return message(
        error,
        _("この媒体は使用できません。({reason})").format(reason=_(REASONS[refusal])),
        _(WHAT_TO_DO[refusal]),
    )
