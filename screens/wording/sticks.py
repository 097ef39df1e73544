"""Why a stick cannot be used and what to do about it, in words; keyed by the words of the port."""

from collections.abc import Mapping

from kiosk.translations.catalog import N_

REASONS: Mapping[str, str] = {
    "no_medium": N_("媒体が入っていないか、ロックされています"),
    "no_filesystem": N_("形式が分かりません"),
    "unsupported_fs": N_("FAT32・exFATではありません"),
    "encrypted": N_("暗号化されています"),
    "write_protected": N_("書込禁止です"),
    "fixed_disk": N_("固定ディスクです"),
    "optical": N_("光ディスクです"),
    "composite_device": N_("記憶装置以外の機能を持っています"),
    "several_volumes": N_("複数の領域に分かれています"),
    "in_use": N_("ほかで使用中です"),
    "too_large": N_("容量が大きすぎます"),
    "not_registered": N_("登録されていません"),
    "blocked_by_policy": N_("使用が許可されていません"),
    "not_empty": N_("ファイルが残っています"),
}

_ANOTHER = N_("別の媒体に交換してください。")
_ASK = N_("{contact}へ連絡してください。")

WHAT_TO_DO: Mapping[str, str] = {
    "no_medium": N_("媒体を入れてください。鍵付きの媒体は、先にロックを解除してください。"),
    "no_filesystem": N_("FAT32かexFATの媒体に交換してください。"),
    "unsupported_fs": N_("FAT32かexFATの媒体に交換してください。"),
    "encrypted": N_("暗号化されていない媒体に交換してください。"),
    "write_protected": N_("書込禁止スイッチを解除するか、別の媒体に交換してください。"),
    "fixed_disk": N_("USBメモリに交換してください。"),
    "optical": N_("USBメモリに交換してください。"),
    "composite_device": N_("すぐに抜き取り、{contact}へ連絡してください。"),
    "several_volumes": N_("領域が1つだけの媒体に交換してください。"),
    "in_use": N_("しばらく待つか、差し直してください。"),
    "too_large": _ANOTHER,
    "not_registered": N_("登録済みの媒体に交換してください。"),
    "blocked_by_policy": _ASK,
    "not_empty": N_("空の媒体に交換してください。"),
}
"""Texts with `{contact}` are filled in where they are shown."""
