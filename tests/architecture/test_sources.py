"""What came out of an activity is closed to whom the activity is, and stays closed when the activity goes."""

from __future__ import annotations

from uuid import uuid4

from flask import Flask
from sqlalchemy import Column
from sqlalchemy.sql import visitors

from crm.accounts.policy import PERMISSIONS
from crm.activities.withdrawing import what_hangs
from crm.core.access import Handling, Viewer
from crm.core.db import Base
from crm.core.visibility import Derived, Handled

ASKING = Viewer(
    user_id=uuid4(), party_id=uuid4(), permissions=frozenset().union(*PERMISSIONS.values()),
    clearance=frozenset(Handling), states=frozenset({"LAO"}), closed=frozenset({"KEN"}), opened=frozenset({"PER"}),
)  # fmt: skip
"""Of whom a rule asks whatever it may ask."""

EMPTIED = {
    "instruction.sent_by_id": "one that nobody sent is found by way of its approaches alone",
    "search_text.kept_id": "it tells of the one who was merged then, to whom sees that one",
    "spreadsheet_import.brought_by_id": "what nobody sent is for nobody",
    "spreadsheet_row.activity_id": "the line of an import that was undone is its sender's, and names its States itself",
    "waiting_mail.brought_by_id": "what nobody brought is for whoever reads of its States",
}
"""Keys that a rule asks and that become empty when the row at which they point goes, and why that opens nothing."""


def _asked_by_rules() -> dict[str, str]:
    """The keys that become empty and that the rule of their own model asks, each with the table at which it points."""
    found = {}
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        asked_for = visitors.iterate(mapper.class_.visible_to(ASKING))
        asked = {one.name for one in asked_for if isinstance(one, Column) and one.table is table}
        for key in table.foreign_keys:  # type: ignore[attr-defined]
            if key.ondelete == "SET NULL" and key.parent.name in asked:
                found[f"{table.name}.{key.parent.name}"] = key.column.table.name  # type: ignore[attr-defined]
    return found


def test_what_has_a_handling_and_an_activity_is_closed_with_it(app: Flask) -> None:
    for mapper in Base.registry.mappers:
        points = any(one.column.table.name == "activity" for one in mapper.local_table.foreign_keys)  # type: ignore[attr-defined]
        if issubclass(mapper.class_, Handled) and points:
            assert issubclass(mapper.class_, Derived), f"{mapper.class_.__name__} came out of an activity"


def test_whatever_came_out_of_an_activity_asks_which(app: Flask) -> None:
    derived = [one.class_ for one in Base.registry.mappers if issubclass(one.class_, Derived)]
    assert len(derived) >= 5
    for model in derived:
        assert "activity_state" in str(model.came_out_of(["KEN"])), model
        assert "activity_state" in str(model.visible_to(ASKING)), model


def test_nothing_is_opened_by_the_going_of_its_source(app: Flask) -> None:
    """A rule that asks the source finds none once the key is empty: so what has such a key keeps its activity, or goes
    with it.
    """
    found = _asked_by_rules()
    kept = {f"{one.column.class_.__tablename__}.{one.column.key}" for one in what_hangs()}
    of_activities = {name for name, table in found.items() if table == "activity"}
    assert {"follow_up.activity_id", "waiting_mail.activity_id"} <= of_activities & kept
    assert found.keys() - (of_activities & kept) == set(EMPTIED)
