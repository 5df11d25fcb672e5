"""Reading people met and posts. What the viewer may not see is not there: the session filters every select."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, union

from crm.accounts.models import Party
from crm.core import access
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.lists import Key, Question, uuid_key
from crm.core.text import escaped
from crm.people.met.models import Interlocutor, PersonMerge, Post, PostTerm, StanceClaim
from crm.people.met.records import records
from crm.people.met.rules import Same, Stance
from crm.people.rules import holds_on
from crm.states.queries import register
from crm.states.rules import fold


@dataclass(frozen=True)
class Term:
    """Somebody in a post."""

    id: UUID
    post_id: UUID
    person_id: UUID
    name: str
    title_en: str
    from_on: date
    until_on: date | None
    acting: bool
    sample: bool


@dataclass(frozen=True)
class StanceLine:
    """Where somebody stood on a day, and whose assessment that is."""

    id: UUID
    person_id: UUID
    stance: Stance
    why: str
    claimed_on: date
    source_id: UUID | None
    party: str
    own: bool
    handling: str


@dataclass(frozen=True)
class PersonLine:
    """One line of the list of people."""

    id: UUID
    state_iso3: str
    name: str
    title: str
    ministry: str
    level: str
    party: str
    own: bool
    handling: str
    sample: bool
    posts: tuple[str, ...] = ()
    stance: Stance | None = None
    last_met: date | None = None


def get_person(person_id: UUID) -> Interlocutor:
    """One person met; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(Interlocutor).where(Interlocutor.id == person_id))
    if found is None:
        raise NotFound("no such person")
    return found


def get_post(post_id: UUID) -> Post:
    """One post; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(Post).where(Post.id == post_id))
    if found is None:
        raise NotFound("no such post")
    return found


def person_title(person: Interlocutor) -> str:
    """The words by which people know somebody's record."""
    return f"Person met, {register().name_today(person.state_iso3)}: {person.name}"


def post_title(post: Post) -> str:
    """The same of a post."""
    return f"Post, {register().name_today(post.state_iso3)}: {post.title_en}"


def party_of(originator_id: UUID) -> str:
    """The name of a party."""
    return db.session.scalar(select(Party.name).where(Party.id == originator_id)) or ""


def as_same(person: Interlocutor) -> Same:
    """What the rule of merging needs to know of somebody."""
    return Same(
        person.id,
        person.state_iso3,
        person.originator_id,
        access.Handling(person.handling),
        bool(person.merged_into_id),
    )


def merged_into(person_ids: Collection[UUID]) -> list[Interlocutor]:
    """Those who were found to be one of these people."""
    wanted = select(Interlocutor).where(Interlocutor.merged_into_id.in_(list(person_ids)))
    return list(db.session.scalars(wanted.order_by(Interlocutor.sought, Interlocutor.id)))


def merges_of(kept_id: UUID) -> list[tuple[PersonMerge, str]]:
    """The merges into somebody that stand, newest first, each with the name that went."""
    wanted = (
        select(PersonMerge, Interlocutor.name)
        .join(Interlocutor, Interlocutor.id == PersonMerge.gone_id)
        .where(PersonMerge.kept_id == kept_id, PersonMerge.undone_at.is_(None))
        .order_by(PersonMerge.merged_at.desc(), PersonMerge.id)
    )
    return [(merge, name) for merge, name in db.session.execute(wanted)]


def _terms() -> Any:
    return (
        select(PostTerm, Post.title_en, Interlocutor.name, Interlocutor.id, Interlocutor.merged_into_id)
        .join(Post, Post.id == PostTerm.post_id)
        .join(Interlocutor, Interlocutor.id == PostTerm.person_id)
        .order_by(PostTerm.from_on.desc(), PostTerm.acting, PostTerm.id)
    )


def _as_terms(rows: Iterable[Any]) -> list[Term]:
    return [
        Term(
            term.id,
            term.post_id,
            merged or person_id,
            name,
            title,
            term.from_on,
            term.until_on,
            term.acting,
            term.sample,
        )
        for term, title, name, person_id, merged in rows
    ]


def terms_of(person_ids: Collection[UUID]) -> list[Term]:
    """The posts of these people over time, latest first."""
    return _as_terms(db.session.execute(_terms().where(PostTerm.person_id.in_(list(person_ids)))))


def terms_in(post_ids: Collection[UUID]) -> list[Term]:
    """Everybody in these posts, latest first."""
    return _as_terms(db.session.execute(_terms().where(PostTerm.post_id.in_(list(post_ids)))))


def filled(post_ids: Collection[UUID], on: date) -> set[UUID]:
    """Those of these posts that somebody holds on a day. Looks as the system: a post is not vacant because the viewer
    may not see who holds it.
    """
    wanted = select(PostTerm.post_id).where(
        PostTerm.post_id.in_(list(post_ids)),
        PostTerm.from_on <= on,
        or_(PostTerm.until_on.is_(None), PostTerm.until_on > on),
    )
    with looking_as(SYSTEM):
        return set(db.session.scalars(wanted))


def posts_of_state(state_iso3: str) -> list[Post]:
    """The posts known of a State, by title."""
    return list(db.session.scalars(select(Post).where(Post.state_iso3 == state_iso3).order_by(Post.sought, Post.id)))


