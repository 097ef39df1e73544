"""The tool that keeps the catalogue: what it finds, keeps, fills in and drops."""

from pathlib import Path

import pytest
from babel.messages.mofile import read_mo

from tools.translations import PO, english_in, main, marked_texts, merged_from, texts_in_sources

SOURCE = r"""
from kiosk.translations.catalog import N_, _

TITLE = N_("題")

def ask() -> str:
    return _("あと{count}回").format(count=3) + _("二行\nの文") + _("題")
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for package in ("kiosk", "screens"):
        (tmp_path / package).mkdir()
    (tmp_path / "screens/one.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "kiosk/two.py").write_text("def t(_): return _('題')\n", encoding="utf-8")
    return tmp_path


def test_a_text_inside_another_mark_is_found_and_nothing_else_of_it() -> None:
    source = '_({"active": N_("利用中")}[standing]); _(title); _(""); __("x"); _("一" "二")'
    assert set(marked_texts(source)) == {"利用中", "一二"}


def lines(tree: Path, *pairs: str) -> str:
    file = tree / "english.txt"
    file.write_text("\n".join(pairs) + "\n", encoding="utf-8")
    return str(file)


def test_texts_are_found_with_the_files_they_stand_in(tree: Path) -> None:
    assert texts_in_sources(tree) == {
        "題": ["kiosk/two.py", "screens/one.py"],
        "あと{count}回": ["screens/one.py"],
        "二行\nの文": ["screens/one.py"],
    }


def test_an_update_fills_gaps_and_keeps_what_is_there(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["update", "--merge", lines(tree, "題\tTitle", "", r"二行\nの文" + "\t" + r"Two\nlines")], tree)
        == 0
    )
    assert "no English: screens/one.py: 'あと{count}回'" in capsys.readouterr().out
    assert main(["update", "--merge", lines(tree, "あと{count}回\t{count} left")], tree) == 0
    translations = {"題": "Title", "二行\nの文": "Two\nlines", "あと{count}回": "{count} left"}
    assert english_in(tree / PO) == translations
    with (tree / PO).with_suffix(".mo").open("rb") as stream:
        assert {entry.id: entry.string for entry in read_mo(stream) if entry.id} == translations


def test_a_second_update_changes_nothing(tree: Path) -> None:
    main(["update", "--merge", lines(tree, "題\tTitle")], tree)
    before = [file.read_bytes() for file in sorted((tree / PO).parent.iterdir())]
    main(["update"], tree)
    assert [file.read_bytes() for file in sorted((tree / PO).parent.iterdir())] == before


def test_a_check_names_what_is_missing_and_unused_and_writes_nothing(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["update", "--merge", lines(tree, "題\tTitle", "昔の文\tOld")], tree)
    before = (tree / PO).read_bytes()
    capsys.readouterr()
    assert main(["check"], tree) == 1
    out = capsys.readouterr().out
    assert "not used:   '昔の文'" in out
    assert "3 texts, 2 without English, 1 unused" in out
    assert (tree / PO).read_bytes() == before


def test_pruning_drops_what_nothing_uses(tree: Path) -> None:
    all_texts = ("題\tTitle", r"二行\nの文" + "\tTwo lines", "あと{count}回\t{count} left", "昔の文\tOld")
    main(["update", "--merge", lines(tree, *all_texts)], tree)
    assert "昔の文" in english_in(tree / PO)
    main(["update", "--prune"], tree)
    assert "昔の文" not in english_in(tree / PO)
    assert main(["check"], tree) == 0


def test_a_line_without_a_tab_is_named(tree: Path) -> None:
    with pytest.raises(ValueError, match=r"english\.txt:2: no tab"):
        list(merged_from(Path(lines(tree, "題\tTitle", "題 Title"))))
