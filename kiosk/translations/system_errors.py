"""What the operating system refused, in the language of whoever reads it; its own words are English."""

import errno
from collections.abc import Mapping
from typing import Final

from kiosk.translations.catalog import N_, _

_WORDS: Final[Mapping[int, str]] = {
    errno.ENOENT: N_("ファイルまたはフォルダーがありません"),
    errno.EACCES: N_("権限がありません"),
    errno.EPERM: N_("権限がありません"),
    errno.EISDIR: N_("ファイルではなくフォルダーです"),
    errno.ENOTDIR: N_("途中にフォルダーではないものがあります"),
    errno.EEXIST: N_("すでにあります"),
    errno.ENOSPC: N_("空きがありません"),
    errno.EDQUOT: N_("空きがありません"),
    errno.EROFS: N_("書込みできない場所です"),
    errno.EIO: N_("読み書きできませんでした"),
    errno.ELOOP: N_("リンクが輪になっています"),
    errno.ENAMETOOLONG: N_("名前が長すぎます"),
}


def why(error: OSError) -> str:
    """A few words; for what has none, the symbol of the error (`EMFILE`), which can be looked up in any language."""
    number = error.errno or 0
    return _(_WORDS[number]) if number in _WORDS else errno.errorcode.get(number, type(error).__name__)
