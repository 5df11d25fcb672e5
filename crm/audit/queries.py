"""Reading the audit: what the viewer may see of it, newest first."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, or_, select

from crm.audit import subjects, words
from crm.audit.models import OF_ACCOUNTS, AuditContent, AuditEntry
from crm.audit.vocabulary import AMONG, CHANGED, OF_PEOPLE, STATE, Event
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.lists import PAGE_SIZE, Page, Question, moment_key, page_of, uuid_key
from crm.core.visibility import Record, may_see, names_one_of


@dataclass(frozen=True)
class Changed:
    """One field of a change. Without `shown` the values are erased or not for this viewer."""

    field: str
    shown: bool
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class AuditLine:
    """One line of the audit, as far as the viewer may read it.

    `open`: the viewer may see the record as it is now; `href` is its page. Of a record that is not `readable` only the
    names of `facts` and `changes` are told, their values are not. `erased`: the values were taken out. `actor` is
    None where it is somebody of another party whom that party has not named to the viewer. `about`: what the record
    is called where it has a name of its own, such as whose account it is.
    """

    id: UUID
    at: datetime
    event: str
    actor: str | None
    subject_kind: str
    subject_id: str
    about: str
    open: bool
    href: str | None
    readable: bool
    facts: dict[str, Any]
    changes: tuple[Changed, ...]
    erased: bool
    place: int | None

    @property
    def label(self) -> str:
        """What people call the event."""
        return words.event_label(self.event)

    @property
    def who(self) -> str:
        """The actor in words."""
        return words.UNNAMED if self.actor is None else self.actor

    @property
    def record(self) -> str:
        """What people call such a record, where the event does not say it; nothing for what is none."""
        if self.event not in words.OF_ANY_RECORD:
            return ""
        subject = subjects.by_kind(self.subject_kind)
        return subject.words if subject else words.TABLES.get(self.subject_kind, "")

    def states(self) -> list[str]:
        """The States that it tells the viewer it is about."""
        return [iso3 for name in (STATE, AMONG) for iso3 in (self.facts.get(name) or "").split()]

    def in_words(self) -> list[tuple[str, str]]:
        """The facts that are for reading, as pairs of words."""
        return [
            (words.name_of(name), words.value_of(self.event, name, value))
            for name, value in self.facts.items()
            if name not in words.HIDDEN and value is not None
        ]

    def changes_in_words(self) -> list[tuple[str, str, str] | tuple[str]]:
        """Each field that changed, with its value before and after where the viewer may read them."""
        return [
            (
                words.name_of(one.field),
                words.value_of(self.event, one.field, one.before),
                words.value_of(self.event, one.field, one.after),
            )
            if one.shown
            else (words.name_of(one.field),)
            for one in self.changes
        ]


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for; days are meant where the viewer is. `record` is the key of a record, `party` that of
    the party whose people acted; `busy` leaves out who signed in and out.
    """

    who: str = ""
    party: UUID | None = None
    state: str = ""
    event: Event | None = None
    record: str = ""
    since: date | None = None
    until: date | None = None
    denied: bool = False
    busy: bool = False

    def __bool__(self) -> bool:
        return self != Wanted()


NOTHING_ASKED = Wanted()


def entries_asked(*, viewer: Viewer, wanted: Wanted = NOTHING_ASKED, oldest_first: bool = False) -> Question:
    """What the audit asks, newest first unless told otherwise: one statement for entries, one for each kind of record
    among them. What is asked about a State leaves out what does not say to the viewer that it is about it: what a line
    does not tell, it is not found by.
    """
    keys = (
        moment_key(AuditEntry.at, lambda row: row.AuditEntry.at, descending=not oldest_first),
        uuid_key(AuditEntry.id, lambda row: row.AuditEntry.id, descending=not oldest_first),
    )
    sift = partial(_about, wanted.state, viewer) if wanted.state else None
    return Question(statement(wanted, viewer), keys, partial(_lines, viewer=viewer), sift=sift)


