"""Verbs of the imports. Each is part of a unit of work that its caller opens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, exists, func, or_, select

from crm.audit.service import Event, record
from crm.core import ceiling, clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, locked, unless_taken
from crm.core.errors import NotFound, RuleViolation
from crm.core.jobs import Job, enqueue
from crm.core.visibility import Attribution
from crm.core.written.days import Order
from crm.imports import heads, looking, staging, storing, undoing
from crm.imports.bounds import TableUnreadable
from crm.imports.columns import LABELS
from crm.imports.looking import Anew, Beginning
from crm.imports.models import HeadingMemory, SpreadsheetImport, SpreadsheetPart, SpreadsheetRow
from crm.imports.queries import remembered_by
from crm.imports.rules.columns import NEEDED
from crm.imports.rules.course import BEFORE, GONE_ON, KEPT_FOR, Phase
from crm.imports.storing import SentSheet
from crm.imports.whose import Reach
from crm.states.queries import register
from crm.states.rules import fold

PERMISSION = "activities:import"
MOST_A_DAY = 50
"""So many spreadsheets one person sends within a day."""

FORGOTTEN = "It is too long ago: which records came of this file is forgotten, so each is corrected on its own page."


def send(*, actor: Viewer, file: SentSheet) -> SpreadsheetImport:
    """Take a spreadsheet in and guess what its columns say; nothing of it becomes a record yet.

    Raises NotAllowed without `activities:import`, RuleViolation for what cannot be read.
    """
    actor.require(PERMISSION)
    if actor.party_id is None:
        raise RuleViolation("", "Only somebody who belongs to a party can import activities.")
    _not_too_many(actor)
    looked, memory = file.looked or looking.at(file), remembered_by(actor)
    try:
        how = heads.best_sheet(looked, memory)
        head = heads.head_of(looked.first[how.sheet], how, looked.sheets, memory, register())
    except TableUnreadable as unreadable:
        raise RuleViolation("file", str(unreadable)) from None
    head["reach"] = Reach(actor.states).as_json()
    with storing.on_disk(file.source) as (path, size, sha256):
        made = SpreadsheetImport(
            id=uuid4(), originator_id=actor.party_id, brought_by_id=actor.user_id, name=file.name, kind=file.kind,
            size=size, sha256=sha256, head=head, sample=actor.sample,
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        storing.keep(made.id, path)
    _note(Event.SPREADSHEET_SENT, actor, made, sha256=sha256, size=size)
    return made


def _not_too_many(actor: Viewer) -> None:
    since = clock.now() - timedelta(days=1)
    mine = select(func.count()).select_from(SpreadsheetImport)
    mine = mine.where(SpreadsheetImport.brought_by_id == actor.user_id, SpreadsheetImport.sent_at > since)
    if (db.session.scalar(mine) or 0) >= MOST_A_DAY:
        raise RuleViolation("file", f"You have sent {MOST_A_DAY} spreadsheets within a day. Send this one tomorrow.")


def own(import_id: UUID, *phases: Phase) -> SpreadsheetImport:
    """An import of the viewer's own, held, in one of these phases; raises NotFound, RuleViolation."""
    made = locked(SpreadsheetImport, import_id)
    if made is None:
        raise NotFound("no such import")
    if phases and made.phase not in phases:
        raise RuleViolation("", GONE_ON)
    return made


def read_again(*, actor: Viewer, import_id: UUID, anew: Anew) -> SpreadsheetImport:
    """Read the same file in another way, in which it has been looked at before. Raises as `send` does."""
    actor.require(PERMISSION)
    made = own(import_id, *BEFORE)
    try:
        head = heads.head_of(
            anew.first, anew.how, made.head["sheets"], remembered_by(actor), register(), anew.heading_line
        )
    except TableUnreadable as unreadable:
        raise RuleViolation("heading_line", str(unreadable)) from None
    made.head = {**head, "reach": Reach.of(made).with_those_of(actor).as_json()}
    _begin_anew(made, Phase.COLUMNS)
    return made


