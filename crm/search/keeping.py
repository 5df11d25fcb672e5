"""The words are kept in step with the records: in the transaction that changes them, and anew when somebody asks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import delete, event, insert, select
from sqlalchemy.orm import Session

from crm.activities.models import (
    Activity,
    ActivityComment,
    ActivityPerson,
    ActivityState,
    ActivityStep,
    Attachment,
    AttachmentText,
)
from crm.core.access import SYSTEM, looking_as
from crm.core.db import HouseSession, before_commit, db, unit_is_open, unit_of_work
from crm.core.fulltext import kept
from crm.followups.models import FollowUp, FollowUpChange
from crm.instructions.models import Instruction, InstructionMaterial
from crm.letters.models import Letter, LetterCampaign
from crm.people.met.models import Interlocutor, Post, PostTerm
from crm.people.models import Office, OfficeHolder
from crm.search.gathering import GATHER, Text
from crm.search.kinds import Kind
from crm.search.models import SearchText
from crm.search.rules.audience import kind_mark, marks_of, state_mark
from crm.search.rules.folding import words
from crm.search.rules.places import next_after, wished

BATCH = 500
MOST_WORDS = 40_000
"""Of one text. What comes later in a longer one is not found."""

MOST_BYTES = 700_000
"""PostgreSQL takes a megabyte of words, their places included."""

_DUE = "search_due"
"""Under this name the session keeps which records were changed since they were last written here."""

OFFICE = "office"
"""What all holders of an office say of it."""

WATCHED: dict[type[Any], tuple[str, str]] = {
    Activity: (Kind.ACTIVITY, "id"),
    **dict.fromkeys(
        (ActivityState, ActivityPerson, ActivityComment, ActivityStep, Attachment, AttachmentText),
        (Kind.ACTIVITY, "activity_id"),
    ),
    FollowUp: (Kind.FOLLOW_UP, "id"),
    FollowUpChange: (Kind.FOLLOW_UP, "followup_id"),
    LetterCampaign: (Kind.CAMPAIGN, "id"),
    Letter: (Kind.LETTER, "id"),
    OfficeHolder: (Kind.PERSON, "id"),
    Office: (OFFICE, "id"),
    Interlocutor: (Kind.INTERLOCUTOR, "id"),
    PostTerm: (Kind.INTERLOCUTOR, "person_id"),
    Post: (Kind.POST, "id"),
    Instruction: (Kind.INSTRUCTION, "id"),
    InstructionMaterial: (Kind.INSTRUCTION, "instruction_id"),
}
"""Which records are to be written anew when a row of these changes. What nobody wrote but a statement that names no
row (`update`, `insert` of many), `rebuild` finds.
"""

_OWN_KEY = {
    Kind.ACTIVITY: SearchText.activity_id,
    Kind.FOLLOW_UP: SearchText.follow_up_id,
    Kind.CAMPAIGN: SearchText.campaign_id,
    Kind.LETTER: SearchText.letter_id,
    Kind.PERSON: SearchText.holder_id,
    Kind.INTERLOCUTOR: SearchText.interlocutor_id,
    Kind.POST: SearchText.post_id,
    Kind.INSTRUCTION: SearchText.instruction_id,
}
_WRITTEN_WITH = {Kind.ACTIVITY: (Kind.ACTIVITY, Kind.ATTACHMENT), Kind.CAMPAIGN: (Kind.CAMPAIGN, Kind.LETTER)}
"""Kinds that are gathered with another one and carry its key."""

_MODELS: dict[Kind, type[Any]] = {
    Kind.ACTIVITY: Activity,
    Kind.FOLLOW_UP: FollowUp,
    Kind.CAMPAIGN: LetterCampaign,
    Kind.PERSON: OfficeHolder,
    Kind.INTERLOCUTOR: Interlocutor,
    Kind.POST: Post,
    Kind.INSTRUCTION: Instruction,
}


@event.listens_for(HouseSession, "after_flush")
def _note(session: Session, _context: Any) -> None:
    """Remember what was changed, and write its words as the last thing of the unit of work."""
    changed = [one for one in (*session.new, *session.dirty, *session.deleted) if type(one) in WATCHED]
    if not changed or not unit_is_open():
        return
    due: set[tuple[str, UUID]] = session.info.setdefault(_DUE, set())
    for one in changed:
        kind, name = WATCHED[type(one)]
        if key := getattr(one, name):
            due.add((kind, key))
    before_commit(write_due)


def write_due() -> None:
    """Write the words of what the present unit of work has changed. Reads and writes as the system: the words hold
    what whoever changed the record may not see.
    """
    due: set[tuple[str, UUID]] = db.session().info.pop(_DUE, set())
    with looking_as(SYSTEM):
        due |= set(_with_offices_and_posts(due))
        for kind in GATHER:
            for some in _batches(sorted((key for what, key in due if what == kind), key=str)):
                write(kind, some)


def _with_offices_and_posts(due: Collection[tuple[str, UUID]]) -> Iterator[tuple[str, UUID]]:
    """Whoever holds or held an office or a post that is changed: they say what it is called."""
    offices, posts = ([key for kind, key in due if kind == what] for what in (OFFICE, Kind.POST))
    if offices:
        holders = select(OfficeHolder.id).where(OfficeHolder.office_id.in_(offices))
        yield from ((Kind.PERSON, key) for key in db.session.scalars(holders))
    if posts:
        people = select(PostTerm.person_id).where(PostTerm.post_id.in_(posts))
        yield from ((Kind.INTERLOCUTOR, key) for key in db.session.scalars(people))


def write(kind: Kind, keys: Collection[UUID]) -> int:
    """Write the words of these records, where they are no longer what they say; how many rows that were."""
    wanted = list(GATHER[kind](keys))
    known = _standing(kind, keys)
    fresh: list[tuple[Text, str]] = []
    for text in wanted:
        print_ = _fingerprint(text)
        if known.pop((text.key, text.part.value, print_), None) is None:
            fresh.append((text, print_))
    if known:
        db.session.execute(
            delete(SearchText).where(SearchText.place.in_(known.values())).execution_options(synchronize_session=False)
        )
    if fresh:
        db.session.execute(insert(SearchText), _rows(fresh))
    return len(fresh) + len(known)


def _standing(kind: Kind, keys: Collection[UUID]) -> dict[tuple[UUID, str, str], int]:
    """The places of the rows that these records have now, by record, part and what they say."""
    columns = (SearchText.attachment_id, SearchText.letter_id, _OWN_KEY[kind])
    wanted = select(SearchText.place, SearchText.part, SearchText.fingerprint, *columns)
    wanted = wanted.where(_OWN_KEY[kind].in_(keys), SearchText.kind.in_(_WRITTEN_WITH.get(kind, (kind,))))
    return {
        (next(one for one in row[3:] if one), row.part, row.fingerprint): row.place
        for row in db.session.execute(wanted)
    }


def _fingerprint(text: Text) -> str:
    said = (
        text.kind, text.day, text.title, text.body, text.also, text.about, text.office, text.precision, text.own,
        text.sample, marks_of(text.record, own=text.own), *map(str, filter(None, [text.keys.get("kept_id")])),
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _rows(fresh: Iterable[tuple[Text, str]]) -> list[dict[str, Any]]:
    """The rows to add, each at a place that nobody has."""
    fresh = list(fresh)
    hoped = [wished(text.day, text.key, text.own) for text, _ in fresh]
    taken = set(db.session.scalars(select(SearchText.place).where(SearchText.place.in_(hoped))))
    rows = []
    for (text, print_), place in zip(fresh, hoped, strict=True):
        while place in taken:
            place = next_after(place)
            if db.session.scalar(select(SearchText.place).where(SearchText.place == place)) is not None:
                taken.add(place)
        taken.add(place)
        rows.append(_row(text, print_, place))
    return rows


def _row(text: Text, print_: str, place: int) -> dict[str, Any]:
    keys = dict.fromkeys(
        (
            "activity_id",
            "attachment_id",
            "follow_up_id",
            "campaign_id",
            "letter_id",
            "holder_id",
            "interlocutor_id",
            "kept_id",
            "post_id",
            "instruction_id",
        )
    ) | dict(text.keys)
    told = [state_mark(one) for one in text.about]
    texts = [_within(words(one)) for one in (text.title, text.body, text.also)]
    return {
        **keys,
        "place": place,
        "kind": text.kind.value,
        "part": text.part.value,
        "on_day": text.day,
        "precision": text.precision,
        "about": " ".join(text.about),
        "office": text.office,
        "title": text.title,
        "body": text.body,
        "words": kept(texts, [kind_mark(text.kind.value), *told, *marks_of(text.record, own=text.own)]),
        "fingerprint": print_,
        "of_sample": text.sample,
    }


def _within(found: list[str]) -> list[str]:
    """As many words as an index takes of one row."""
    left = MOST_BYTES
    for number, word in enumerate(found[:MOST_WORDS]):
        left -= len(word.encode()) + 8
        if left < 0:
            return found[:number]
    return found[:MOST_WORDS]


def _batches(keys: Iterable[UUID]) -> Iterator[list[UUID]]:
    waiting = iter(keys)
    while some := list(islice(waiting, BATCH)):
        yield some


def rebuild(say: Callable[[str], None]) -> int:
    """Write the words of every record anew where they are not what it says; how many rows that were. Works as the
    system, in many units of work: meanwhile everything goes on, and stopping it loses nothing.
    """
    return sum(_rebuild(kind, say) for kind in _MODELS)


def _rebuild(kind: Kind, say: Callable[[str], None]) -> int:
    total, done, model = 0, 0, _MODELS[kind]
    last: UUID | None = None
    while True:
        with looking_as(SYSTEM), unit_of_work():
            wanted = select(model.id).order_by(model.id).limit(BATCH)
            keys = db.session.scalars(wanted.where(model.id > last) if last else wanted).all()
            total += write(kind, keys) if keys else 0
        if not keys:
            return total
        db.session.remove()
        last, done = keys[-1], done + len(keys)
        say(f"{kind.value}: {done}")


def begin(say: Callable[[str], None]) -> None:
    """Write the words of every record of the kinds that an installation could not find before; of others nothing is
    done. Works as the system, whose records these are.
    """
    for kind in _MODELS:
        with looking_as(SYSTEM):
            written = select(SearchText.place).where(_OWN_KEY[kind].is_not(None), SearchText.kind == kind.value)
            known = db.session.scalar(written.limit(1))
        db.session.remove()
        if known is None:
            _rebuild(kind, say)
