"""Find what was written: the index says where the words stand, the rule of visibility what of it may be read.

A question looks at the newest rows that answer, `BLOCK` at a time: those are ranked, and a page further back goes on
where they end. So a word that stands everywhere costs no more than a rare one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select

from crm.activities.models import Attachment
from crm.audit.service import SENSITIVE
from crm.core import access, clock
from crm.core.access import Viewer
from crm.core.days import Precision, is_of_our_time
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.fulltext import Word, places
from crm.search.kinds import KINDS, SOURCES, STATE, Kind
from crm.search.models import SearchText
from crm.search.rules.asking import Asked
from crm.search.rules.audience import asked_by, kind_mark, leaving_out, state_mark
from crm.search.rules.folding import words
from crm.search.rules.places import HIGHEST, LOWEST, after, first_of, of_the_same
from crm.search.rules.ranking import Piece, pieces, score, snippet
from crm.states.queries import register

BLOCK = 200
"""Rows that are ranked together."""

LOOKS = 10
"""So many times the index is asked for one block, where much of what it knows is not for the viewer."""

PAGE = 20
_HEAD = 2_000
"""Signs of a text that decide its rank."""

_MOST_SHOWN = 200_000
_CURSOR = re.compile(r"(\d{1,19})\.(\d{1,3})")


@dataclass(frozen=True)
class Filters:
    """What else a result must be: of one kind, about one State, of some days."""

    kind: str = ""
    state_iso3: str = ""
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return bool(self.kind or self.state_iso3 or self.since or self.until)

    @property
    def above(self) -> int:
        """No result stands at this place or lower: a file stands at the day that it was in UTC, and for its reader that
        may have been the next one; what is known to the year stands at its beginning.
        """
        return first_of(Precision.YEAR.first_day(self.since), -1) - 1 if self.since else LOWEST

    @property
    def below(self) -> int:
        """No result stands at this place or higher: for its reader a file may be of the day before."""
        return first_of(self.until, 2) if self.until else HIGHEST

    def of_these_days(self, zone: str) -> list[ColumnElement[bool]]:
        """Which of the rows may be of these days: a file by the moment it came, as the day of that is in this zone."""
        found = []
        if self.since:
            known = [(SearchText.precision == one.value, first_of(one.first_day(self.since))) for one in Precision]
            by_place = SearchText.place >= case(*known, else_=first_of(self.since))
            found.append(_of_moment(by_place, lambda at: Attachment.added_at >= at, self.since, zone))
        if self.until:
            by_place = SearchText.place < after(self.until)
            found.append(_of_moment(by_place, lambda at: Attachment.added_at < at, self.until, zone, over=True))
        return found


def _of_moment(
    by_place: ColumnElement[bool],
    by_moment: Callable[[datetime], ColumnElement[bool]],
    day: date,
    zone: str,
    over: bool = False,
) -> ColumnElement[bool]:
    """By its moment what has one, against the moment at which a day begins there or, with `over`, at which it ends."""
    if not is_of_our_time(day):
        return by_place
    edge = clock.begins(day + timedelta(days=over), zone)
    return case((SearchText.attachment_id.is_(None), by_place), else_=by_moment(edge))


@dataclass
class Result:
    """One thing that was found. `key` leads to its page (`where` of `views.py`)."""

    kind: str
    key: UUID | None
    about: tuple[str, ...]
    title: list[Piece]
    snippet: list[Piece] = field(default_factory=list)
    on_day: date | None = None
    precision: str = "day"
    office: str = ""
    sample: bool = False


@dataclass
class Found:
    """A page of results. `counts`: how many of each kind there are among the newest; `more`: and older ones.

    `further` goes on from here. `sources`: every record or file that was counted or ranked for it, as the audit names
    it.
    """

    results: list[Result] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    more: bool = False
    further: str | None = None
    sources: set[tuple[str, UUID]] = field(default_factory=set)


def find(question: Asked, viewer: Viewer, filters: Filters = Filters(), cursor: str | None = None) -> Found:
    """What answers, the best of the newest first, in five statements at most. The viewer is whoever the session
    answers for.

    Raises NotFound for a cursor that was not made here.
    """
    below, skipped = _read(cursor)
    if not question:
        return Found()
    states = _states(question, viewer, filters) if cursor is None else []
    block = _block(question, viewer, filters, min(below, filters.below))
    hits = _ranked(question, block.rows)
    shown = hits[skipped : skipped + PAGE]
    found = Found([*states, *_results(question, shown)], more=block.full, sources=_sources(block.rows))
    if skipped + PAGE < len(hits):
        found.further = f"{below}.{skipped + PAGE}"
    elif block.full:
        found.further = f"{of_the_same(block.last)}.0"
    if cursor is None:
        _count(found, question, viewer, filters, block, len(states))
    return found


def _read(cursor: str | None) -> tuple[int, int]:
    if cursor is None:
        return HIGHEST, 0
    parts = _CURSOR.fullmatch(cursor)
    if parts is None or int(parts[1]) > HIGHEST:
        raise NotFound("no such page")
    return int(parts[1]), int(parts[2])


@dataclass(frozen=True)
class _Block:
    """The newest rows that answer and that the viewer may read, the newest first. `full`: there may be older ones,
    below `last`; whatever is hidden from the viewer says nothing here.
    """

    rows: Sequence[Any]
    full: bool
    last: int


def _block(question: Asked, viewer: Viewer, filters: Filters, below: int) -> _Block:
    wanted: list[Any] = [Word(one.words, one.goes_on) for one in question.wanted]
    wanted += [Word((kind_mark(filters.kind),))] if filters.kind else []
    wanted += [Word((state_mark(filters.state_iso3),))] if filters.state_iso3 else []
    unwanted = [Word(one.words, one.goes_on) for one in question.unwanted]
    question_here = asked_by(viewer, wanted, leaving_out(viewer, unwanted, SENSITIVE))
    rows: list[Any] = []
    for _ in range(LOOKS):
        where = places(question_here, above=filters.above, below=below, most=BLOCK)
        rows += _rows_at(where, filters.of_these_days(viewer.time_zone))
        full = len(where) == BLOCK
        if not full or len(rows) >= BLOCK:
            break
        below = where[-1]
    return _Block(rows[:BLOCK], bool(rows) and (full or len(rows) > BLOCK), rows[:BLOCK][-1].place if rows else 0)


def _rows_at(where: Sequence[int], narrowed: Sequence[ColumnElement[bool]]) -> Sequence[Any]:
    """What the viewer may read of the rows at these places, the newest first, of the days that are asked for."""
    if not where:
        return []
    columns = (
        SearchText.place, SearchText.kind, SearchText.activity_id, SearchText.attachment_id, SearchText.follow_up_id,
        SearchText.campaign_id, SearchText.letter_id, SearchText.holder_id, SearchText.interlocutor_id,
        SearchText.kept_id, SearchText.post_id, SearchText.instruction_id, SearchText.about, SearchText.office,
        SearchText.title, SearchText.on_day, SearchText.precision, SearchText.of_sample,
        func.substr(SearchText.body, 1, _HEAD).label("head"),
    )  # fmt: skip
    wanted = select(*columns).where(SearchText.place.in_(_filled_up(where, BLOCK))).order_by(SearchText.place.desc())
    if narrowed:
        wanted = wanted.outerjoin(Attachment, Attachment.id == SearchText.attachment_id).where(*narrowed)
    return db.session.execute(wanted).all()


def _filled_up(where: Sequence[int], most: int) -> Sequence[int]:
    """The same places, the last of them again until they are so many: the statement then reads the same however few
    there are, and a database has it prepared. The rule of what can be found is long, and takes longer to plan than
    to follow.
    """
    return [*where, *list(where[-1:]) * (most - len(where))]


@dataclass(frozen=True)
class _Hit:
    row: Any
    key: UUID
    score: int


def _key(row: Any) -> UUID:
    """The key of the record; somebody who was merged is the one as whom they are shown."""
    keys: Mapping[str, UUID | None] = {
        Kind.ACTIVITY: row.activity_id,
        Kind.FOLLOW_UP: row.follow_up_id,
        Kind.CAMPAIGN: row.campaign_id,
        Kind.LETTER: row.letter_id,
        Kind.PERSON: row.holder_id,
        Kind.ATTACHMENT: row.attachment_id,
        Kind.INTERLOCUTOR: row.kept_id or row.interlocutor_id,
        Kind.POST: row.post_id,
        Kind.INSTRUCTION: row.instruction_id,
    }
    found = keys[row.kind]
    assert found is not None
    return found


def _ranked(question: Asked, rows: Iterable[Any]) -> list[_Hit]:
    """Each record once, as the row tells it that tells most; the best first, then the newest."""
    best: dict[UUID, _Hit] = {}
    for row in rows:
        hit = _Hit(row, _key(row), score(question, row.title, row.head))
        known = best.get(hit.key)
        if known is None or (hit.score, row.place) > (known.score, known.row.place):
            best[hit.key] = hit
    return sorted(best.values(), key=lambda one: (-one.score, -one.row.place))


def _results(question: Asked, shown: Sequence[_Hit]) -> list[Result]:
    if not shown:
        return []
    body = func.substr(SearchText.body, 1, _MOST_SHOWN).label("body")
    wanted = select(SearchText.place, body, Attachment.added_at).outerjoin(
        Attachment, Attachment.id == SearchText.attachment_id
    )
    wanted = wanted.where(SearchText.place.in_(_filled_up([one.row.place for one in shown], PAGE)))
    whole = {row.place: row for row in db.session.execute(wanted)}
    zone = access.viewer().time_zone
    return [
        Result(
            kind=one.row.kind,
            key=one.row.activity_id if one.row.kind == Kind.ATTACHMENT else one.key,
            about=tuple(one.row.about.split()),
            title=pieces(question, one.row.title),
            snippet=snippet(question, whole[one.row.place].body),
            on_day=clock.day_of(added, zone) if (added := whole[one.row.place].added_at) else one.row.on_day,
            precision=one.row.precision,
            office=one.row.office,
            sample=one.row.of_sample,
        )
        for one in shown
    ]


def _states(question: Asked, viewer: Viewer, filters: Filters) -> list[Result]:
    """States by their names in every language we have, former ones and capitals too, and by their codes."""
    if filters.since or filters.until or filters.kind not in ("", STATE) or not viewer.may(KINDS[STATE].permission):
        return []
    known, today = register(), access.today()
    found = []
    for iso3, state in known.states.items():
        if filters.state_iso3 not in ("", iso3) or not known.in_universe(iso3, today):
            continue
        text, known_words = _names(state.all_names)
        if question.matches(known_words):
            name = known.name(iso3, today)
            found.append((-score(question, name, text), name, iso3, text))
    return [
        Result(STATE, None, (iso3,), pieces(question, name), _other_names(question, name, text))
        for _, name, iso3, text in sorted(found)[:PAGE]
    ]


def _other_names(question: Asked, name: str, text: str) -> list[Piece]:
    """Why a State was found whose name does not say so."""
    return [] if question.matches(words(name)) else snippet(question, text.replace("\n", ", "))


@lru_cache(maxsize=1_000)
def _names(names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Everything a State is called as one text, and that as words."""
    text = "\n".join(dict.fromkeys(names))
    return text, tuple(words(text))


def _count(found: Found, question: Asked, viewer: Viewer, filters: Filters, block: _Block, states: int) -> None:
    """How many records of each kind answer among the newest; the kind that was chosen takes nothing away."""
    rows = block.rows
    if filters.kind:
        anywhere = Filters("", filters.state_iso3, filters.since, filters.until)
        rows = _block(question, viewer, anywhere, anywhere.below).rows
        states = len(_states(question, viewer, anywhere))
        found.sources |= _sources(rows)
    counted = Counter(kind for kind, _ in {(row.kind, _key(row)) for row in rows})
    counted[STATE] = states
    found.counts = {kind: counted[kind] for kind in KINDS if counted[kind]}


def _sources(rows: Iterable[Any]) -> set[tuple[str, UUID]]:
    return {(SOURCES[row.kind], _key(row)) for row in rows if row.kind in SOURCES}
