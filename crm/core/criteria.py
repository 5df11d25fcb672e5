"""The rules of visibility that one statement needs: those of the models it asks, and of whatever these lead to.

A statement that carried the rules of every model would be as right and several times as slow.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnClause, Table, UpdateBase
from sqlalchemy.orm import Mapper, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import True_

from crm.core.db import Base

if TYPE_CHECKING:
    from crm.core.access import Viewer


Known = dict[Mapper[Any], Any]
"""The rule of each model met so far as an option for statements; None where every row is seen."""


@lru_cache(maxsize=256)
def _known(_viewer: Viewer) -> Known:
    """What is known for a viewer. A rule follows from the viewer alone, so whoever is equal in everything shares it:
    the same person at their next request.
    """
    return {}


def criteria_for(statement: Any, viewer: Viewer) -> list[Any]:
    """The options to add to a statement.

    What a rule asks itself stays as it is written: rules ask bare tables, which have no rule of their own.
    """
    known = _known(viewer)
    waiting, met, options = list(_asked(statement)), set(), []
    while waiting:
        model = waiting.pop()
        if model in met:
            continue
        met.add(model)
        waiting += _related(model)
        if model not in known:
            known[model] = _criterion(model, viewer)
        if known[model] is not None:
            options.append(known[model])
    return options


def sees_all_of(model: Mapper[Any], viewer: Viewer) -> bool:
    """Whether every row of a model is for this viewer."""
    known = _known(viewer)
    if model not in known:
        known[model] = _criterion(model, viewer)
    return known[model] is None


def _criterion(model: Mapper[Any], viewer: Viewer) -> Any:
    rule = model.class_.visible_to(viewer)
    return None if isinstance(rule, True_) else with_loader_criteria(model.class_, rule, include_aliases=True)


def _asked(statement: Any) -> Iterator[Mapper[Any]]:
    """The models of every table that a statement names, at whatever depth."""
    named: dict[int, Any] = {}  # by identity: to compare annotated tables is to write a condition
    for element in visitors.iterate(statement):
        table: Any = element.table if isinstance(element, ColumnClause | UpdateBase) else element
        if isinstance(table, Table):
            named[id(table)] = table
    for key in {one.key for one in named.values()}:
        yield from _models_of(key)


_models: dict[str, tuple[Mapper[Any], ...]] = {}


def _models_of(key: str) -> tuple[Mapper[Any], ...]:
    """Remembered once there is one: a table may be asked before its model is known."""
    if found := _models.get(key):
        return found
    found = tuple(
        one for one in Base.registry.mappers if isinstance(one.local_table, Table) and one.local_table.key == key
    )
    if found:
        _models[key] = found
    return found


@cache
def _related(model: Mapper[Any]) -> tuple[Mapper[Any], ...]:
    """A statement may load along relationships without naming their other end."""
    return tuple(one.mapper for one in model.relationships)
