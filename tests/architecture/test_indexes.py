"""When a row goes, what points at it is found by an index; and no index is kept that another one holds already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, UniqueConstraint

from crm.core.db import Base

STAYS = "what it points at never goes"
FEW = "few rows, and what it points at goes with the sample alone"

WITHOUT = {
    ("act_import_change", "state_iso3"): STAYS,
    ("coordinator", "state_iso3"): STAYS,
    ("meeting", "country_iso3"): STAYS,
    ("party", "state_iso3"): STAYS,
    ("presidency", "state_iso3"): STAYS,
    ("saved_view", "state_iso3"): STAYS,
    ("timeline_pin", "state_iso3"): STAYS,
    ("cadence", "state_iso3"): STAYS,
    ("silence_task", "state_iso3"): STAYS,
    ("emergency_access", "state_iso3"): STAYS,
    ("emergency_access", "party_id"): FEW,
    ("emergency_notice", "party_id"): FEW,
}
"""Keys of other rows that no index begins with, and why none is needed."""

Way = tuple[str, tuple[str, ...], bool]
"""A name, the columns in their order, and whether it is there for more than finding."""


def _ways(table: Table) -> Iterator[Way]:
    """What finds every row of a table: an index of some rows alone is left aside, so is one of what is computed."""
    yield "primary key", tuple(table.primary_key.columns.keys()), True
    for one in table.constraints:
        if isinstance(one, UniqueConstraint):
            yield f"unique {', '.join(one.columns.keys())}", tuple(one.columns.keys()), True
    for index in table.indexes:
        partial = any(index.dialect_options[kind]["where"] is not None for kind in ("sqlite", "postgresql"))
        if not partial and all(isinstance(one, Column) for one in index.expressions):
            yield str(index.name), tuple(index.columns.keys()), bool(index.unique)


def _without(tables: list[Table]) -> set[tuple[str, str]]:
    """Keys of other rows that no index begins with."""
    return {
        (table.name, ", ".join(key.column_keys))
        for table in tables
        for key in table.foreign_key_constraints
        if not any(columns[: len(key.column_keys)] == tuple(key.column_keys) for _, columns, _ in _ways(table))
    }


def _held_by_another(tables: list[Table]) -> list[tuple[str, str]]:
    """Indexes that are the beginning of another, or the same."""
    found = []
    for table in tables:
        for name, columns, needed in (ways := list(_ways(table))):
            holding = [other for other, more, _ in ways if other != name and more[: len(columns)] == columns]
            found += [] if needed else [(name, other) for other in holding[:1]]
    return found


TABLES = Base.metadata.sorted_tables


def test_what_points_at_something_is_found_by_an_index() -> None:
    assert _without(TABLES) == set(WITHOUT)


def test_no_index_is_the_beginning_of_another() -> None:
    assert _held_by_another(TABLES) == []


def _table(*more: Any) -> Table:
    metadata = MetaData()
    Table("whole", metadata, Column("id", Integer, primary_key=True))
    names: list[Column[Any]] = [Column("a", Integer), Column("b", Integer), Column("whole_id", ForeignKey("whole.id"))]
    return Table("part", metadata, Column("id", Integer, primary_key=True), *names, *more)


@pytest.mark.parametrize(
    ("more", "amiss"),
    [
        ((), True),
        ((Index("x", "a", "whole_id"),), True),
        ((Index("x", "whole_id", sqlite_where=Column("a") == 1),), True),
        ((Index("x", "whole_id", "a"),), False),
        ((UniqueConstraint("whole_id", "a"),), False),
    ],
)
def test_the_law_sees_a_key_without_an_index(more: Any, amiss: bool) -> None:
    assert _without([_table(*more)]) == ({("part", "whole_id")} if amiss else set())


@pytest.mark.parametrize(
    ("more", "amiss"),
    [
        ((Index("x", "a"), Index("y", "a", "b")), 1),
        ((Index("x", "a"), Index("y", "a")), 2),
        ((Index("x", "a"), UniqueConstraint("a", "b")), 1),
        ((Index("x", "id", "a"), Index("y", "id")), 1),
        ((Index("x", "a", unique=True), Index("y", "a", "b")), 0),
        ((Index("x", "b"), Index("y", "a", "b")), 0),
        ((Index("x", "a", sqlite_where=Column("b") == 1), Index("y", "a", "b")), 0),
    ],
)
def test_the_law_sees_an_index_that_another_holds(more: Any, amiss: int) -> None:
    assert len(_held_by_another([_table(*more)])) == amiss
