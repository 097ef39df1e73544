"""docs/RULES.md says truly which code implements a rule and which test proves it."""

import os
from pathlib import Path

import pytest

from tools import rules

ROOT = Path(__file__).parents[2]
CHAPTERS = rules.chapters_of(ROOT / rules.SOURCE)


def test_every_rule_stands_once_in_both_languages() -> None:
    all_rules = [rule for chapter in CHAPTERS for rule in chapter.rules]
    assert len({rule.number for rule in all_rules}) == len(all_rules)
    for rule in all_rules:
        assert rules.numbers_in(rule.number) == [rule.number]
        assert rule.japanese.endswith("。")
        assert rule.english.isascii()
        assert rule.english.endswith(".")


def test_every_test_proves_a_rule_that_exists() -> None:
    assert rules.unknown(rules.survey(ROOT, rules.TESTS, read="tests"), CHAPTERS) == []


def test_the_code_implements_rules_that_exist() -> None:
    assert rules.unknown(rules.survey(ROOT, rules.PACKAGES), CHAPTERS) == []


@pytest.mark.skipif(
    os.environ.get("CI") != "true", reason="while tests are being written the document may lag behind"
)
def test_the_document_is_up_to_date() -> None:
    assert rules.main(["--check"]) == 0, "run make rules"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("the sixth wrong one (R-47, E-20)", ["R-47", "E-20"]),
        ("R-40 to R-42", ["R-40", "R-41", "R-42"]),
        ("E-09–E-11.", ["E-09", "E-10", "E-11"]),
        ("I-7", ["I-7"]),
        ("PRE-12, E-0001 and R-1234 are none", []),
    ],
)
def test_a_text_names_rules_one_by_one_or_as_a_range(text: str, numbers: list[str]) -> None:
    assert rules.numbers_in(text) == numbers


CODE = '''
"""Locks (R-49)."""

LIMIT = 6  # R-47


class Lock:
    """A lock."""

    minutes = 60
    """R-48"""

    def charge(self):
        # counted before it is compared (I-9)
        return "E-26 in an ordinary text is no claim"
'''


def test_code_claims_a_rule_in_prose_and_by_the_nearest_name() -> None:
    assert sorted(rules.places_in(CODE)) == [
        ("I-9", "Lock.charge"),
        ("R-47", ""),
        ("R-48", "Lock"),
        ("R-49", ""),
    ]


PROOFS = """
import pytest

pytestmark = pytest.mark.rule("R-49")


@pytest.mark.rule("R-47", "E-20")
def test_a(): ...


class TestB:
    @pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.rule("E-26"))])
    async def test_c(self, x): ...
"""


def test_a_marker_counts_on_a_test_a_parameter_and_a_module() -> None:
    assert sorted(rules.proofs_in(PROOFS)) == [
        ("E-20", "test_a"),
        ("E-26", "TestB.test_c"),
        ("R-47", "test_a"),
        ("R-49", ""),
    ]


def test_a_computed_marker_is_refused() -> None:
    with pytest.raises(ValueError, match="named in full"):
        list(rules.proofs_in("import pytest\npytestmark = pytest.mark.rule(*ALL)\n"))


def test_writing_then_checking_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in (*rules.PACKAGES, *rules.TESTS, "docs"):
        (tmp_path / folder).mkdir()
    (tmp_path / rules.SOURCE).write_text((ROOT / rules.SOURCE).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "tests/test_lock.py").write_text(PROOFS, encoding="utf-8")
    assert rules.main(["--check"], tmp_path) == 1
    assert rules.main([], tmp_path) == 0
    assert rules.main(["--check"], tmp_path) == 0
    said = capsys.readouterr().out
    assert "no test names R-48" in said
    assert "no test names R-47" not in said

    (tmp_path / "tests/test_more.py").write_text(PROOFS.replace("R-47", "R-77"), encoding="utf-8")
    assert rules.main(["--check"], tmp_path) == 1, "R-77 is no rule"
