"""The checks of the self-check, as the counter calls them, and what one that failed means."""

import re
from collections.abc import Mapping

from kiosk.rules.texts import displayable
from kiosk.translations.catalog import N_, _

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
    "sticks": N_("USB媒体の認識"),
}

_FACTS: Mapping[str, tuple[str, str]] = {
    "clock": (r"(?P<seconds>[+-][\d.]+) s", N_("ずれ {seconds}秒")),
    "crl": (r"(?P<number>\d+), (?P<until>.+)", N_("第{number}号、次回公開の期限 {until}")),
    "ca_validity": (r"(?P<day>.+)", N_("{day}まで")),
    "disk_space": (r"(?P<size>.+)", N_("空き {size}")),
    "mail_backlog": (
        r"(?P<count>\d+), (?P<minutes>\d+) min",
        N_("{count}件、最長{minutes}分待ち"),
    ),
    "p12_flavour": (r"modern", N_("標準")),
    "sticks": (r"(?P<count>\d+)", N_("差込み中 {count}本")),
}
"""What a check found, by its shape."""
_PLAIN: Mapping[tuple[str, str], str] = {("sticks", "none"): N_("使わない")}
"""What a check found, word by word."""
_OF_THE_PROGRAM = re.compile(r"\b(?:[A-Z][a-z]+){2,}\b|\b[A-Z]\w*Error\b")
"""The name of a class; it means nothing at the counter."""


def fact_text(name: str, fact: str) -> str:
    """What was found, without names out of the program."""
    if (name, fact) in _PLAIN:
        return _(_PLAIN[name, fact])
    if name in _FACTS:
        pattern, sentence = _FACTS[name]
        found = re.fullmatch(pattern, fact)
        if found is not None:
            return _(sentence).format(**found.groupdict())
    return displayable(" ".join(_OF_THE_PROGRAM.sub(" ", fact).split()))