def choose_columns(
    *,
    actor: Viewer,
    import_id: UUID,
    columns: dict[str, int],
    kind: str = "",
    handling: Handling = Handling.ORIGINATOR,
    attribution: Attribution = Attribution.STATE_NOT_PERSON,
    order: Order | None = None,
    carry_down: bool = False,
    with_gaps: bool = False,
    open_past: bool = False,
    first: Beginning | None = None,
) -> SpreadsheetImport:
    """Say what the columns say and how the whole is meant; the lines are looked through, and nothing is taken over.

    The first lines, read beforehand, are looked through at once, the rest by a worker. Raises RuleViolation beside the
    column that is missing or given twice, beside `order` where days can be read in two ways, and for a handling above
    the ceiling.
    """
    actor.require(PERMISSION)
    made = own(import_id, *BEFORE)
    first = first or looking.beginning(made)
    if not first.is_of(made):
        raise RuleViolation("", GONE_ON)
    _check_columns(made, columns, order)
    ceiling.check(handling)
    _keep_whose(actor, made, columns["state"])
    made.choices = {
        "columns": columns,
        "kind": kind,
        "handling": handling.value,
        "attribution": attribution.value,
        "order": order.value if order else "",
        "carry_down": carry_down,
        "with_gaps": with_gaps,
        "open_past": open_past,
    }
    _remember(actor, made, columns)
    _begin_anew(made, Phase.READING)
    staging.read_on(actor, made, first)
    if made.phase == Phase.READING:
        enqueue(Job.WORK_ON_SPREADSHEET, made.id)
    return made


def _keep_whose(actor: Viewer, made: SpreadsheetImport, column: int) -> None:
    """Whatever column is said to tell the State, and however often: what a line named before, it names still."""
    before = made.choices.get("columns", {}).get("state", column)
    naming = sorted({*made.head.get("naming", ()), before, column})
    made.head = {**made.head, "naming": naming, "reach": Reach.of(made).with_those_of(actor).as_json()}


def _check_columns(made: SpreadsheetImport, columns: dict[str, int], order: Order | None) -> None:
    problems: dict[str, str] = {}
    for key in NEEDED:
        if key not in columns:
            problems[f"column_{key}"] = f"Say which column holds this: {LABELS[key].lower()}."
    for key, at in columns.items():
        first = next(one for one, place in columns.items() if place == at)
        if first != key:
            problems[f"column_{key}"] = f"This column is taken for “{LABELS[first]}” already."
    doubtful = [made.head["days"][columns[key]]["doubtful"] for key in ("held_on", "next_action_due") if key in columns]
    if order is None and any(doubtful):
        problems["order"] = f"“{next(filter(None, doubtful))}” has two meanings. Say how days are written in this file."
    if problems:
        raise RuleViolation.of(problems)


def _remember(actor: Viewer, made: SpreadsheetImport, columns: dict[str, int]) -> None:
    """Next time a heading means what it was said to mean now."""
    meant = {at: key for key, at in columns.items()}
    said = {fold(heading): meant.get(at, "") for at, heading in enumerate(made.head["headings"]) if fold(heading)}
    wanted = select(HeadingMemory).where(HeadingMemory.party_id == actor.party_id, HeadingMemory.heading.in_(said))
    known = {one.heading: one for one in db.session.scalars(wanted)}
    guessed = made.head["guessed"]
    for heading, target in said.items():
        if heading in known:
            known[heading].target = target
        elif target or any(fold(made.head["headings"][at]) == heading for at in guessed.values()):
            with unless_taken("", "Somebody of your party has just explained the same heading. Please try again."):
                db.session.add(
                    HeadingMemory(party_id=actor.party_id, heading=heading, target=target, sample=actor.sample)
                )
    db.session.flush()


def _begin_anew(made: SpreadsheetImport, phase: Phase) -> None:
    """Forget the lines that were looked at before."""
    _forget(SpreadsheetRow, made.id)
    made.phase, made.problem, made.read_to, made.lease_until = phase.value, "", 0, None
    made.ready = made.problems = made.duplicates = made.left_out = made.taken = made.failed = 0
    db.session.flush()


def _forget(model: Any, import_id: UUID) -> None:
    """All of it, those too that whoever sent it does not see."""
    of_it = delete(model).where(model.import_id == import_id)
    with looking_as(SYSTEM):
        db.session.execute(of_it.execution_options(synchronize_session=False))


def begin(*, actor: Viewer, import_id: UUID) -> SpreadsheetImport:
    """Let a worker take over every line that is ready; the others stay to be put right."""
    actor.require(PERMISSION)
    made = own(import_id, Phase.PREVIEW)
    if not made.ready:
        raise RuleViolation("", "No line is ready to be taken over.")
    _go_on(made)
    _note(Event.SPREADSHEET_BEGUN, actor, made, rows=made.ready)
    return made


