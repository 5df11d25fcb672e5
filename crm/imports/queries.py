"""Reading imports: those of the viewer, one with its lines, what their party said of headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from crm.activities.models import Activity
from crm.activities.types import ACTIVITY_TYPES
from crm.core import clock
from crm.core.access import HANDLING_LABELS, Viewer
from crm.core.db import db
from crm.core.display import day
from crm.core.errors import NotFound
from crm.core.lists import Key, Page, moment_key, paginate, uuid_key
from crm.imports import staging
from crm.imports.columns import LABELS
from crm.imports.judging import Judge, Judged
from crm.imports.models import HeadingMemory, SpreadsheetImport, SpreadsheetRow
from crm.imports.rules.columns import letter
from crm.imports.rules.course import FATE_LABELS, KEPT_FOR, SENT_BACK, Fate, Phase
from crm.imports.rules.unread import Unread
from crm.imports.whose import may_read
from crm.states.queries import register

MOST_REMEMBERED = 2_000
TABS: dict[str, tuple[str, tuple[Fate, ...]]] = {
    "": ("All lines", tuple(Fate)),
    "problems": ("To be put right", SENT_BACK),
    "ready": ("Ready", (Fate.READY,)),
    "taken": ("Taken over", (Fate.TAKEN,)),
    "undone": ("Taken back", (Fate.UNDONE,)),
    "duplicates": ("There already", (Fate.DUPLICATE,)),
    "left_out": ("No records", (Fate.LEFT_OUT,)),
}


@dataclass(frozen=True)
class ShownLine:
    """One line as people look at it. `cells`: pairs of what a column says and what stands there; `understood`: what
    of it reads otherwise than it was written; `problems`: sentences with the column in front; `activity_id`: the
    record that it became, None where there is none for this viewer.
    """

    line: int
    fate: Fate
    label: str
    cells: tuple[tuple[str, str], ...]
    understood: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    activity_id: UUID | None = None


def remembered_by(actor: Viewer) -> dict[str, str]:
    """By heading, folded, what the viewer's party has said it means."""
    wanted = select(HeadingMemory.heading, HeadingMemory.target).where(HeadingMemory.party_id == actor.party_id)
    return {one.heading: one.target for one in db.session.execute(wanted.limit(MOST_REMEMBERED))}


def page_of_imports(cursor: str | None) -> Page:
    """The imports of the viewer, newest first."""
    statement = select(SpreadsheetImport)
    keys = [
        moment_key(SpreadsheetImport.sent_at, lambda row: row[0].sent_at),
        uuid_key(SpreadsheetImport.id, lambda row: row[0].id),
    ]
    page = paginate(statement, keys, cursor=cursor)
    page.items = [row[0] for row in page.items]
    return page


def get_import(import_id: UUID) -> SpreadsheetImport:
    """One import of the viewer; raises NotFound."""
    found = db.session.scalar(select(SpreadsheetImport).where(SpreadsheetImport.id == import_id))
    if found is None:
        raise NotFound("no such import")
    return found


def may_be_undone(made: SpreadsheetImport) -> bool:
    """Whether its lines still say which records they became."""
    young = made.sent_at > clock.now() - KEPT_FOR
    return made.phase in (Phase.DONE, Phase.STOPPED) and made.taken > 0 and young


def counts(made: SpreadsheetImport) -> dict[str, int]:
    """Lines by the part of the page that shows them."""
    return {
        "": made.lines,
        "problems": made.problems + made.failed,
        "ready": made.ready,
        "taken": made.taken,
        "undone": made.undone,
        "duplicates": made.duplicates,
        "left_out": made.left_out,
    }


def page_of_lines(made: SpreadsheetImport, viewer: Viewer, tab: str, cursor: str | None) -> Page:
    """The lines of an import in the order of the file, as they were understood."""
    if tab not in TABS:
        raise NotFound("no such part of the import")
    statement = select(SpreadsheetRow).where(SpreadsheetRow.import_id == made.id)
    if tab:
        statement = statement.where(SpreadsheetRow.fate.in_([one.value for one in TABS[tab][1]]))
    keys = [Key(SpreadsheetRow.line, lambda row: row[0].line, int)]
    page = paginate(statement, keys, cursor=cursor)
    judge = staging.judge_of(viewer, made) if made.choices else None
    rows = [row[0] for row in page.items]
    seen = _seen([one.activity_id for one in rows if one.activity_id])
    page.items = [_shown(made, one, judge, one.activity_id in seen) for one in rows]
    return page


def samples_of(made: SpreadsheetImport, viewer: Viewer) -> list[list[str]]:
    """What stands first in each column; nothing while a line of the file is not for the viewer, be it looked through
    or not.
    """
    seen = select(func.count()).select_from(SpreadsheetRow).where(SpreadsheetRow.import_id == made.id)
    samples: list[list[str]] = made.head["samples"]
    first = all(may_read(made, viewer, one.split()) for one in made.head.get("named", ()))
    return samples if first and db.session.scalar(seen) == made.lines else [[] for _ in samples]


def unread_of(made: SpreadsheetImport) -> Unread:
    """What of a file stayed behind when its lines were looked through; nothing while they are."""
    return Unread(**made.head.get("unread", {}))


def _seen(ids: Sequence[UUID]) -> set[UUID]:
    return set(db.session.scalars(select(Activity.id).where(Activity.id.in_(ids)))) if ids else set()


def _shown(made: SpreadsheetImport, row: SpreadsheetRow, judge: Judge | None, seen: bool) -> ShownLine:
    columns: dict[str, int] = made.choices.get("columns", {})
    order = sorted(columns.items(), key=lambda one: one[1])
    cells = tuple((LABELS[key], row.cells[at] if at < len(row.cells) else "") for key, at in order)
    fate, judged = Fate(row.fate), None
    if judge and fate in (Fate.READY, Fate.PROBLEM, Fate.DUPLICATE):
        judged = judge.judge(row.cells, row.carried or {})
    return ShownLine(
        line=row.line,
        fate=fate,
        label=FATE_LABELS[fate],
        cells=cells,
        understood=understood(judged) if judged and judged.told and not judged.problems else (),
        problems=tuple((_column(made, name), text) for name, text in row.problems),
        notes=tuple(judged.notes) if judged else (),
        activity_id=row.activity_id if seen else None,
    )


def _column(made: SpreadsheetImport, name: str) -> str:
    """What a column is called in the file, with its letter; "" for a whole line."""
    at = made.choices.get("columns", {}).get(name)
    if at is None:
        return LABELS.get(name, "")
    heading = made.head["headings"][at]
    return f"{letter(at)}: {heading}" if heading else letter(at)


def understood(judged: Judged) -> tuple[str, ...]:
    """A line in our own words: State, day, kind, handling, follow-up."""
    told = judged.told
    names = ", ".join(register().name_today(one) for one in (told["state_iso3"], *told["further_states"]))
    first = told["precision"].first_day(told["held_on"])
    found = [names, day(first, told["precision"].value), ACTIVITY_TYPES[told["kind"]].label]
    if told["next_action_due"]:
        found.append(f"Follow-up by {day(told['next_action_due'])}")
    return (*found, HANDLING_LABELS[told["handling"].value])
