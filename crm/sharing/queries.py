"""Reading requests for wider handling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from crm.accounts.models import Party
from crm.core.access import HANDLING_LABELS, Handling, Viewer
from crm.core.db import db
from crm.core.errors import NotFound
from crm.sharing.kinds import kind_of
from crm.sharing.models import HandlingRequest

SHOWN = 100


@dataclass(frozen=True)
class Request:
    """One request with the names of the parties; `mine` when it is for the viewer's party to answer.

    `title` tells which record it is about, only its kind where that is not `open` to the viewer. `originator` and
    `answered_by` are "" where the record does not let the viewer know whose it is.
    """

    id: UUID
    kind: str
    title: str
    open: bool
    subject_id: UUID
    href: str
    wanted: str
    wanted_label: str
    reason: str
    asked_at: datetime
    asked_by: str
    asking_party: str
    originator: str
    mine: bool
    granted: bool | None
    answer: str
    answered_at: datetime | None
    answered_by: str


def requests(
    viewer: Viewer, *, kind: str = "", record_id: UUID | None = None, request_id: UUID | None = None
) -> list[Request]:
    """Those from and to the viewer's party, unanswered ones first, then newest first; of one record if it is named,
    and only one if that is named.
    """
    asking, originator = aliased(Party), aliased(Party)
    wanted = (
        select(HandlingRequest, asking.name, originator.name)
        .join(asking, asking.id == HandlingRequest.asking_party_id)
        .join(originator, originator.id == HandlingRequest.originator_id)
        .order_by(HandlingRequest.granted.is_not(None), HandlingRequest.asked_at.desc(), HandlingRequest.id)
        .limit(SHOWN)
    )
    if record_id:
        wanted = wanted.where(HandlingRequest.subject_kind == kind, HandlingRequest.subject_id == record_id)
    if request_id:
        wanted = wanted.where(HandlingRequest.id == request_id)
    found = db.session.execute(wanted).all()
    titles = _titles([one for one, _, _ in found])
    return [_line(viewer, one, asker, owner, *titles.get(one.subject_id, (None, False))) for one, asker, owner in found]


def _titles(asked: Sequence[HandlingRequest]) -> dict[UUID, tuple[str, bool]]:
    """The words for each record that is open to the viewer and whether it says whose it is, one statement a kind."""
    found: dict[UUID, tuple[str, bool]] = {}
    for key in {one.subject_kind for one in asked}:
        kind = kind_of(key)
        keys = {one.subject_id for one in asked if one.subject_kind == key}
        rows = db.session.scalars(select(kind.model).where(kind.model.id.in_(keys)))
        found |= {row.id: (kind.title(row), kind.says_whose(row)) for row in rows}
    return found


def _line(viewer: Viewer, one: HandlingRequest, asker: str, owner: str, title: str | None, says_whose: bool) -> Request:
    kind = kind_of(one.subject_kind)
    told = says_whose or one.originator_id == viewer.party_id
    return Request(
        id=one.id,
        kind=one.subject_kind,
        title=title or kind.label,
        open=title is not None,
        subject_id=one.subject_id,
        href=kind.page(one.subject_id),
        wanted=one.wanted,
        wanted_label=HANDLING_LABELS[one.wanted],
        reason=one.reason,
        asked_at=one.asked_at,
        asked_by=one.asked_by,
        asking_party=asker,
        originator=owner if told else "",
        mine=one.originator_id == viewer.party_id,
        granted=one.granted,
        answer=one.answer,
        answered_at=one.answered_at,
        answered_by=one.answered_by if told else "",
    )


def to_answer(viewer: Viewer) -> list[Request]:
    """Those that wait for an answer of the viewer's party and that the viewer can give it, the newest first."""
    if not viewer.may("own:read"):
        return []
    return [one for one in requests(viewer) if one.mine and one.open and one.granted is None]


def asked_by_us(viewer: Viewer) -> list[Request]:
    """Those of the viewer's party that still wait for an answer, the newest first."""
    if not viewer.may("own:read"):
        return []
    return [one for one in requests(viewer) if not one.mine and one.granted is None]


def to_be_answered(viewer: Viewer, request_id: UUID) -> Request:
    """One request to the viewer's party, answered already or not; raises NotFound."""
    asked = next((one for one in requests(viewer, request_id=request_id) if one.mine and one.open), None)
    if asked is None:
        raise NotFound("no such request")
    return asked


def wider_than(handling: str) -> Sequence[tuple[str, str]]:
    """Handlings that reach further than this one, as choices, the nearest first."""
    rank = Handling(handling).rank
    return [(one.value, HANDLING_LABELS[one]) for one in reversed(Handling) if one.rank < rank]