def page_of_entries(
    *, viewer: Viewer, wanted: Wanted = NOTHING_ASKED, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page:
    """A page of entries, newest first."""
    return page_of(entries_asked(viewer=viewer, wanted=wanted), cursor=cursor, size=size)


def _about(state_iso3: str, viewer: Viewer, rows: Sequence[Any]) -> list[tuple[Any, AuditLine]]:
    lines = zip(rows, _lines(rows, viewer), strict=True)
    return [(row, one) for row, one in lines if state_iso3 in one.states()]


def statement(wanted: Wanted, viewer: Viewer) -> Select[Any]:
    """The select of these entries with their values and whether the actor is named to the viewer, without order."""
    all_of_it: Any = select(AuditEntry, AuditContent, case((_names_actor(viewer), 1), else_=0).label("named"))
    found: Select[Any] = all_of_it.outerjoin(AuditContent, AuditContent.entry_id == AuditEntry.id)
    if wanted.who:
        found = found.where(AuditEntry.actor_name.icontains(wanted.who, autoescape=True), _names_actor(viewer))
    if wanted.party:
        found = found.where(AuditEntry.actor_id.in_(subjects.people_of(wanted.party)), _names_actor(viewer))
    if wanted.state:
        found = found.where(
            or_(*(names_one_of(AuditEntry.details[one].as_string(), [wanted.state]) for one in (STATE, AMONG)))
        )
    if wanted.busy:
        found = found.where(AuditEntry.event.not_in([Event.SIGNED_IN.value, Event.SIGNED_OUT.value]))
    if wanted.event:
        found = found.where(AuditEntry.event == wanted.event.value)
    if wanted.denied:
        found = found.where(AuditEntry.event == Event.DENIED.value)
    if wanted.record:
        found = found.where(AuditEntry.subject_id == wanted.record)
    if wanted.since:
        found = found.where(AuditEntry.at >= clock.begins(wanted.since, viewer.time_zone))
    if wanted.until:
        found = found.where(AuditEntry.at < clock.begins(wanted.until + timedelta(days=1), viewer.time_zone))
    return found


def _names_actor(viewer: Viewer) -> ColumnElement[bool]:
    """Whether an entry tells this viewer who acted.

    Who delivered something for its party stands under the attribution, so of another party's records the audit
    names the viewer's own people alone.
    """
    return or_(
        AuditEntry.originator_id == viewer.party_id,
        AuditEntry.actor_id.is_(None),
        AuditEntry.actor_id.in_(subjects.colleagues(viewer)),
        AuditEntry.subject_kind.not_in(subjects.unnamed_kinds()),
    )


def _lines(rows: Sequence[Any], viewer: Viewer) -> list[AuditLine]:
    pairs = {(row.AuditEntry.subject_kind, row.AuditEntry.subject_id) for row in rows}
    opened, names = subjects.open_to_viewer(pairs, viewer), subjects.names_of(pairs, viewer)
    ours = {pair for row, pair in zip(rows, map(_pair, rows), strict=True) if _own(row.AuditEntry, viewer)}
    told = opened.keys() | (ours - _closed(ours - opened.keys(), viewer))
    kept_back = subjects.keeping_back(_pair(row) for row in rows if row.AuditContent and _of_people(row, viewer))
    return [
        _line(row, opened, names, told, viewer, values=not (_of_people(row, viewer) and _pair(row) in kept_back))
        for row in rows
    ]


def _of_people(row: Any, viewer: Viewer) -> bool:
    """Whether an entry of another party may hold in its values who was met."""
    return row.AuditEntry.event in OF_PEOPLE and not _own(row.AuditEntry, viewer)


def _pair(row: Any) -> subjects.Pair:
    return row.AuditEntry.subject_kind, row.AuditEntry.subject_id


def _closed(pairs: Set[subjects.Pair], viewer: Viewer) -> set[subjects.Pair]:
    """Those records of the viewer's own party that are closed to them, none of which is open. What is about no State
    is told to the whole party. What stands is closed because it is not open; what is gone, where what its entries say
    of it would close it.
    """
    of_states = {pair for pair in pairs if (one := subjects.by_kind(pair[0])) and one.concerns}
    gone = of_states - subjects.that_stand(of_states)
    return of_states - {pair for pair, states in _states_of(gone).items() if _saw_own(viewer, pair, states)}


def _states_of(pairs: Set[subjects.Pair]) -> dict[subjects.Pair, frozenset[str]]:
    """Every State that any entry about these records names. Looks as the system: the very entries that would close
    a record are not for the viewer.
    """
    found: dict[subjects.Pair, set[str]] = {pair: set() for pair in pairs}
    if not found:
        return {}
    keys = sorted({key for _, key in pairs})
    wanted = select(AuditEntry.subject_kind, AuditEntry.subject_id, AuditEntry.details)
    with looking_as(SYSTEM):
        rows = db.session.execute(wanted.where(AuditEntry.subject_id.in_(keys))).all()
    for kind, key, facts in rows:
        if (kind, key) in found:
            found[kind, key].update((facts.get(STATE) or facts.get(AMONG) or "").split())
    return {pair: frozenset(states) for pair, states in found.items()}


def _saw_own(viewer: Viewer, pair: subjects.Pair, states: frozenset[str]) -> bool:
    """Whether a record of the viewer's party that is gone would be open to them; one of several is enough."""
    party, subject = viewer.party_id, subjects.by_kind(pair[0])
    each = [frozenset({one}) for one in states] if subject and subject.gathers else [states]
    return party is not None and (
        not states or any(may_see(viewer, Record(party, Handling.ORIGINATOR, one)) for one in each)
    )


def _line(
    row: Any,
    opened: dict[subjects.Pair, str | None],
    names: dict[subjects.Pair, str],
    told: Set[subjects.Pair],
    viewer: Viewer,
    *,
    values: bool,
) -> AuditLine:
    entry: AuditEntry = row.AuditEntry
    content: AuditContent | None = row.AuditContent
    pair = _pair(row)
    known = subjects.by_kind(entry.subject_kind) is not None
    readable = not known or pair in told
    kept = content.values if content and readable and values else None
    changed = list(kept or entry.details.get(CHANGED) or ())
    return AuditLine(
        id=entry.id,
        at=entry.at,
        event=entry.event,
        actor=entry.actor_name if row.named else None,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        about=names.get(pair, ""),
        open=not known or pair in opened,
        href=opened.get(pair),
        readable=readable,
        facts=_facts(entry, viewer) if readable else dict.fromkeys(entry.details),
        changes=tuple(
            Changed(one, True, *kept[one]) if kept and one in kept else Changed(one, False) for one in changed
        ),
        erased=bool(content and content.erased_at and readable),
        place=entry.place,
    )


def _facts(entry: AuditEntry, viewer: Viewer) -> dict[str, Any]:
    """What an entry says; of the States of several records those of which the viewer reads."""
    among = entry.details.get(AMONG)
    if not among:
        return entry.details
    read = set(among.split()) - viewer.closed
    if viewer.states is not None:
        read &= viewer.states
    return {**entry.details, AMONG: " ".join(sorted(read)) or None}


def _own(entry: AuditEntry, viewer: Viewer) -> bool:
    """Records of one's own party, and those of accounts for whoever keeps the accounts."""
    if viewer.party_id is not None and entry.originator_id == viewer.party_id:
        return True
    return viewer.may("accounts:read") and entry.subject_kind in OF_ACCOUNTS
