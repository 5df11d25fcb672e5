"""The rules of visibility that one statement needs: those of the models it asks, and of whatever these lead to.

A statement that carried the rules of every model would be as right and several times as slow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table
from sqlalchemy.orm import Mapper, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import True_

from crm.core.db import Base

if TYPE_CHECKING:
    from crm.core.access import Viewer


@dataclass(frozen=True)
class Criterion:
    """The rule of one model for one viewer: what to add to a statement, and the models that the rule itself asks."""

    option: Any
    asks: frozenset[Mapper[Any]]


Known = dict[Mapper[Any], Criterion | None]
"""The rules made so far for a viewer; None for a model whose every row they see."""


def criteria_for(statement: Any, viewer: Viewer, known: Known) -> list[Any]:
    """The options to add to a statement. `known` is read and filled."""
    waiting, met, options = list(_asked(statement)), set(), []
    while waiting:
        model = waiting.pop()
        if model in met:
            continue
        met.add(model)
        waiting += _related(model)
        if model not in known:
            known[model] = _criterion(model, viewer)
        if rule := known[model]:
            options.append(rule.option)
            waiting += rule.asks
    return options


def _criterion(model: Mapper[Any], viewer: Viewer) -> Criterion | None:
    rule = model.class_.visible_to(viewer)
    if isinstance(rule, True_):
        return None
    option = with_loader_criteria(model.class_, rule, include_aliases=True)
    return Criterion(option, frozenset(_asked(rule)))


def _asked(expression: Any) -> Iterator[Mapper[Any]]:
    """The models of every table that an expression names, at whatever depth."""
    for element in visitors.iterate(expression):
        table = element if isinstance(element, Table) else getattr(element, "table", None)
        if isinstance(table, Table):
            yield from _models_of(table.key)


@cache
def _models_of(table: str) -> tuple[Mapper[Any], ...]:
    return tuple(one for one in Base.registry.mappers if getattr(one.local_table, "key", None) == table)


@cache
def _related(model: Mapper[Any]) -> Iterable[Mapper[Any]]:
    """A statement may load along relationships without naming their other end."""
    return tuple(one.mapper for one in model.relationships)
