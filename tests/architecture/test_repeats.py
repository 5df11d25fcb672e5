"""Every change that somebody asks for through a door is done once, however often the same request comes (R7)."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.core import doors, repeats
from tests.architecture.imports import ROOT, source_files
from tests.support.calls import above_the_kernel, named_by, reached

DOORS = (doors.submit, doors.submit_json, doors.submit_sent, doors.act, doors.run)

BY_ITSELF = {
    "accounts.forgotten_password": "asks for a link, of which the last one counts",
    "accounts.sign_in_and_go_on": "signs in",
}
"""Routes that take a POST and do not pass through the doors, and why what is sent twice does no harm there."""


def _passes_doors(app: Flask, view: Any) -> bool:
    """Whether a view comes to one of the doors, by itself or by a function of ours that it calls. What another view
    does, whose page it only shows in the end, says nothing of this one.
    """
    others = set(map(inspect.unwrap, app.view_functions.values())) - {inspect.unwrap(view)}
    own = reached(view, lambda one: above_the_kernel(one) and one not in others)
    return any(one is door for function in own for one in named_by(function) for door in DOORS)


def test_every_post_of_ours_goes_through_a_door_that_does_it_once(app: Flask) -> None:
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    ours = {one for one in posts if not one.startswith("security.")}
    past = {one for one in ours if not _passes_doors(app, app.view_functions[one])}
    assert past <= set(BY_ITSELF), past - set(BY_ITSELF)


def _shows_another() -> Any:
    """A view that does something by itself and answers with the page of another."""
    repeats.done_before()
    return _done_at_a_door()


def _done_at_a_door() -> Any:
    return doors.run(repeats.done_before)


def _runs_something_else() -> Any:
    """One that names the doors, and a `run` that is none of them."""
    doors.said("Done.", "/")
    return subprocess.run


@pytest.mark.parametrize(
    ("view", "passes"), [(_done_at_a_door, True), (_shows_another, False), (_runs_something_else, False)]
)
def test_the_law_of_doors_is_satisfied_by_a_door_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch, view: Any, passes: bool
) -> None:
    for one in (_done_at_a_door, _shows_another, _runs_something_else):
        monkeypatch.setattr(one, "__module__", "crm.made_up.views")
    monkeypatch.setitem(app.view_functions, "made_up", _done_at_a_door)
    assert _passes_doors(app, view) is passes


DELETING = {"crm/reach/api.py", "crm/sharing/api.py", "crm/imports/api.py", "crm/sample/api.py"}
"""Doors that open one to take something away, which is gone however often it is asked for."""

OPENING = {
    ("crm/accounts/views/by_link.py", "forgotten_password"): "asks for a link, of which the last one counts",
    ("crm/accounts/views/single_sign_on.py", "_enter"): "signs in by an answer of the provider, which is good once",
    ("crm/accounts/views/single_sign_on.py", "_refuse"): "writes down that nobody was let in, each time anew",
    ("crm/calendar/views.py", "feed"): "writes down that a program fetched a feed, with a GET",
}
"""Other functions of doors that open one, and why what is sent twice does no harm there."""


def _opening(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | None]:
    """The functions of a module that open a unit of work, however they spell it; None for the module itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    within = {
        id(inner): one
        for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) for inner in ast.walk(one)
    }  # fmt: skip
    names = {"unit_of_work"} | {
        one.asname for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        for one in node.names if one.name == "unit_of_work" and one.asname
    }  # fmt: skip
    for node in ast.walk(tree):
        if (isinstance(node, ast.Name) and node.id in names) or (
            isinstance(node, ast.Attribute) and node.attr == "unit_of_work"
        ):
            yield within.get(id(node))


def _is_door(path: Path) -> bool:
    """Whether a module is a door, or a part of one that has become a folder."""
    return any(one.startswith(("views", "api")) for one in path.relative_to(ROOT).parts)


def test_doors_open_no_unit_of_work_of_their_own_for_a_post() -> None:
    """Those that answer 201 or 303 to something new are written down as done; `doors.run` alone does that."""
    assert "repeats.once" in inspect.getsource(doors.run)
    deleting, opening = set(), set()
    for path in filter(_is_door, source_files("crm")):
        where = path.relative_to(ROOT).as_posix()
        for one in _opening(path):
            marks = [ast.unparse(mark) for mark in one.decorator_list] if one else []
            if where in DELETING:
                assert any("api.delete" in mark for mark in marks), (where, one and one.name)
                deleting.add(where)
            else:
                opening.add((where, one.name if one else ""))
    assert opening == set(OPENING), "a new one needs a reason, an old one is needed no more"
    assert deleting == DELETING


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    with unit_of_work():\n        pass",
        "def f():\n    with db.unit_of_work():\n        pass",
        "from crm.core.db import unit_of_work as work\ndef f():\n    with work():\n        pass",
    ],
)
def test_the_law_of_units_of_work_sees_every_spelling(tmp_path: Path, source: str) -> None:
    (tmp_path / "views.py").write_text(source)
    assert [one and one.name for one in _opening(tmp_path / "views.py")] == ["f"]


def test_parts_of_doors_are_doors() -> None:
    doors_in_folders = {one.parent.name for one in filter(_is_door, source_files("crm")) if one.name == "by_link.py"}
    assert doors_in_folders == {"views"}
    assert not _is_door(ROOT / "crm/accounts/service.py")


def test_the_list_of_reasons_is_no_longer_than_it_must_be(app: Flask) -> None:
    for endpoint in BY_ITSELF:
        view = app.view_functions.get(endpoint)
        assert view is None or not _passes_doors(app, view), endpoint


def test_every_form_of_a_page_carries_a_key(app: Flask) -> None:
    """The key goes with the token of the form itself; one that is written by hand has none."""
    without = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        page = path.read_text(encoding="utf-8")
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.S):
            by_hand = not re.search(r"\w\.csrf_token\b|hidden_tag\(\)", form)
            if by_hand and re.search(r"\{\{ field\(|form_buttons\(", form):
                without.append(path.relative_to(ROOT).as_posix())
    assert not without


def test_the_key_goes_with_the_token(app: Flask, signed_in: Callable[[str], FlaskClient]) -> None:
    html = signed_in("officer").get("/followups/new").get_data(as_text=True)
    assert re.search(rf'name="csrf_token"[^>]*><input type="hidden" name="{repeats.FIELD}" value="[^"]{{43}}">', html)
