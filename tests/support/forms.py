"""Every form of the software, and the fields of those that the JSON door takes, as they stand in docs/api.md.

`python -m tests.support.forms` writes that part of the document anew.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from wtforms import BooleanField, DateField, Field, FileField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from crm.accounts.forms import InviteColleagueForm, InviteForm
from crm.core.doors import ActionForm
from crm.core.forms import Form, ListField, RowsField
from crm.states.fields import StatesField
from tests.architecture.imports import ROOT
from tests.support.databases import opened, settings_for

DOCUMENT = ROOT / "docs" / "api.md"
HEADING = "## Fields\n"
INTRODUCTION = (
    "By address; those of a `GET` stand in the address itself. What a field needs beside, an answer with 422 says. "
    "What is offered to you alone, such as your States and your colleagues, the page of the same form lists."
)
CHOSEN_WITHIN = {"invite_form_of": [InviteForm, InviteColleagueForm]}
"""Functions that choose a form by the viewer."""

_LONGEST = 40
_MISSING: tuple[Any, ...] = (None, "", [], False)


def every_form() -> list[type[Form]]:
    """Every form of the software, by name."""
    found, waiting = set[type[Form]](), [Form]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        found |= {one for one in kinds if one.__module__.startswith("crm.")}
        waiting += kinds
    return sorted(found, key=lambda one: (one.__name__, one.__module__))


def without_a_viewer(forms: Iterable[type[Form]]) -> Iterator[Form]:
    """Empty ones, before anything was offered to anybody."""
    for one in forms:
        yield one(formdata=None, meta={"csrf": False})


def forms_by_route(app: Flask) -> dict[str, list[type[Form]]]:
    """The forms that each address of the JSON door takes, as "POST /api/v1/…"; buttons, which take none, left out."""
    found: dict[str, list[type[Form]]] = {}
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1"):
            continue
        kinds = _taken_by(inspect.unwrap(app.view_functions[rule.endpoint]))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if kinds:
                found[f"{method} {_plain(rule.rule)}"] = kinds
    return dict(sorted(found.items(), key=lambda pair: pair[0].split(" ")[::-1]))


def names_a_form(view: Any) -> bool:
    """Whether a view names a form that it takes, or that it does what a button says."""
    return bool(_taken_by(inspect.unwrap(view), buttons=True))


def forms_taken_by(view: Any) -> list[type[Form]]:
    """The forms that a view takes; buttons, which take none, left out."""
    return _taken_by(inspect.unwrap(view))


def _taken_by(view: Any, *, buttons: bool = False) -> list[type[Form]]:
    """The forms that a view names, itself or in a function of its module that it calls."""
    kinds, none = list[type[Form]](), (Form,) if buttons else (Form, ActionForm)
    home = inspect.getmodule(view).__dict__  # type: ignore[union-attr]
    for name in _names_in(view):
        target = home.get(name, ActionForm if name == "ActionForm" else None)
        if name in CHOSEN_WITHIN:
            kinds += CHOSEN_WITHIN[name]
        elif inspect.isclass(target) and issubclass(target, Form) and target not in none:
            kinds.append(target)
        elif inspect.isfunction(target) and name.startswith("_") and target.__module__ == view.__module__:
            kinds += [one for one in _taken_by(target, buttons=buttons) if one not in kinds]
    return kinds


def _names_in(function: Any) -> list[str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    walked = list(ast.walk(tree))
    plain = [node.id for node in walked if isinstance(node, ast.Name)]
    return list(dict.fromkeys([*plain, *(node.attr for node in walked if isinstance(node, ast.Attribute))]))


def _plain(rule: str) -> str:
    return "/".join("…" if part.startswith("<") else part for part in rule.split("/"))


def document(app: Flask) -> str:
    """The part of docs/api.md about fields."""
    routes = forms_by_route(app)
    lines = [
        HEADING,
        INTRODUCTION,
        "",
    ]
    told = dict[tuple[type[Form], ...], list[str]]()
    for route, forms in routes.items():
        told.setdefault(tuple(forms), []).append(route)
    for kinds, addresses in told.items():
        lines += [f"### {', '.join(f'`{one}`' for one in addresses)}", ""]
        for form in without_a_viewer(kinds):
            if type(form) is InviteColleagueForm:
                lines += ["For whoever keeps the accounts of one party alone:", ""]
            lines += ["| field | what | needed | values |", "|---|---|---|---|"]
            query = addresses[0].startswith("GET")
            lines += [_row(field, query) for field in form if field.name != "csrf_token"] + [""]
            lines += [line for field in form if isinstance(field, RowsField) for line in _rows(field)]
    return "\n".join(lines)


def _row(field: Field, query: bool) -> str:
    said = "" if isinstance(field, ListField) else field.description
    what = " ".join(_sentence(one) for one in (field.label.text, said) if one)
    cells = (f"`{field.name}`", what.replace("|", "/"), "yes" if is_needed(field) else "no", _values(field, query))
    return f"| {' | '.join(cells)} |"


def _rows(field: RowsField) -> list[str]:
    """The table of what each row of such a field holds."""
    head = [f"Each of `{field.name}`:", "", "| field | what | needed | values |", "|---|---|---|---|"]
    (row,) = without_a_viewer([field.row])
    asked = [one for one in row if not one.name.endswith("pick")]
    return [*head, *(_row(one, query=False) for one in asked), ""]


def _sentence(words: str) -> str:
    return words if words[-1] in ".?!" else f"{words}."


def is_needed(field: Field) -> bool:
    """Whether a field must be sent: nothing stands in for it."""
    kinds = {type(one) for one in field.validators}
    if field.data not in _MISSING or isinstance(field, BooleanField) or Optional in kinds:
        return False
    chosen = isinstance(field, SelectField) and field.data is None
    return chosen or bool(kinds & {DataRequired, InputRequired})


def _values(field: Field, query: bool) -> str:
    if isinstance(field, SelectField | SelectMultipleField):
        many = "list of texts: " if isinstance(field, SelectMultipleField) else ""
        return many + _choices(field)
    if isinstance(field, BooleanField):
        return "`y`, or left out" if query else "`true` or `false`"
    if isinstance(field, IntegerField):
        return "whole number" if field.data is None else f"whole number; without it `{field.data}`"
    if isinstance(field, DateField):
        return "day" if field.data is None else "day; without it today"
    if isinstance(field, FileField):
        return "file"
    if isinstance(field, StatesField):
        return "text with commas between" if query else "list of texts: names or codes of States"
    if isinstance(field, ListField):
        return "text with commas between" if query else "list of texts"
    if isinstance(field, RowsField):
        return f"list of objects, at most {field.max_entries}"
    most = next((one.max for one in field.validators if isinstance(one, Length) and one.max > 0), None)
    return f"text, at most {most:,} characters" if most else "text"


def _choices(field: Field) -> str:
    codes = [str(one.value) for one in field.iter_choices() if one.value not in _MISSING]
    if "state" in field.name:
        return "code of a State"
    if not codes:
        return "one that is offered to you"
    first = f"; without it `{field.data}`" if isinstance(field.data, str) and field.data else ""
    if len(codes) > _LONGEST:
        return f"{', '.join(f'`{one}`' for one in codes[:3])} and so on, as the page lists them{first}"
    return ", ".join(f"`{one}`" for one in codes) + first


def main() -> None:
    """Write the part of the document anew."""
    with (
        TemporaryDirectory() as folder,
        opened(settings_for("sqlite://", Path(folder))) as app,
        app.test_request_context(),
    ):
        text = DOCUMENT.read_text(encoding="utf-8").split(HEADING)[0].rstrip() + "\n\n"
        DOCUMENT.write_text(text + document(app), encoding="utf-8")


if __name__ == "__main__":
    main()