def stop(*, actor: Viewer, import_id: UUID) -> SpreadsheetImport:
    """Take no further line over. What is being taken over at this moment is finished and kept."""
    actor.require(PERMISSION)
    made = own(import_id, Phase.TAKING, Phase.READING)
    if made.phase == Phase.READING:
        _begin_anew(made, Phase.COLUMNS)
    else:
        made.phase, made.lease_until = Phase.STOPPED.value, None
    _note(Event.SPREADSHEET_STOPPED, actor, made, rows=made.taken)
    return made


def resume(*, actor: Viewer, import_id: UUID) -> SpreadsheetImport:
    """Go on with what was stopped."""
    actor.require(PERMISSION)
    made = own(import_id, Phase.STOPPED)
    _go_on(made)
    _note(Event.SPREADSHEET_RESUMED, actor, made, rows=made.ready)
    return made


def _go_on(made: SpreadsheetImport) -> None:
    made.phase, made.problem, made.tries, made.lease_until = Phase.TAKING.value, "", 0, None
    db.session.flush()
    enqueue(Job.WORK_ON_SPREADSHEET, made.id)


def undo(*, actor: Viewer, import_id: UUID) -> SpreadsheetImport:
    """Take every record of an import back, few at once and many by a worker; raises RuleViolation where people have
    gone on with one of them since.
    """
    actor.require(PERMISSION)
    made = own(import_id, Phase.DONE, Phase.STOPPED)
    if made.sent_at <= clock.now() - KEPT_FOR:
        raise RuleViolation("", FORGOTTEN)
    if made.taken > undoing.AT_ONCE:
        undoing.check(actor, made)
        made.phase, made.problem, made.tries, made.lease_until = Phase.UNDOING.value, "", 0, None
        db.session.flush()
        enqueue(Job.WORK_ON_SPREADSHEET, made.id)
    else:
        undoing.take_all_back(actor, made)
    return made


def discard(*, actor: Viewer, import_id: UUID) -> None:
    """Throw a spreadsheet away of which nothing was taken over."""
    actor.require(PERMISSION)
    _throw_away(own(import_id, *BEFORE).id)


def _throw_away(import_id: UUID) -> None:
    for model in (SpreadsheetRow, SpreadsheetPart):
        _forget(model, import_id)
    db.session.execute(
        delete(SpreadsheetImport).where(SpreadsheetImport.id == import_id).execution_options(synchronize_session=False)
    )


def sweep() -> int:
    """Ask anew for what the queue lost or a dead worker holds; returns how many. Its caller looks as the system."""
    now = clock.now()
    lost = (
        select(SpreadsheetImport.id)
        .where(SpreadsheetImport.phase.in_(sorted(staging.WORKED_ON)))
        .where(func.coalesce(SpreadsheetImport.lease_until, now) <= now)
        .limit(100)
    )
    found = list(db.session.scalars(lost))
    for one in found:
        enqueue(Job.WORK_ON_SPREADSHEET, one)
    return len(found)


def tidy() -> int:
    """Forget the lines and bytes of imports that are older than 30 days, and the whole of what was never taken over;
    returns how many. Its caller looks as the system. The records stay; they can no longer be undone together. What a
    worker is at waits until it is done.
    """
    left = [
        exists(select(one.id).where(one.import_id == SpreadsheetImport.id)) for one in (SpreadsheetRow, SpreadsheetPart)
    ]
    at_rest = SpreadsheetImport.phase.not_in(sorted(staging.WORKED_ON))
    old = select(SpreadsheetImport).where(SpreadsheetImport.sent_at < clock.now() - KEPT_FOR, at_rest, or_(*left))
    found = db.session.scalars(old.limit(500)).all()
    for one in found:
        if one.phase in BEFORE or one.phase == Phase.UNDONE:
            _throw_away(one.id)
            continue
        for model in (SpreadsheetRow, SpreadsheetPart):
            _forget(model, one.id)
    return len(found)


def _note(event: Event, actor: Viewer, made: SpreadsheetImport, **facts: Any) -> None:
    record(
        event,
        actor=actor,
        subject=("spreadsheet_import", made.id),
        originator_id=made.originator_id,
        handling=Handling.ORIGINATOR,
        **facts,
    )
