"""Posts that are no office of the list, and who holds them when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.audit import subjects
from crm.audit.changes import set_values
from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import Handling, Viewer, claim_for_real
from crm.core.days import in_words, span
from crm.core.db import db, expect_version, held, locked, unless_taken
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.visibility import narrowest
from crm.people.met import queries, reach
from crm.people.met.models import Interlocutor, Post, PostTerm
from crm.people.met.service import may_change, own_person
from crm.people.rules import EARLIEST, clash, ended_by_successor
from crm.states.rules import fold

_TAKEN = "Your party has a post of this title for the State already."


@dataclass(frozen=True)
class _Wanted:
    """A term as asked for, before it is a record."""

    from_on: date
    until_on: date | None
    acting: bool
    sample: bool


def fill_post(
    *,
    actor: Viewer,
    person_id: UUID,
    post_title: str,
    from_on: date,
    until_on: date | None = None,
    acting: bool = False,
    ends_predecessor: bool = True,
    sample: bool = False,
) -> PostTerm:
    """Write down that somebody holds a post, found by its title or made; then it is as open as the person's record and
    follows what that came out of.

    Raises NotFound, NotAllowed, RuleViolation naming the field when two people would hold it at once.
    """
    person = own_person(actor, person_id)
    if person.merged_into_id:
        raise RuleViolation("", "This record is merged. Open the person kept.")
    wanted = _Wanted(from_on, until_on, acting, sample)
    _check(wanted)
    post = _post(actor, person, post_title, sample=sample)
    others = _terms(post)
    leaving = ended_by_successor(wanted, [one for one in others if one.acting == acting]) if ends_predecessor else []
    met = clash(wanted, [one for one in others if one not in leaving])
    if met:
        raise RuleViolation("from_on", f"Somebody is recorded in this post {span(met.from_on, met.until_on)} already.")
    for one in leaving:
        _end(actor, post, one, from_on)
    term = PostTerm(
        post_id=post.id, person_id=person.id, from_on=from_on, until_on=until_on, acting=acting, sample=sample
    )
    db.session.add(term)
    db.session.flush()
    _audit_term(Event.POST_FILLED, actor, post, person, from_on=from_on.isoformat(), acting=acting)
    return term


def _check(wanted: _Wanted) -> None:
    if wanted.from_on < EARLIEST:
        raise RuleViolation("from_on", f"This day is before {EARLIEST.year}. Please check the year.")
    if wanted.from_on.year > clock.today().year + 2:
        raise RuleViolation("from_on", "This day is more than two years away. Please check the year.")
    if wanted.until_on and wanted.until_on <= wanted.from_on:
        raise RuleViolation("until_on", "The term must end after its first day.")


def _post(actor: Viewer, person: Interlocutor, title: str, *, sample: bool) -> Post:
    """The post of this title, in whichever language it is known, held; made where there is none.

    One that came out of nothing goes first.
    """
    own = (Post.state_iso3 == person.state_iso3, Post.originator_id == person.originator_id)
    known = db.session.scalars(held(select(Post).where(*own).order_by(Post.source_id.is_not(None), Post.id)))
    found = next((one for one in known if fold(title) in (one.sought, fold(one.title_fr), fold(one.title_es))), None)
    if found:
        claim_for_real(found, actor)
        return found
    post = Post(
        state_iso3=person.state_iso3,
        title_en=title,
        ministry=person.ministry,
        sought=fold(title),
        source_id=person.source_id,
        handling=person.handling,
        originator_id=person.originator_id,
        sample=sample,
    )
    with unless_taken("post_title", _TAKEN):
        db.session.add(post)
    _audit(Event.POST_RECORDED, actor, post)
    return post


def _terms(post: Post) -> list[PostTerm]:
    return list(
        db.session.scalars(select(PostTerm).where(PostTerm.post_id == post.id).order_by(PostTerm.from_on, PostTerm.id))
    )


def correct_post(
    *,
    actor: Viewer,
    post_id: UUID,
    version: int,
    title_en: str,
    title_fr: str = "",
    title_es: str = "",
    ministry: str = "",
    handling: Handling | None = None,
) -> Post:
    """Set the titles of a post of one's own party. Who may see it stays as it is where that is left out, and may become
    narrower.

    Raises NotFound, NotAllowed, Stale, RuleViolation, for what is wider, too.
    """
    post = _own(actor, post_id, version)
    before, now = Handling(post.handling), reach.corrected(post, handling)
    values = {"title_en": title_en, "title_fr": title_fr, "title_es": title_es, "ministry": ministry}
    values["sought"] = fold(title_en)
    with unless_taken("title_en", _TAKEN):
        changed = set_values(post, values)
        post.handling = now.value
    changed.pop("sought", None)
    reach.enter(actor, ("post", post.id), post, before)
    if changed:
        _audit(Event.POST_CORRECTED, actor, post, changes=changed, values_for=narrowest([before, now]))
    return post


def leave_post(*, actor: Viewer, post_id: UUID, term: str, until_on: date) -> PostTerm:
    """Say on which day somebody left a post; from then on it is vacant unless somebody else is recorded.

    Raises NotFound, NotAllowed, RuleViolation for a term that is over or had not begun.
    """
    post = _own(actor, post_id)
    found = next((one for one in _terms(post) if str(one.id) == term), None)
    if found is None or found.until_on is not None:
        raise RuleViolation("term", "Choose somebody who is in the post.")
    _end(actor, post, found, until_on)
    db.session.flush()
    return found


def _end(actor: Viewer, post: Post, term: PostTerm, until_on: date) -> None:
    if until_on <= term.from_on:
        raise RuleViolation("until_on", f"The term began on {in_words(term.from_on)}; it must end later.")
    term.until_on = until_on
    claim_for_real(term, actor)
    person = queries.get_person(term.person_id)
    _audit_term(Event.POST_LEFT, actor, post, person, until_on=until_on.isoformat())


def _own(actor: Viewer, post_id: UUID, version: int | None = None) -> Post:
    actor.require("people:write")
    post = locked(Post, post_id)
    if post is None:
        raise NotFound("no such post")
    if not may_change(actor, post):
        raise NotAllowed("a post recorded by another party")
    expect_version(post, version)
    claim_for_real(post, actor)
    return post


def _audit(event: Event, actor: Viewer, post: Post, **more: Any) -> None:
    record(
        event,
        actor=actor,
        subject=("post", post.id),
        originator_id=post.originator_id,
        **{"handling": Handling(post.handling), **more},
    )


def _audit_term(event: Event, actor: Viewer, post: Post, person: Interlocutor, **facts: Any) -> None:
    """A term is seen by whoever sees post and person; so is its entry."""
    _audit(
        event,
        actor,
        post,
        handling=narrowest([Handling(post.handling), Handling(person.handling)]),
        state=subjects.states_of(("post", post.id), ("interlocutor", person.id)),
        **facts,
    )


def open_terms(post_id: UUID) -> list[tuple[str, str]]:
    """Who is in a post without an end, as choices of a form."""
    return [(str(one.id), one.name) for one in queries.terms_in([post_id]) if one.until_on is None]
