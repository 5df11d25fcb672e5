"""Take an import back whole, as long as nobody has gone on with one of its records: looked through whole first, then
some hundred records in each unit of work.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select, update

from crm.activities.models import Activity, ActivityState
from crm.activities.withdrawing import hung_on, take_back, what_hangs
from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, held
from crm.core.errors import RuleViolation
from crm.imports.models import SpreadsheetImport, SpreadsheetRow
from crm.imports.rules.course import Fate, Phase

AT_ONCE = 200
"""So many records go in one unit of work: nobody else can write into SQLite meanwhile."""

_NAMED = 5
LOST = "Somebody has gone on with the records of {} since. What was added there would be lost, so {}."
NOT_SEEN = (
    "You do not see every record of this import, and what you do not see is not yours to take away. So {}. The records "
    "that you see can be corrected, each on its own page."
)


def check(actor: Viewer, made: SpreadsheetImport, among: Collection[UUID] | None = None) -> None:
    """Raise RuleViolation where the actor does not see every record of this import, and where people have gone on with
    one since, naming the first lines as far as the actor sees what was done. `among`: of these records alone.

    A record that the actor does not see is not theirs to take away. Looks as the system for the records that there
    are, and for what others have made of them.
    """
    so = "the rest stays" if made.undone else "nothing is undone"
    records = _of(made, SpreadsheetRow.activity_id, among)
    there = select(func.count()).select_from(Activity).where(Activity.id.in_(records))
    with looking_as(SYSTEM):
        all_of_them = db.session.scalar(there)
    with looking_as(actor):
        if db.session.scalar(there) != all_of_them:
            raise RuleViolation("", NOT_SEEN.format(so))
        lines = _touched_lines(_of(made, SpreadsheetRow.line, among), records)
    if lines:
        named = ", ".join(str(one) for one in lines[:_NAMED]) + (" and others" if len(lines) > _NAMED else "")
        raise RuleViolation("", LOST.format(f"{'line' if len(lines) == 1 else 'lines'} {named}", so))
    if said := hung_on(actor, records):
        raise RuleViolation("", said)


def _of(made: SpreadsheetImport, column: Any, among: Collection[UUID] | None = None) -> Select[Any]:
    """Asks for a column of the lines of an import that are records still."""
    key = SpreadsheetRow.activity_id
    wanted = select(column).where(SpreadsheetRow.import_id == made.id, SpreadsheetRow.fate == Fate.TAKEN.value)
    return wanted.where(key.is_not(None) if among is None else key.in_(among))


def _touched_lines(lines: Select[Any], records: Select[Any]) -> list[int]:
    """The first lines whose record somebody has changed, or hung something on, as far as the viewer sees it."""
    own = Activity.id == SpreadsheetRow.activity_id
    changed = exists(select(Activity.id).where(own, Activity.version != SpreadsheetRow.version))
    hung = [one.on(records) for one in what_hangs() if not one.goes_along]
    touched = [changed, *(SpreadsheetRow.activity_id.in_(one) for one in hung)]
    first = lines.order_by(SpreadsheetRow.line).limit(_NAMED + 1)
    return sorted({line for one in touched for line in db.session.scalars(first.where(one))})


def take_all_back(actor: Viewer, made: SpreadsheetImport) -> None:
    """Remove every record of an import and what came out of it, each with its entry in the audit.

    Raises RuleViolation as `check` does, and then nothing is removed.
    """
    check(actor, made)
    while take_some_back(actor, made):
        pass


def take_some_back(actor: Viewer, made: SpreadsheetImport) -> bool:
    """Remove the next records of an import that was looked through whole; whether there may be more. The last ends it.

    Raises RuleViolation as `check` does where somebody has gone on with one of them meanwhile, and then these stay.
    Looks as the system for the records that are left.
    """
    with looking_as(SYSTEM):
        row = SpreadsheetRow
        left = db.session.execute(
            _of(made, row.id).add_columns(row.activity_id).order_by(row.line).limit(AT_ONCE)
        ).all()
        keys = [one.activity_id for one in left]
        db.session.execute(held(select(Activity).where(Activity.id.in_(keys))))
    if keys:
        check(actor, made, keys)
        _keep_states(made, keys)
        take_back(actor, keys)
    with looking_as(SYSTEM):
        _mark(made, SpreadsheetRow.id.in_([one.id for one in left]))
        made.taken, made.undone = made.taken - len(left), made.undone + len(left)
        if len(left) < AT_ONCE:
            _end(actor, made)
        db.session.flush()
    return len(left) == AT_ONCE


def _keep_states(made: SpreadsheetImport, keys: Collection[UUID]) -> None:
    """What the audit says of the import names the States of its records after these are gone. Looks as the system: the
    States of a record are not all for whoever sees it.
    """
    with looking_as(SYSTEM):
        named = set(db.session.scalars(select(ActivityState.state_iso3).where(ActivityState.activity_id.in_(keys))))
    made.states = " ".join(sorted(named.union(made.states.split())))


def _mark(made: SpreadsheetImport, which: ColumnElement[bool]) -> None:
    rows = update(SpreadsheetRow).where(SpreadsheetRow.import_id == made.id, which)
    gone = rows.values(fate=Fate.UNDONE.value, activity_id=None)
    db.session.execute(gone.execution_options(synchronize_session=False))


def _end(actor: Viewer, made: SpreadsheetImport) -> None:
    """Every record is gone, those too that went before in another way."""
    _mark(made, SpreadsheetRow.fate == Fate.TAKEN.value)
    made.undone, made.taken = made.undone + made.taken, 0
    made.phase, made.problem, made.ended_at, made.lease_until = Phase.UNDONE.value, "", clock.now(), None
    record(
        Event.SPREADSHEET_UNDONE,
        actor=actor,
        subject=("spreadsheet_import", made.id),
        originator_id=made.originator_id,
        handling=Handling.ORIGINATOR,
        rows=made.undone,
    )


def give_up(made: SpreadsheetImport, why: str) -> None:
    """What is left of an import stays, and why; what went before that is gone."""
    before = f"{made.undone} records were taken back. " if made.undone > 1 else "One record was taken back. "
    made.phase, made.lease_until = Phase.DONE.value, None
    made.problem = (before if made.undone else "") + why
