"""What is delicate asks again who is there, through every door that comes to it, and nothing else does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from crm.core import routes
from crm.lists.bulk.verbs import VERBS, widens
from crm.sharing import service as sharing
from tests.architecture.imports import ROOT, dotted, source_files, tree_of
from tests.support.calls import reached
from tests.support.delicate import DELICATE

ALL: set[Any] = {verb for verbs in DELICATE.values() for verb in verbs}
IN_ORDER: list[Any] = sorted(ALL, key=lambda one: one.__name__)

PAGES_ALONE = {"issue_token"}
"""What has no JSON door (docs/api.md)."""

BULK_UNDO = {"bulk.undo_handling", "bulk_api.undo_handling"}
"""The ways back of changes of many rows that widen; that the other ways back refuse those is asked in tests/lists."""


def _doors_of(app: Flask, verb: Any) -> set[str]:
    """The endpoints that come to this verb."""
    return {endpoint for endpoint, view in app.view_functions.items() if verb in reached(view)}


def _is_fresh(app: Flask, endpoint: str) -> bool:
    return bool(getattr(routes.access_of(app, endpoint), "fresh", False))


def _bulk(app: Flask, wanted: bool) -> set[str]:
    """The doors of those changes of many rows whose verb, or its way back, comes to what is delicate, or does not."""
    found = set()
    for (list_key, key), verb in VERBS.items():
        if bool((reached(verb.do) | reached(verb.back)) & ALL) is wanted:
            rules = [one for one in app.url_map.iter_rules() if one.rule.endswith(f"/{list_key}/change/{key}")]
            assert len(rules) == 2, "a page and the JSON door"
            found |= {one.endpoint for one in rules}
    return found


@pytest.mark.parametrize("verb", IN_ORDER, ids=lambda one: one.__name__)
def test_what_is_delicate_asks_again_who_is_there(app: Flask, verb: Any) -> None:
    found = _doors_of(app, verb)
    assert len(found) >= (1 if verb.__name__ in PAGES_ALONE else 2), "a page and the JSON door"
    assert not {one for one in found if not _is_fresh(app, one)}


def test_changes_of_many_rows_ask_where_that_of_one_does(app: Flask) -> None:
    """They come to their verb by its name, so that no door names it."""
    assert not {one for one in _bulk(app, True) | BULK_UNDO if not _is_fresh(app, one)}
    assert not {one for one in _bulk(app, False) if _is_fresh(app, one)}
    for verb in VERBS.values():
        back, there = (bool(reached(one) & ALL) for one in (verb.back, verb.do))
        assert widens(verb) is (back or there), verb.key


def test_nothing_else_asks(app: Flask) -> None:
    """Otherwise the list, and with it the documents, would lack something."""
    listed = set().union(*(_doors_of(app, verb) for verb in ALL)) | _bulk(app, True) | BULK_UNDO
    assert {one for one in app.view_functions if _is_fresh(app, one)} == listed


def _functions(path: Path) -> Iterator[ast.FunctionDef]:
    found = ast.walk(tree_of(path))
    yield from (one for one in found if isinstance(one, ast.FunctionDef))


def test_who_may_see_a_record_is_widened_by_what_is_delicate_alone(app: Flask) -> None:
    """The session refuses a wider handling or attribution outside of `widening` (tests/core/test_widening.py); who
    goes in there asks again who is there.
    """
    found = set()
    for path in source_files("crm"):
        for one in _functions(path):
            calls = [ast.unparse(each.func) for each in ast.walk(one) if isinstance(each, ast.Call)]
            if any(each.rpartition(".")[2] == "widening" for each in calls):
                found.add(getattr(import_module(dotted(path)), one.name))
    assert found == {sharing.change_handling, sharing.change_attribution} and found <= ALL


def test_asking_for_wider_handling_asks_nobody_who_they_are(app: Flask) -> None:
    """It widens nothing: through either door alike."""
    found = _doors_of(app, sharing.ask_wider)
    assert len(found) == 2 and not {one for one in found if _is_fresh(app, one)}


def test_the_documents_name_all_that_is_delicate() -> None:
    told = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    [named] = re.findall(r"What is delicate \(([^)]*)\)", told)
    assert named.split(", ") == list(DELICATE)
    for other in ("docs/operations.md", "docs/officers.md"):
        text = (ROOT / other).read_text(encoding="utf-8")
        assert not re.search(r"[Dd]elicate \((?!\[)", text), f"{other}: the list stands in docs/api.md"
