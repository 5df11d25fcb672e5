"""Every verb that is given a handling asks how narrow a one may be kept here."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from importlib import import_module
from types import FunctionType
from typing import Any

import pytest

from crm.core import ceiling
from tests.architecture.imports import dotted, source_files
from tests.support.calls import above_the_kernel, named_by, reached

ASKS = (ceiling.check, ceiling.ceiling)

JUDGED = {
    "crm.activities.course.narrowing.enter": "enters what became narrower",
    "crm.activities.writing.audit": "says how far an entry of the audit travels",
    "crm.imports.staging.judge_of": "weighs lines by what was chosen for the whole",
    "crm.people.met.reach.enter": "enters what became narrower",
    "crm.sharing.service.ask_wider": "asks for wider: whoever grants it changes the handling",
}
"""Others that know one, and why there is nothing to ask."""


def _room(function: FunctionType) -> list[str]:
    return function.__module__.split(".")[:2]


def _holds_one(thing: Any) -> bool:
    """Whether a thing is a form of what is told that says a handling."""
    fields = dataclasses.fields(thing) if isinstance(thing, type) and dataclasses.is_dataclass(thing) else ()
    return any("Handling" in str(one.type) for one in fields)


def _is_given_one(function: FunctionType) -> bool:
    given = inspect.signature(function).parameters
    said = any("Handling" in str(one.annotation).replace("HandlingRequest", "") for one in given.values())
    return "actor" in given and (said or any(map(_holds_one, named_by(function))))


def _verbs() -> Iterator[FunctionType]:
    """What others may call and is told who acts and a handling, by itself or among what is told. The audit takes the
    one of the record, the sample those that we made up.
    """
    for path in source_files("crm"):
        module = dotted(path)
        if module.startswith(("crm.audit", "crm.sample")):
            continue
        for name, one in vars(import_module(module)).items():
            ours = isinstance(one, FunctionType) and one.__module__ == module and above_the_kernel(one)
            if ours and name[0] != "_" and _is_given_one(one):
                yield one


VERBS = {f"{one.__module__}.{one.__name__}": one for one in _verbs()}


@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_verb_that_is_given_a_handling_asks_the_ceiling(name: str) -> None:
    """In its own room: what another verb asks on the way is that verb's."""
    own = reached(VERBS[name], lambda one: _room(one) == _room(VERBS[name]))
    asks = any(one is ask for function in own for one in named_by(function) for ask in ASKS)
    assert asks is (name not in JUDGED)


def test_those_that_ask_nothing_are_there() -> None:
    assert JUDGED.keys() <= VERBS.keys() and len(VERBS) - len(JUDGED) >= 15
