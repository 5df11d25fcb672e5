"""Rows for every guarded table that the worlds do not know yet: whatever its columns are, something that fits."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Column, Table, UniqueConstraint
from sqlalchemy.types import TypeDecorator

from crm.core import clock
from crm.core.access import Handling
from crm.core.db import Base
from crm.core.wall import guarded_tables

if TYPE_CHECKING:
    from tests.support.worlds import World

MANY = 30
"""How many rows of each."""

ONE_ROW = {"audit_head"}
"""Tables whose only row is there from the start, and to which nobody adds another."""

_numbers = count(1)


def fill(draw: Random, world: World, states: tuple[str, ...]) -> None:
    """Add rows of every guarded table that has none; keys of other tables are those of rows that are there."""
    models = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    keys = {model.__table__.name: [row["id"] for row in rows] for model, rows in world.rows.items()}
    for table in Base.metadata.sorted_tables:
        if table.name not in guarded_tables() or table.name in keys or table.name in ONE_ROW:
            continue
        model, taken = models[table.name], set[Any]()
        for _ in range(MANY):
            row = {column.name: _value(draw, column, keys, states) for column in table.columns}
            if _repeats(table, row, taken):
                continue
            world.rows.setdefault(model, []).append(row)
        keys[table.name] = [row[_key(table)] for row in world.rows[model]]


def _key(table: Table) -> str:
    return next(iter(table.primary_key.columns)).name


def _repeats(table: Table, row: dict[str, Any], taken: set[Any]) -> bool:
    """Whether a row has the same unique values as one before it; remembers those of the others."""
    groups = [one.columns.keys() for one in table.constraints if isinstance(one, UniqueConstraint)]
    groups += [[one.name] for one in table.columns if one.unique or (one.primary_key and len(table.primary_key) == 1)]
    groups += [index.columns.keys() for index in table.indexes if index.unique]
    values = {(tuple(names), tuple(str(row[name]) for name in names)) for names in groups}
    if values & taken:
        return True
    taken |= values
    return False


def _value(draw: Random, column: Column[Any], keys: dict[str, list[Any]], states: tuple[str, ...]) -> Any:
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column.table.name
        if target == "state":
            return draw.choice(states)
        if target in keys:
            return draw.choice([*keys[target], None]) if column.nullable else draw.choice(keys[target])
        return None
    if words := _words(column):
        return draw.choice(words)
    if column.name.startswith("until") and column.nullable:
        return None
    if column.name.endswith("state_iso3"):
        return draw.choice(states)
    if column.name == "handling":
        return draw.choice(list(Handling)).value
    if column.name.endswith(("party_id", "originator_id")):
        return draw.choice(keys["party"])
    if column.name.endswith("user_id"):
        return draw.choice(keys["user_account"])
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    made = _of_type(draw, kind.python_type)
    length = getattr(column.type, "length", None)
    return made[-length:] if length and isinstance(made, str) else made


def _words(column: Column[Any]) -> list[Any]:
    """The words or numbers that a constraint allows for a column."""
    rules = [str(one.sqltext) for one in column.table.constraints if isinstance(one, CheckConstraint)]
    for rule in rules:
        if bounds := re.match(rf"{column.name} BETWEEN (\d+) AND (\d+)$", rule):
            return [*range(int(bounds[1]), int(bounds[2]) + 1)]
    return [word for rule in rules if rule.startswith(f"{column.name} IN (") for word in re.findall(r"'(\w+)'", rule)]


def _of_type(draw: Random, wanted: type[Any]) -> Any:
    number = next(_numbers)
    made: dict[type[Any], Any] = {
        uuid.UUID: uuid.UUID(int=draw.getrandbits(128)),
        str: f"t{number}",
        int: number,
        bool: draw.random() < 0.5,
        bytes: str(number).encode(),
        date: date(2026, 1, 1) + timedelta(days=number % 300),
        time: time(number % 24),
        datetime: clock.now() + timedelta(minutes=number),
        dict: {},
        list: [],
    }
    return made.get(wanted, {})
