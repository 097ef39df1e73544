"""The settings as text: those in force, and an example file to start from."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

HEAD = """\
# Settings of one counter (TOML). A key behind a "#" may be left out and then has the value shown,
# or, where that is only an example, no value. Relative paths count from the folder of this file.
# Passwords never stand here: each lies in a file of its own that only its owner may read.
"""


class InForce(NamedTuple):
    """One setting as it is now."""

    key: str
    """Dotted, as in `mail.smtp.host`."""
    value: str
    """As it would stand in TOML; empty when there is none."""
    sentence: str


def in_force(settings: BaseModel, prefix: str = "") -> tuple[InForce, ...]:
    """Every key below `settings`, in the order of the file."""
    found: list[InForce] = []
    for name, about in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            found += in_force(value, f"{prefix}{name}.")
        else:
            found.append(InForce(prefix + name, as_toml(value), about.description or ""))
    return tuple(found)


def as_toml(value: Any) -> str:
    """A value as it stands in TOML; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "[" + ", ".join(as_toml(one) for one in value) + "]"
    return json.dumps(str(value), ensure_ascii=False)


def example_settings(model: type[BaseModel]) -> str:
    """A whole settings file that loads as it is: what must be given stands, what may be given is commented out."""
    return "\n".join([HEAD, *lines_of(model, "", commented=False)]).rstrip("\n") + "\n"


def lines_of(model: type[BaseModel], prefix: str, *, commented: bool) -> Iterator[str]:
    """The keys of a section first, then the sections inside it: TOML wants them in this order."""
    for name, about in model.model_fields.items():
        if section_of(about) is None:
            yield from lines_of_key(name, about, commented=commented)
    for name, about in model.model_fields.items():
        inner = section_of(about)
        if inner is not None:
            optional = commented or about.default is None
            mark = "# " if optional else ""
            yield f"{mark}[{prefix}{name}]  # {headline(inner)}\n"
            yield from lines_of(inner, f"{prefix}{name}.", commented=optional)


def lines_of_key(name: str, about: FieldInfo, *, commented: bool) -> Iterator[str]:
    """The sentence and the key, a blank line after them."""
    shown = about.examples[0] if about.examples else about.default
    mark = "" if about.is_required() and not commented else "# "
    yield f"# {about.description}"
    yield f"{mark}{name} = {as_toml(shown)}\n"


def section_of(about: FieldInfo) -> type[BaseModel] | None:
    """The section a key opens, when it opens one."""
    for kind in (about.annotation, *get_args(about.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def headline(section: type[BaseModel]) -> str:
    """First line of what is said about a section."""
    return (section.__doc__ or "").partition("\n")[0]
