"""One's own drafts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select

from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import db
from crm.core.errors import NotFound
from crm.drafts import rules
from crm.drafts.left import is_left
from crm.drafts.models import Draft
from crm.drafts.rules import End, Kind
from crm.states.queries import register


@dataclass(frozen=True)
class Line:
    """A draft as it stands in the list."""

    id: UUID
    kind: Kind
    record_id: UUID | None
    states: tuple[str, ...]
    words: str
    kept_at: datetime
    thrown: bool
    sample: bool
    left: bool
    """Whether the record that its form was about is gone."""


def _mine(viewer: Viewer) -> Select[Draft]:
    return select(Draft).where(Draft.user_id == viewer.user_id).order_by(Draft.kept_at.desc(), Draft.id)


def drafts_of(viewer: Viewer) -> list[Line]:
    """Those to go on with, the latest first; then those thrown away that can still be had back."""
    back = clock.now() - rules.TAKEN_BACK_WITHIN
    there = or_(Draft.ended.is_(None), (Draft.ended == End.THROWN.value) & (Draft.ended_at >= back))
    lines = [_line(one) for one in db.session.scalars(_mine(viewer).where(there))]
    return sorted(lines, key=lambda one: one.thrown)


def _line(draft: Draft) -> Line:
    typed, known = rules.read(draft.typed) or {}, register().states
    return Line(
        id=draft.id,
        kind=Kind(draft.kind),
        record_id=draft.record_id,
        states=tuple(one for one in rules.states(typed) if one in known),
        words=rules.first_words(typed),
        kept_at=draft.kept_at,
        thrown=draft.ended is not None,
        sample=draft.sample,
        left=is_left(draft),
    )


def get_draft(viewer: Viewer, draft_id: UUID) -> Draft:
    """One of the viewer's own that is not saved; raises NotFound."""
    draft = db.session.scalar(_mine(viewer).where(Draft.id == draft_id))
    if draft is None or draft.ended == End.SAVED:
        raise NotFound("no such draft")
    return draft


def line_of(draft: Draft) -> Line:
    """A draft as it stands in the list."""
    return _line(draft)


def latest(viewer: Viewer, kind: Kind, record_id: UUID | None, draft_id: UUID | None) -> Draft | None:
    """The draft with this key if it is one of this form, else none; without a key the latest of the form."""
    wanted = _mine(viewer).where(Draft.kind == kind.value, Draft.record_id == record_id, Draft.ended.is_(None))
    if draft_id:
        wanted = wanted.where(Draft.id == draft_id)
    return db.session.scalars(wanted.limit(1)).first()
