"""What a worker does for an import: its own units of work, one for some hundred lines, so that it can be stopped,
killed and begun anew at any time. The row is the truth: whoever was overtaken finds another attempt's number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import Handling, Viewer, looking_as
from crm.core.db import db, in_turn, locked, unit_of_work
from crm.core.errors import RuleViolation
from crm.core.jobs import Job, enqueue
from crm.imports import reading, staging, storing, undoing
from crm.imports.bounds import Meter, TableUnreadable
from crm.imports.judging import Judge
from crm.imports.models import SpreadsheetImport
from crm.imports.reading import Line
from crm.imports.rules.course import LEASE, Phase
from crm.imports.service import PERMISSION

SLICE = timedelta(minutes=2)
"""So long one job works; what is left then goes to the next one, so that others get their turn."""

MOST_DEATHS = 5
"""So many workers in a row may die of an import before it is stopped."""


_AFTER_DEATHS = {
    Phase.READING: Phase.REFUSED, Phase.TAKING: Phase.STOPPED, Phase.UNDOING: Phase.DONE
}  # fmt: skip


class Overtaken(Exception):
    """Somebody stopped the import, or another worker has it."""


def work(import_id: UUID) -> None:
    """Go on with an import for a while. Its caller looks as the system and has no unit of work open."""
    until = clock.now() + SLICE
    with unit_of_work():
        made = locked(SpreadsheetImport, import_id)
        claimed = _claim(made) if made else None
    if claimed is None:
        return
    attempt, phase = claimed
    work_on: dict[Phase, Callable[[UUID, int, datetime], None]] = {
        Phase.READING: _read, Phase.TAKING: _take, Phase.UNDOING: _undo
    }  # fmt: skip
    try:
        work_on[phase](import_id, attempt, until)
        with _still(import_id, attempt, phase) as left:
            left.tries, left.lease_until = 0, None
            enqueue(Job.WORK_ON_SPREADSHEET, import_id)
    except Overtaken:
        return


def _claim(made: SpreadsheetImport) -> tuple[int, Phase] | None:
    now = clock.now()
    if made.phase not in staging.WORKED_ON or (made.lease_until and made.lease_until > now):
        return None
    made.attempt, made.tries = made.attempt + 1, made.tries + 1
    if made.tries > MOST_DEATHS:
        made.tries, made.problem = 0, "The work on this file was cut off too often. Tell the operator, or try again."
        made.phase = _AFTER_DEATHS[Phase(made.phase)].value
        return None
    made.lease_until = now + LEASE
    return made.attempt, Phase(made.phase)


@contextmanager
def _still(import_id: UUID, attempt: int, phase: Phase) -> Iterator[SpreadsheetImport]:
    """A unit of work on an import that is still this worker's; raises Overtaken."""
    with unit_of_work():
        made = locked(SpreadsheetImport, import_id)
        if made is None or made.phase != phase or made.attempt != attempt:
            raise Overtaken
        made.lease_until = clock.now() + LEASE
        yield made


def _sender(made: SpreadsheetImport) -> Viewer | None:
    """Who sent it, as they are at this moment; None where they may not import any more."""
    user = db.session.get(User, made.brought_by_id) if made.brought_by_id else None
    actor = viewer_of(user) if user else Viewer()
    return actor if actor.may(PERMISSION) and actor.party_id == made.originator_id else None


def _read(import_id: UUID, attempt: int, until: datetime) -> None:
    with _still(import_id, attempt, Phase.READING) as made:
        actor = _sender(made)
        if actor is None:
            staging.refuse(made, "Whoever sent this file may not import any more.")
            return
        judge, read_to, head = staging.judge_of(actor, made), made.read_to, dict(made.head)
    meter = Meter()
    with storing.put_together(import_id) as path:
        try:
            source = _beyond(read_to, reading.lines_below(path, head, meter), judge)
            for batch in reading.batches(source, staging.READ_AT_ONCE):
                with _still(import_id, attempt, Phase.READING) as made, looking_as(actor):
                    staging.keep_lines(actor, made, judge, batch)
                if clock.now() > until:
                    return
            with _still(import_id, attempt, Phase.READING) as made:
                staging.all_read(made, meter.unread)
        except TableUnreadable as unreadable:
            with _still(import_id, attempt, Phase.READING) as made:
                staging.turn_away(made, unreadable)


def _beyond(read_to: int, source: Iterable[Line], judge: Judge) -> Iterator[Line]:
    """The lines that are not read yet; the judge takes note of the others, for what stands below them."""
    for line, cells in source:
        if line > read_to:
            yield line, cells
        else:
            judge.pass_by(cells)


def _take(import_id: UUID, attempt: int, until: datetime) -> None:
    more = True
    judge = None
    while more and clock.now() <= until:
        with _still(import_id, attempt, Phase.TAKING) as made:
            actor = _sender(made)
            if actor is None:
                made.phase, made.problem = Phase.STOPPED.value, "Whoever sent this file may not import any more."
                return
            in_turn(f"records of {made.originator_id}")  # two imports of one file find each other's records
            if judge is None or judge.actor != actor:
                judge = staging.judge_of(actor, made)
            with looking_as(actor):
                more = staging.take_lines(actor, made, judge)
            if not more:
                _note_end(actor, made)


def _note_end(actor: Viewer, made: SpreadsheetImport) -> None:
    record(
        Event.SPREADSHEET_ENDED,
        actor=actor,
        subject=("spreadsheet_import", made.id),
        originator_id=made.originator_id,
        handling=Handling.ORIGINATOR,
        rows=made.taken,
        failed=made.failed,
    )


def _undo(import_id: UUID, attempt: int, until: datetime) -> None:
    """What is left is looked through whole before the first record goes."""
    more, looked_through = True, False
    while more and clock.now() <= until:
        with _still(import_id, attempt, Phase.UNDOING) as made:
            actor = _sender(made)
            try:
                if actor is None:
                    raise RuleViolation("", "Whoever sent this file may not import any more.")
                if not looked_through:
                    undoing.check(actor, made)
                more, looked_through = undoing.take_some_back(actor, made), True
            except RuleViolation as refused:
                undoing.give_up(made, str(refused))
                return
