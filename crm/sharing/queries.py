"""Reading requests for wider handling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, select
from sqlalchemy.orm import aliased, selectinload

from crm.accounts.models import Party, User
from crm.core.access import HANDLING_LABELS, Handling, Viewer
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.lists import Key, Page, paginate
from crm.sharing.kinds import kind_of
from crm.sharing.models import HandlingRequest

SHOWN = 100


@dataclass(frozen=True)
class Request:
    """One request with the names of the parties; `mine` when it is for the viewer's party to answer.

    `title` tells which record it is about, only its kind where that is not `open` to the viewer. `originator` and
    `answered_by` are "" where the record does not let the viewer know whose it is. `takes_back`: the viewer may
    withdraw it.
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
    withdrawn_at: datetime | None
    takes_back: bool

    @property
    def waits(self) -> bool:
        """Whether it is neither answered nor withdrawn."""
        return self.granted is None and self.withdrawn_at is None


_SETTLED = case((HandlingRequest.waits(), 0), else_=1)
_ORDER = (
    Key(_SETTLED, lambda row: row.settled, int),
    Key(HandlingRequest.asked_at, lambda row: row.HandlingRequest.asked_at, datetime.fromisoformat, descending=True),
    Key(HandlingRequest.id, lambda row: row.HandlingRequest.id, UUID),
)
"""What waits comes first, then the newest."""


def page_of_requests(viewer: Viewer, cursor: str | None = None) -> Page:
    """A page of those from and to the viewer's party, what waits first, then the newest."""
    page = paginate(_asked(), _ORDER, cursor=cursor)
    page.items = _lines(viewer, page.items)
    return page


def requests(
    viewer: Viewer, *, kind: str = "", record_id: UUID | None = None, request_id: UUID | None = None
) -> list[Request]:
    """Those about one record, or only one, what waits first, then the newest."""
    wanted = _asked()
    if record_id:
        wanted = wanted.where(HandlingRequest.subject_kind == kind, HandlingRequest.subject_id == record_id)
    if request_id:
        wanted = wanted.where(HandlingRequest.id == request_id)
    return _first(viewer, wanted)


def _asked() -> Select[Any]:
    asking, originator = aliased(Party), aliased(Party)
    return (
        select(
            HandlingRequest,
            asking.name.label("asking"),
            originator.name.label("originator"),
            _SETTLED.label("settled"),
        )
        .join(asking, asking.id == HandlingRequest.asking_party_id)
        .join(originator, originator.id == HandlingRequest.originator_id)
    )


def _first(viewer: Viewer, wanted: Select[Any]) -> list[Request]:
    """The first hundred of these, in their order."""
    ordered = wanted.order_by(_SETTLED, HandlingRequest.asked_at.desc(), HandlingRequest.id)
    return _lines(viewer, db.session.execute(ordered.limit(SHOWN)).all())


def _lines(viewer: Viewer, rows: Sequence[Any]) -> list[Request]:
    asked = [row.HandlingRequest for row in rows]
    titles, own = _titles(asked), may_withdraw(viewer, [one for one in asked if one.granted is None])
    return [
        _line(viewer, row, titles.get(row.HandlingRequest.subject_id), row.HandlingRequest.id in own) for row in rows
    ]


def may_withdraw(viewer: Viewer, asked: Iterable[HandlingRequest]) -> set[UUID]:
    """Which of these the viewer may take back: what they asked themselves, and what a colleague asked whose account
    is closed or gone.
    """
    ours = [one for one in asked if one.asking_party_id == viewer.party_id and viewer.user_id]
    askers = {one.asked_by_id for one in ours} - {viewer.user_id, None}
    wanted = select(User.id).where(User.id.in_(askers), User.active)
    there = set(db.session.scalars(wanted)) if askers else set()
    return {one.id for one in ours if one.asked_by_id not in there}


def _titles(asked: Sequence[HandlingRequest]) -> dict[UUID, tuple[str, bool]]:
    """The words for each record that is open to the viewer and whether it says whose it is, one statement a kind
    and one for each of its parts.
    """
    found: dict[UUID, tuple[str, bool]] = {}
    for key in {one.subject_kind for one in asked}:
        kind = kind_of(key)
        keys = {one.subject_id for one in asked if one.subject_kind == key}
        wanted = select(kind.model).where(kind.model.id.in_(keys))
        rows = db.session.scalars(wanted.options(*(selectinload(one) for one in kind.parts)))
        found |= {row.id: (kind.title(row), kind.says_whose(row)) for row in rows}
    return found


def _line(viewer: Viewer, row: Any, known: tuple[str, bool] | None, takes_back: bool) -> Request:
    one: HandlingRequest = row.HandlingRequest
    title, says_whose = known or (None, False)
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
        asking_party=row.asking,
        originator=row.originator if told else "",
        mine=one.originator_id == viewer.party_id,
        granted=one.granted,
        answer=one.answer,
        answered_at=one.answered_at,
        answered_by=one.answered_by if told else "",
        withdrawn_at=one.withdrawn_at,
        takes_back=takes_back and one.withdrawn_at is None,
    )


def to_answer(viewer: Viewer) -> list[Request]:
    """Those that wait for an answer of the viewer's party and that the viewer can give it, the newest first."""
    if not viewer.may("own:read"):
        return []
    mine = _asked().where(HandlingRequest.waits(), HandlingRequest.originator_id == viewer.party_id)
    return [one for one in _first(viewer, mine) if one.open]


def asked_by_us(viewer: Viewer) -> list[Request]:
    """Those of the viewer's party that still wait for an answer, the newest first."""
    if not viewer.may("own:read"):
        return []
    return _first(viewer, _asked().where(HandlingRequest.waits(), HandlingRequest.asking_party_id == viewer.party_id))


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
