"""No text from outside meets a widget as markup (I-19).

A name may hold `[@click=...]`. `plain` and `plain_rich` of `screens/widgets/text.py` make it harmless; this test finds
places that hand a composed text, or a fact of a view, to a widget without them.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.support.sources import place, python_files, tree_of

READS_MARKUP = {
    "Static", "Label", "Button", "Checkbox", "RadioButton", "OptionList", "Option", "Link", "TabPane", "Collapsible",
    "ListItem", "SelectionList", "Selection", "notify", "update", "add_option", "add_options", "add_row", "add_column",
    "add_leaf", "set_label",
}  # fmt: skip
READ_AS_MARKUP_WHEN_SET = {"border_title", "border_subtitle", "tooltip", "label"}


def composed(value: ast.expr) -> bool:
    """Whether a text is put together, or is a fact of something, instead of being a text of ours."""
    match value:
        case ast.JoinedStr():
            return any(isinstance(part, ast.FormattedValue) for part in value.values)
        case ast.BinOp(op=ast.Add() | ast.Mod()):
            return composed(value.left) or composed(value.right) or isinstance(value.right, ast.Attribute)
        case ast.Call(func=ast.Attribute(attr="format" | "join" | "strip" | "ljust" | "rjust")):
            return True
        case ast.Attribute(value=ast.Name(id=name)):
            return name not in {"self", "cls"} and not name[0].isupper()
        case ast.IfExp():
            return composed(value.body) or composed(value.orelse)
        case ast.Starred(value=inside):
            return composed(inside)
    return False


def markup_is_off(call: ast.Call) -> bool:
    """Whether the call itself says `markup=False`."""
    return any(
        word.arg == "markup" and isinstance(word.value, ast.Constant) and word.value.value is False
        for word in call.keywords
    )


def sinks_in(tree: ast.AST) -> Iterator[tuple[int, ast.expr]]:
    """Every value that a widget would read as markup."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in READS_MARKUP:
                if not markup_is_off(node):
                    yield from ((node.lineno, value) for value in node.args)
            case ast.Assign(targets=[ast.Attribute(attr=name)]) if name in READ_AS_MARKUP_WHEN_SET:
                yield node.lineno, node.value


def findings_in(tree: ast.AST) -> list[int]:
    """The lines that hand a composed text to a widget."""
    return [line for line, value in sinks_in(tree) if composed(value)]


@pytest.mark.rule("I-19")
def test_no_screen_hands_a_composed_text_to_a_widget() -> None:
    found = [place(path, line) for path in python_files("screens") for line in findings_in(tree_of(path))]
    assert found == [], "wrap it in plain() or plain_rich()"


@pytest.mark.parametrize(
    "line",
    [
        'Static(f"{card.name} 様")',
        "Label(card.name)",
        'self.notify("保存: " + row.name)',
        'self.notify("保存: {}".format(name))',
        "self.border_title = card.organization_name",
        'table.add_row(row.user_id, plain_rich("x"))',
        'Button("はい" if ready else view.label)',
    ],
)
def test_a_composed_text_is_found(line: str) -> None:
    assert findings_in(ast.parse(line)) == [1]


@pytest.mark.parametrize(
    "line",
    [
        'Static("次へ")',
        'Static(_("次へ"))',
        'Static(plain(f"{card.name} 様"))',
        "Static(card.name, markup=False)",
        "self.notify(text, markup=False)",
        "table.add_row(*[plain_rich(cell) for cell in cells])",
        "Label(self.TITLE)",
        'counter.update({"a": 1})',
    ],
)
def test_a_harmless_text_is_left_alone(line: str) -> None:
    assert findings_in(ast.parse(line)) == []
