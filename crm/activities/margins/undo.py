"""Take back a whole round: by whoever wrote it, for an hour, as long as nothing hangs on any of its talks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from crm.activities.margins.queries import Line, lines_of
from crm.activities.margins.service import audit
from crm.activities.margins.talks import UNDO_WITHIN
from crm.activities.models import TalkRound
from crm.activities.rules import Status
from crm.activities.withdrawing import hung_on, take_back
from crm.audit.service import Event
from crm.core import clock, unfinished
from crm.core.access import Viewer
from crm.core.db import db, locked
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.states.queries import register

DRAFT = "round"
"""The kind of draft that the grid keeps."""

NOT_YOURS = "Only whoever wrote a round down can undo it."
TOO_LATE = "A round can be undone for an hour. Each talk can still be corrected on its own page."
NOTHING_LEFT = "None of its talks is left to be undone."


def objection(made: TalkRound, lines: Sequence[Line], viewer: Viewer) -> str:
    """Why the viewer cannot undo a round, "" where they can."""
    if made.recorded_by_id is None or made.recorded_by_id != viewer.user_id:
        return NOT_YOURS
    if clock.now() - made.recorded_at > UNDO_WITHIN:
        return TOO_LATE
    if not lines:
        return NOTHING_LEFT
    changed = [one for one in lines if one.activity.version != one.version or one.activity.status != Status.REPORTED]
    if changed:
        known = register()
        return f"Changed since: {', '.join(known.name_today(one.state_iso3) for one in changed)}."
    return hung_on(viewer, [one.activity.id for one in lines])


def undo_round(*, actor: Viewer, round_id: UUID) -> UUID:
    """Take back every talk of a round that the actor sees, with what came out of them; answers the key of the draft
    in which it stands from then on, as it was typed.

    Raises NotFound, NotAllowed for another person's, RuleViolation saying why it cannot be undone. What is kept for
    those who read about a closed State is not the actor's to take back.
    """
    actor.require("activities:create")
    made = locked(TalkRound, round_id)
    if made is None:
        raise NotFound("no such round")
    if made.recorded_by_id != actor.user_id:
        raise NotAllowed("a round of somebody else")
    lines = lines_of(made, to_change=True)
    if problem := objection(made, lines, actor):
        raise RuleViolation("", problem)
    draft = unfinished.begin(DRAFT, _as_sent(*_typed(made, lines)))
    audit(Event.ROUND_UNDONE, actor, made)  # while its talks still say which States it was about
    take_back(actor, [one.activity.id for one in lines])
    gone = delete(TalkRound).where(TalkRound.id == made.id)
    db.session.execute(gone.execution_options(synchronize_session=False))
    db.session.expire_all()
    return draft


def _as_sent(header: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """The same as the form of the grid sends it."""
    sent = {name: [value.isoformat() if isinstance(value, date) else value] for name, value in header.items()}
    return sent | {f"rows-{place}-{name}": [text] for place, row in enumerate(rows) for name, text in row.items()}


def _typed(made: TalkRound, lines: Sequence[Line]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Header and rows as they stood in the grid; the handling that most rows have stands above."""
    known = register()
    first = lines[0].activity
    usual = Counter(one.activity.handling for one in lines).most_common(1)[0][0]
    header = {
        "occasion": made.occasion,
        "held_on": made.held_on,
        "place": made.place,
        "delegation": made.delegation,
        "handling": usual,
        "attribution": first.attribution,
        "marks": first.marks,
    }
    return header, [_typed_row(one, known.name_today(one.state_iso3), usual) for one in lines]


def _typed_row(line: Line, state: str, usual: str) -> dict[str, str]:
    told = line.activity
    person = told.people[0] if told.people else None
    due = told.next_action_due.isoformat() if told.next_action_due else ""
    return {
        "state": state,
        "whom": ", ".join(part for part in (person.name, person.title) if part) if person else "",
        "outcome": line.outcome,
        "obstacle": line.obstacles[0] if line.obstacles else "",
        "note": line.note,
        "next_action": told.next_action,
        "next_action_due": line.due_words or due,
        "next_action_who": line.who_words,
        "handling": told.handling if told.handling != usual else "",
    }
