"""Lines of a spreadsheet are read, judged and kept, some hundred at a time, and so they are taken over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID, uuid4

import structlog
from flask import current_app
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from crm.activities.service import record_activity
from crm.audit.service import note_unseen
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, savepoint
from crm.core.errors import NotAllowed, RuleViolation
from crm.imports.bounds import TableUnreadable
from crm.imports.chosen import Choices
from crm.imports.judging import Judge, Judged, by_column
from crm.imports.looking import Beginning
from crm.imports.models import SpreadsheetImport, SpreadsheetPart, SpreadsheetRow
from crm.imports.on_record import on_record
from crm.imports.reading import Line
from crm.imports.rules.course import Fate, Phase
from crm.imports.rules.unread import Unread
from crm.imports.whose import Reach

log = structlog.get_logger()

READ_AT_ONCE = 1_000
TAKEN_AT_ONCE = 50
"""Lines in one unit of work: what a worker that dies does once more."""

WORKED_ON = frozenset({Phase.READING.value, Phase.TAKING.value, Phase.UNDOING.value})
THERE_ALREADY = "The same State, kind, day, person and reply are on record already."
TWICE = "An earlier line of this file says the same."
_COUNTED = {
    Fate.READY: "ready", Fate.PROBLEM: "problems", Fate.DUPLICATE: "duplicates", Fate.LEFT_OUT: "left_out",
    Fate.TAKEN: "taken", Fate.FAILED: "failed",
}  # fmt: skip


class AboveHere(TableUnreadable):
    """A line says of itself that it may not be kept in this installation."""


def judge_of(actor: Viewer, made: SpreadsheetImport) -> Judge:
    """Whoever judges the lines of an import."""
    today = clock.today(actor.time_zone)
    base = int(made.head["how"]["base"])
    return Judge(actor, Choices.of(made.choices), made.head["headings"], today, base, made.head.get("naming", ()))


def read_on(actor: Viewer, made: SpreadsheetImport, first: Beginning) -> None:
    """Keep the first lines of a file, and say so where these are all."""
    try:
        if first.problem:
            raise TableUnreadable(first.problem)
        keep_lines(actor, made, judge_of(actor, made), first.lines)
    except TableUnreadable as unreadable:
        turn_away(made, unreadable)
    else:
        if first.whole:
            all_read(made, first.unread)


def turn_away(made: SpreadsheetImport, unreadable: TableUnreadable) -> None:
    """The file as a whole is not taken. Where what it holds may not be kept here, nothing of it stays. Looks as the
    system: its sender need not see every line.
    """
    refuse(made, str(unreadable))
    if isinstance(unreadable, AboveHere):
        with looking_as(SYSTEM):
            for model in (SpreadsheetRow, SpreadsheetPart):
                of_it = delete(model).where(model.import_id == made.id)
                db.session.execute(of_it.execution_options(synchronize_session=False))
        made.head = {**made.head, "samples": [[] for _ in made.head["samples"]]}
        made.ready = made.problems = made.duplicates = made.left_out = 0


def all_read(made: SpreadsheetImport, unread: Unread) -> None:
    """Every line has been looked through, but for what stays behind."""
    made.head = {**made.head, "unread": unread.as_json()}
    made.phase, made.lease_until = Phase.PREVIEW.value, None


def refuse(made: SpreadsheetImport, why: str) -> None:
    """The file as a whole cannot be read."""
    made.phase, made.problem, made.lease_until = Phase.REFUSED.value, why, None


def keep_lines(actor: Viewer, made: SpreadsheetImport, judge: Judge, batch: Sequence[Line]) -> None:
    """Judge lines and keep them, each with what becomes of it. Raises TableUnreadable for one line too many, and
    AboveHere for one that may not be kept here. Looks as the system for the lines: those about a State that is closed
    to the actor are kept as the others are, and that they wrote of it is noted.
    """
    most = int(current_app.extensions["settings"].import_most_rows)
    if made.lines + len(batch) > most:
        raise TableUnreadable(f"The file has more than {most:,} lines. Split it, and send one part after the other.")
    judged = [(line, cells, judge.read(cells)) for line, cells in batch]
    for line, _, one in judged:
        if one.above:
            raise AboveHere(f"Line {line}: {one.above} Nothing of the file was kept. Send it without such lines.")
    prints = {one.fingerprint for _, _, one in judged} - {""}
    there = on_record(actor, made, [one for _, _, one in judged if one.fate is Fate.READY])
    earlier = _earlier(made.id, prints) if prints else set()
    rows: list[dict[str, Any]] = []
    theirs = Reach.of(made).with_those_of(actor)
    for line, cells, one in judged:
        mark, fate, problems = one.fingerprint, one.fate, [list(pair) for pair in one.problems]
        if mark and (one.on_record in there or mark in earlier):
            fate, problems = Fate.DUPLICATE, [["", THERE_ALREADY if one.on_record in there else TWICE]]
        earlier.add(mark)
        rows.append({
            "id": uuid4(), "import_id": made.id, "line": line, "cells": cells, "fate": fate.value,
            "problems": problems, "fingerprint": mark, "carried": one.carried, "states": " ".join(one.named),
            "beyond": not all(theirs.holds(iso3) for iso3 in one.states or one.named),
        })  # fmt: skip
    if rows:
        with looking_as(SYSTEM):
            db.session.execute(insert(SpreadsheetRow), rows)
        note_unseen(actor=actor, states={iso3 for _, _, one in judged for iso3 in one.named})
        made.read_to = batch[-1][0]
    _count(made, Counter(Fate(row["fate"]) for row in rows))
    db.session.flush()


def _count(made: SpreadsheetImport, more: Counter[Fate]) -> None:
    for fate, number in more.items():
        setattr(made, _COUNTED[fate], getattr(made, _COUNTED[fate]) + number)


def _earlier(import_id: UUID, prints: Collection[str]) -> set[str]:
    wanted = select(SpreadsheetRow.fingerprint).where(
        SpreadsheetRow.import_id == import_id, SpreadsheetRow.fingerprint.in_(prints)
    )
    with looking_as(SYSTEM):
        return set(db.session.scalars(wanted))


def take_lines(actor: Viewer, made: SpreadsheetImport, judge: Judge) -> bool:
    """Take the next lines over, each by itself; whether there may be more. The last ends the import. Looks as the
    system for the lines: those about a State that is closed to the actor are taken as the others are.
    """
    wanted = (
        select(SpreadsheetRow)
        .where(SpreadsheetRow.import_id == made.id, SpreadsheetRow.fate == Fate.READY.value)
        .order_by(SpreadsheetRow.line)
        .limit(TAKEN_AT_ONCE)
    )
    with looking_as(SYSTEM):
        rows = db.session.scalars(wanted).all()
    judged = [(row, judge.judge(row.cells, row.carried or {})) for row in rows]
    there = on_record(actor, made, [one for _, one in judged if one.fate is Fate.READY])
    for row, one in judged:
        _take(actor, made, row, one, there)
    done = Counter(Fate(row.fate) for row, _ in judged)
    _count(made, done)
    made.ready -= sum(done.values())
    if len(rows) < TAKEN_AT_ONCE:
        finish(made)
    db.session.flush()
    return len(rows) == TAKEN_AT_ONCE


def finish(made: SpreadsheetImport) -> None:
    """The import is over; the file itself is not needed any more."""
    made.phase, made.lease_until, made.ended_at = Phase.DONE.value, None, clock.now()
    db.session.execute(
        delete(SpreadsheetPart).where(SpreadsheetPart.import_id == made.id).execution_options(synchronize_session=False)
    )


def _take(actor: Viewer, made: SpreadsheetImport, row: SpreadsheetRow, one: Judged, there: set[str]) -> None:
    """One line becomes a record, or is set aside alone with the reason."""
    if one.fate is not Fate.READY:
        row.fate, row.problems = Fate.FAILED.value, [list(pair) for pair in one.problems]
        return
    if one.on_record in there:
        row.fate, row.problems = Fate.DUPLICATE.value, [["", THERE_ALREADY]]
        return
    try:
        with savepoint():
            activity = record_activity(actor=actor, sample=made.sample and actor.sample, **one.told)
            db.session.flush()
            key, version = activity.id, activity.version
    except RuleViolation as refused:
        row.fate, row.problems = Fate.FAILED.value, [list(pair) for pair in by_column(refused)]
    except NotAllowed:
        row.fate, row.problems = Fate.FAILED.value, [["", "You may not record this any more."]]
    except (SQLAlchemyError, ValueError, TypeError, KeyError) as error:
        log.warning("line_set_aside", import_id=str(made.id), line=row.line, error=type(error).__name__)
        row.fate, row.problems = Fate.FAILED.value, [["", "This line could not be kept. Tell the operator."]]
    else:
        row.fate, row.problems, row.activity_id = Fate.TAKEN.value, [], key
        row.version = version
