"""Write docs/MESSAGES.md: every message the counter can show, with its code, in both languages.

    python tools/messages.py            writes the document
    python tools/messages.py --check    writes nothing; ends with 1 when the document is behind

The sentences are made by the program itself from sample facts, so the document cannot say anything else.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from functools import partial
from itertools import product
from pathlib import Path

from kiosk.errors import Aftermath, KioskError, LeftBehind
from kiosk.rules.credentials import ShapeProblem
from kiosk.rules.next_actions import Reason
from kiosk.rules.texts import TextProblem
from kiosk.translations.catalog import Language, _, in_language
from screens.field_problems import NOT_CHOSEN, explain_field
from screens.messages import CounterMessage, Severity
from screens.problems import explain
from screens.reasons import explain_reason
from tools.said_by_screens import Said, said_by_screens

BRACES = re.compile(r"\{(?!contact\})(\w+)\}")
"""A fact in a sentence; whom to call stays as it is."""
DOCUMENT = Path(__file__).resolve().parent.parent / "docs/MESSAGES.md"
A_MOMENT = datetime(2026, 11, 22, 1, 15, tzinfo=UTC)
"""10:15 in Japan."""

SAMPLES: dict[str, tuple[object, ...]] = {
    "left_behind": tuple(LeftBehind),
    "temporary": ("",),
    "just_now": (True, False),
    "then_blocked": (False, True),
    "until": (A_MOMENT,),
    "again_at": (A_MOMENT,),
    "seen_at": (A_MOMENT,),
    "renewable_from": (date(2026, 12, 3),),
    "tries_left": (2,),
    "opens": ("08:00",),
    "closes": ("20:00",),
    "field": ("form_no",),
    "problem": ("…",),
    "problems": (("…",),),
    "reason": (Reason.NOT_BLOCKED,),
    "state": ("done",),
    "missing": (("…",),),
    "command": ("kiosk init", "kiosk ca init"),
    "failed": (("…",),),
    "findings": (("…",),),
    "medium_no": ("M0001",),
    "LeftoverOnStick.left_behind": (LeftBehind.NOTHING,),
    "LeftoverOnStick.file_name": ("~1a2b3c4d.tmp",),
    "StickUnsupported.left_behind": (LeftBehind.NOTHING,),
    "StickUnsupported.refusal": ("", "no_filesystem", "unsupported_fs", "encrypted", "several_volumes"),
    "StickNotAllowed.left_behind": (LeftBehind.NOTHING,),
    "StickNotAllowed.refusal": (
        "",
        "fixed_disk",
        "optical",
        "composite_device",
        "too_large",
        "not_registered",
        "blocked_by_policy",
    ),
    "terminal_no": ("02",),
    "reception_no": ("20261122-012-02-0007",),
    "branch_name": ("本店営業部",),
    "permission": ("issue",),
    "folder": ("/srv/crl",),
    "path": ("/var/lib/madoguchi/password.key",),
    "why": ("full",),
    "file": ("settings.toml",),
    "key": ("media.directory",),
    "line": (3,),
    "column": ("serial", ""),
    "MediaListWrong.file": ("media.csv",),
    "NotSetUp.missing": ("password.key",),
    "name": ("窓口 花子",),
    "last_valid_date": (date(2026, 12, 3),),
    "revoked_on": (date(2026, 12, 3),),
}
"""For each fact of a refusal, what the document shows; several where the sentence depends on it."""

FIELDS = ("user_id", "password", "code", "form_no")
"""The fields with sentences of their own, and one for all others."""

IN_BRACES = {
    "terminal": "02",
    "serial": "010E931450D0A73B4F32C142FF785304A834",
    "day": "2026-12-03",
}
"""For each fact in the messages of the screens, what the document shows; "…" for all others."""
ISSUED = frozenset({"EM10", "EM11", "EM13", "EM16", "EM19"})
"""Messages about a certificate that exists, though something is still to be done."""

AFTERWARDS = {
    Aftermath.NOTHING_HAPPENED: "nothing was done",
    Aftermath.FINISHED: "it was done",
    Aftermath.UNKNOWN: "not known",
}


@dataclass(frozen=True, order=True)
class Line:
    """One row of the document."""

    code: str
    japanese: str
    english: str
    afterwards: str


def refusals(parent: type[KioskError] = KioskError) -> Iterator[type[KioskError]]:
    """Every class of `kiosk.errors` that can be raised."""
    for child in parent.__subclasses__():
        if child.__module__.startswith("kiosk.errors"):
            yield child
            yield from refusals(child)


def examples(refusal: type[KioskError]) -> Iterator[KioskError]:
    """The refusal with every combination of sample facts."""
    names = [field.name for field in fields(refusal)]
    samples = [SAMPLES.get(f"{refusal.__name__}.{name}") or SAMPLES[name] for name in names]
    for facts in product(*samples):
        yield refusal(**dict(zip(names, facts, strict=True)))


def lines() -> list[Line]:
    """All messages, by code."""
    made = [
        (partial(explain, error), refusal.aftermath) for refusal in refusals() for error in examples(refusal)
    ]
    made += [
        (partial(explain_field, field, problem), Aftermath.NOTHING_HAPPENED)
        for field, problem in product(FIELDS, (*ShapeProblem, *TextProblem, NOT_CHOSEN))
    ]
    made += [(partial(explain_reason, reason), Aftermath.NOTHING_HAPPENED) for reason in Reason]
    made += [(partial(_as_shown, said), _aftermath(said)) for said in said_by_screens()]
    return sorted({_line(message, aftermath) for message, aftermath in made})


def _as_shown(said: Said) -> CounterMessage:
    happened, to_do = (_(text) if text else "" for text in (said.happened, said.to_do))
    return CounterMessage(
        severity=Severity.CHECK, code=said.code, happened=_with_facts(happened), to_do=_with_facts(to_do)
    )


def _with_facts(text: str) -> str:
    return BRACES.sub(lambda found: IN_BRACES.get(found.group(1), "…"), text)


def _aftermath(said: Said) -> Aftermath:
    return Aftermath.FINISHED if said.done or said.code in ISSUED else Aftermath.NOTHING_HAPPENED


def _line(message: Callable[[], CounterMessage], aftermath: Aftermath) -> Line:
    japanese = message()
    with in_language(Language.ENGLISH):
        english = message()
    return Line(japanese.code, japanese.body, english.body, AFTERWARDS[aftermath])


def document() -> str:
    """docs/MESSAGES.md in full."""
    written = [
        "# メッセージ一覧 / Messages",
        "",
        "Written by `make rules` from the program itself, with sample facts. What a code begins with says what it is",
        "about ([DOMAIN 5.1](DOMAIN.md)); `{contact}` becomes the office of the settings; the last column says what is",
        "true afterwards.",
        "",
        "| | メッセージ | Message | Afterwards |",
        "| --- | --- | --- | --- |",
    ]
    for line in lines():
        cells = [line.code, line.japanese, line.english, line.afterwards]
        written.append(
            "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
        )
    return "\n".join(written) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the document; the exit code."""
    parser = argparse.ArgumentParser(description="Write every message of the counter down.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; end with 1 when the document is behind"
    )
    if parser.parse_args(arguments).check:
        behind = not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != document()
        print("docs/MESSAGES.md is behind: run make rules" if behind else "docs/MESSAGES.md is up to date")
        return int(behind)
    DOCUMENT.write_text(document(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
