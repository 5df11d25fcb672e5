"""What a party has on record already of what a spreadsheet says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, select

from crm.activities.models import Activity, ActivityPerson, ActivityState
from crm.activities.rules import Precision
from crm.core.access import Viewer
from crm.core.db import db
from crm.imports.judging import Judged, fingerprint_of
from crm.imports.models import SpreadsheetImport, SpreadsheetRow

AT_ONCE = 500
"""So many records are held while they are compared."""


def on_record(actor: Viewer, made: SpreadsheetImport, judged: Sequence[Judged]) -> set[str]:
    """Of the marks of these lines, those of what their own party has on record, as far as the actor may know; what this
    import has brought is none of it: lines that differ in what a mark leaves out are all meant.
    """
    wanted = {one.on_record for one in judged}
    found: set[str] = set()
    for some in _some_at_once(_of_these_days(actor, made, judged)) if wanted else ():
        found |= wanted.intersection(_marks(some))
        if found == wanted:
            break
    return found


def _of_these_days(actor: Viewer, made: SpreadsheetImport, judged: Sequence[Judged]) -> Select[Any]:
    columns: tuple[Any, ...] = (Activity.id, Activity.kind, Activity.held_on, Activity.precision, Activity.reply)
    return select(*columns).where(
        Activity.originator_id == actor.party_id,
        Activity.held_on.in_({one.told["precision"].first_day(one.told["held_on"]) for one in judged}),
        Activity.kind.in_({one.told["kind"] for one in judged}),
        Activity.states.any(ActivityState.state_iso3.in_({one.told["state_iso3"] for one in judged})),
        ~exists().where(SpreadsheetRow.activity_id == Activity.id, SpreadsheetRow.import_id == made.id),
    )


def _some_at_once(wanted: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    wanted = wanted.order_by(Activity.id).limit(AT_ONCE)
    rows = db.session.execute(wanted).all()
    while rows:
        yield rows
        rows = db.session.execute(wanted.where(Activity.id > rows[-1].id)).all() if len(rows) == AT_ONCE else []


def _marks(records: Sequence[Row[Any]]) -> Iterator[str]:
    ids = [one.id for one in records]
    parts = _by_activity(ActivityState.activity_id, ActivityState.state_iso3, ids)
    people = _by_activity(ActivityPerson.activity_id, ActivityPerson.name, ids)
    for one in records:
        first, *others = sorted(parts.get(one.id, [""]))
        yield fingerprint_of({
            "kind": one.kind, "state_iso3": first, "further_states": others, "held_on": one.held_on,
            "precision": Precision(one.precision), "reply": one.reply, "person_name": "".join(people.get(one.id, [])),
        })  # fmt: skip


def _by_activity(key: Any, value: Any, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for one, text in db.session.execute(select(key, value).where(key.in_(ids))):
        found.setdefault(one, []).append(text)
    return found