def stances_of(person_ids: Collection[UUID]) -> list[StanceLine]:
    """What is thought of these people, newest first."""
    viewer = access.viewer()
    wanted: Any = (
        select(StanceClaim, Party.name)
        .outerjoin(Party, Party.id == StanceClaim.originator_id)
        .where(StanceClaim.person_id.in_(list(person_ids)))
        .order_by(StanceClaim.claimed_on.desc(), StanceClaim.recorded_at.desc(), StanceClaim.id)
    )
    return [
        StanceLine(
            claim.id, claim.person_id, Stance(claim.stance), claim.why, claim.claimed_on, claim.source_id, party or "",
            claim.originator_id == viewer.party_id, claim.handling,
        )
        for claim, party in db.session.execute(wanted)
    ]  # fmt: skip


def newest_stance(lines: Sequence[StanceLine]) -> StanceLine | None:
    """The newest of one's own party; where it has none, the newest of any."""
    return next((one for one in lines if one.own), lines[0] if lines else None)


def people_asked(*, state_iso3: str = "", name: str = "", post: str = "", level: str = "", sort: str = "") -> Question:
    """What the list of people asks, by name unless told otherwise. Who was merged stands under the one kept."""
    wanted: Any = select(Interlocutor, Party.name.label("party")).outerjoin(
        Party, Party.id == Interlocutor.originator_id
    )
    wanted = wanted.where(Interlocutor.merged_into_id.is_(None))
    if state_iso3:
        wanted = wanted.where(Interlocutor.state_iso3 == state_iso3)
    if level:
        wanted = wanted.where(Interlocutor.level == level)
    for word in fold(name).split():
        wanted = wanted.where(_called(word))
    for word in post.split():
        wanted = wanted.where(_in_post(word))
    down = sort == "-name"
    named = Key(Interlocutor.sought, lambda row: row[0].sought, str, down)
    keys = (named, uuid_key(Interlocutor.id, lambda row: row[0].id, descending=down))
    return Question(wanted, keys, _lines)


def _called(word: str) -> Any:
    called = Interlocutor.sought.like(f"%{escaped(word)}%", escape="\\")
    merged = select(Interlocutor.merged_into_id).where(called, Interlocutor.merged_into_id.is_not(None))
    return or_(called, Interlocutor.id.in_(merged))


def _in_post(word: str) -> Any:
    like = f"%{escaped(word)}%"
    posts = (
        select(PostTerm.person_id)
        .join(Post, Post.id == PostTerm.post_id)
        .where(
            or_(
                Post.title_en.ilike(like, escape="\\"),
                Post.title_fr.ilike(like, escape="\\"),
                Post.title_es.ilike(like, escape="\\"),
            )
        )
    )
    return or_(
        Interlocutor.title.ilike(like, escape="\\"),
        Interlocutor.ministry.ilike(like, escape="\\"),
        Interlocutor.id.in_(posts),
    )


def _lines(rows: Sequence[Any]) -> list[PersonLine]:
    """With what is thought of them, their posts today and the last meeting, in four statements; none for nobody."""
    if not rows:
        return []
    viewer, today = access.viewer(), access.today()
    kept = [row[0].id for row in rows]
    also: Mapping[UUID, UUID] = {one.id: one.merged_into_id or one.id for one in merged_into(kept)}
    everybody = [*kept, *also]
    stances, posts, met = defaultdict(list), defaultdict(list), dict[UUID, date]()
    for line in stances_of(everybody):
        stances[also.get(line.person_id, line.person_id)].append(line)
    for term in terms_of(everybody):
        if holds_on(term, today):
            posts[term.person_id].append(f"{term.title_en} (acting)" if term.acting else term.title_en)
    for key, day in records().last_met(everybody).items():
        owner = also.get(key, key)
        met[owner] = max(day, met.get(owner, day))
    found = []
    for person, party, *_ in rows:
        stance = newest_stance(stances[person.id])
        found.append(
            PersonLine(
                person.id, person.state_iso3, person.name, person.title, person.ministry, person.level, party or "",
                person.originator_id == viewer.party_id, person.handling, person.sample, tuple(posts[person.id]),
                stance.stance if stance else None, met.get(person.id),
            )
        )  # fmt: skip
    return found


def person_lines(keys: Collection[UUID]) -> list[PersonLine]:
    """Single people as lines, as far as the viewer may see them."""
    asked = people_asked()
    return _lines(db.session.execute(asked.ordered().where(Interlocutor.id.in_(list(keys)))).all())


def people_of_state(state_iso3: str, most: int) -> list[PersonLine]:
    """The people known of a State, so many at most."""
    asked = people_asked(state_iso3=state_iso3)
    return _lines(db.session.execute(asked.ordered().limit(most)).all())


def owners_of_people(state_iso3: str) -> set[UUID]:
    """The parties that keep people met, posts or what they think of somebody of a State, as far as the viewer may see
    them.
    """
    kept = (Interlocutor, Post, StanceClaim)
    asked = [select(one.originator_id).where(one.state_iso3 == state_iso3) for one in kept]
    return set(db.session.scalars(union(*asked)))


def writers_of_people(state_iso3: str) -> set[UUID]:
    """Who recorded people met of a State, as far as the viewer may see them."""
    wanted = select(Interlocutor.recorded_by_id).where(
        Interlocutor.state_iso3 == state_iso3, Interlocutor.recorded_by_id.is_not(None)
    )
    return set(db.session.scalars(wanted.distinct()))
