"""The JSON door to people met and posts: the same forms, the same verbs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, url_for

from crm.audit import reading
from crm.core import access, doors
from crm.core.errors import NotAllowed
from crm.core.lists import page_of
from crm.core.routes import requires
from crm.people.met import known, merging, posting, queries, service
from crm.people.met.forms import (
    CorrectPersonForm,
    FillPostForm,
    LeavePostForm,
    MergeForm,
    PostForm,
    RecordPersonForm,
    StanceForm,
)
from crm.people.met.known import Known
from crm.people.met.likeness import alike, beginning
from crm.people.met.listing import LISTING
from crm.people.met.models import Interlocutor, Post
from crm.people.met.person import choices_of_records, likest, whole
from crm.people.met.queries import PersonLine, Term
from crm.people.met.views import KEPT_UNSEEN, holders_to_link
from crm.people.rules import holder_among
from crm.states.queries import register, states_of

api = Blueprint("met_api", __name__, url_prefix="/api/v1")


def _line(line: PersonLine) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "state": line.state_iso3,
        "name": line.name,
        "title": line.title,
        "ministry": line.ministry,
        "level": line.level,
        "posts": list(line.posts),
        "stance": line.stance.value if line.stance else None,
        "last_met": line.last_met.isoformat() if line.last_met else None,
        "party": line.party,
        "handling": line.handling,
        "sample": line.sample,
    }


def _term(term: Term) -> dict[str, Any]:
    return {
        "id": str(term.id),
        "post": str(term.post_id),
        "title": term.title_en,
        "person": str(term.person_id),
        "name": term.name,
        "from_on": term.from_on.isoformat(),
        "until_on": term.until_on.isoformat() if term.until_on else None,
        "acting": term.acting,
    }


def _whole(person: Interlocutor) -> dict[str, Any]:
    """Somebody as JSON, as far as the viewer may see."""
    found = whole(person)
    reading.shows(found.judged)
    plain = ("name", "title", "ministry", "level", "note", "handling", "sample", "version")
    return {
        "id": str(person.id),
        "state": person.state_iso3,
        **{name: getattr(person, name) for name in plain},
        "party": found.party,
        "merged_into": str(person.merged_into_id) if person.merged_into_id else None,
        "holder": str(found.holder.id) if found.holder else None,
        "posts": [_term(one) for one in found.terms],
        "stances": [
            {
                "stance": one.stance.value, "why": one.why, "claimed_on": one.claimed_on.isoformat(),
                "source": str(one.source_id) if one.source_id else None, "party": one.party, "handling": one.handling,
            }
            for one in found.stances
        ],
        "meetings": [
            {"activity": str(one.activity_id), "held_on": one.held_on.isoformat(), "precision": one.precision,
             "what": one.what, "as_then": one.as_then}
            for one in found.meetings
        ],
        "also_recorded_as": [
            {"id": str(one.person_id), "name": one.name, "can_be_undone": one.undoable} for one in found.merged
        ],
        "may_be_the_same": [{"id": str(one.id), "name": one.name} for one in found.suggested],
    }  # fmt: skip


def _known(one: Known) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "also": list(one.names[1:]),
        "title": one.title,
        "ministry": one.ministry,
        "level": one.level,
        "office": one.office,
        "href": None if one.office else url_for("met.show", person_id=one.id),
    }


@api.get("/people")
@requires("activities:read")
def index() -> Any:
    """A page of people met, by name; `after` is the cursor that the page before gave."""
    asked = LISTING.question(LISTING.read(request.args), False)
    page = page_of(asked, cursor=request.args.get("after"))
    return jsonify({"items": [_line(line) for line in page.items], "next": page.next_cursor})


@api.get("/people/known")
@requires("activities:read")
def known_people() -> Any:
    """Whom `q` may mean among the people known of the State `state`; with `same=1` those of a like name alone."""
    state = register().state(request.args.get("state", "").upper())
    text = request.args.get("q", "")[:200]
    found = known.known_in(state.iso3)
    matches = alike(text, found) if request.args.get("same") else beginning(text, found)
    return jsonify({"state": state.iso3, "items": [_known(one.somebody) for one in matches]})


@api.post("/people")
@requires("people:write")
def create() -> Any:
    """Record somebody; 201 with the whole record, 422 with every error."""
    viewer = access.viewer()
    states = states_of(viewer)
    made: UUID | None = doors.submit_json(
        RecordPersonForm, partial(_key_of, viewer), prepare=lambda form: form.offer(states)
    )
    if made is None:
        return jsonify({"kept": KEPT_UNSEEN}), 201
    return doors.created(_whole(queries.get_person(made)), url_for("met_api.show", person_id=made))


def _key_of(viewer: access.Viewer, **command: Any) -> UUID | None:
    """The key of what was recorded, unless its State is closed to whoever wrote it."""
    made = service.record_person(actor=viewer, **command)
    return None if command["state_iso3"] in viewer.closed else made.id


@api.get("/people/<uuid:person_id>")
@requires("activities:read", opens="interlocutor")
def show(person_id: UUID) -> Any:
    """Somebody met, with posts, what is thought of them, and the records of meetings."""
    return jsonify(_whole(queries.get_person(person_id)))


def _own(person_id: UUID) -> Interlocutor:
    person = queries.get_person(person_id)
    if not service.may_change(access.viewer(), person):
        raise NotAllowed("a person recorded by another party")
    return person


@api.put("/people/<uuid:person_id>")
@requires("people:write", opens="interlocutor")
def correct(person_id: UUID) -> Any:
    """Set a record as it should be; what is left out becomes empty, but who may see it stays as it was, and may be
    narrower. 409 when `version` is old.
    """
    person = _own(person_id)
    holders, handling = holders_to_link(person), person.handling
    doors.submit_json(
        CorrectPersonForm,
        partial(service.correct_person, actor=access.viewer(), person_id=person_id),
        prepare=lambda form: form.offer(handling, holders),
        handling=handling,
    )
    return jsonify(_whole(queries.get_person(person_id)))


@api.post("/people/<uuid:person_id>/stances")
@requires("people:write", opens="interlocutor")
def stance(person_id: UUID) -> Any:
    """Say where somebody stands; what was said before stays."""
    records = choices_of_records(queries.get_person(person_id))
    doors.submit_json(
        StanceForm,
        partial(service.state_stance, actor=access.viewer(), person_id=person_id),
        prepare=lambda form: form.offer(records),
    )
    return jsonify(_whole(queries.get_person(person_id)))


@api.post("/people/<uuid:person_id>/posts")
@requires("people:write", opens="interlocutor")
def fill_post(person_id: UUID) -> Any:
    """Say which post somebody holds."""
    _own(person_id)
    doors.submit_json(FillPostForm, partial(posting.fill_post, actor=access.viewer(), person_id=person_id))
    return jsonify(_whole(queries.get_person(person_id)))


@api.post("/people/<uuid:person_id>/merge")
@requires("people:write", opens="interlocutor")
def merge(person_id: UUID) -> Any:
    """Keep this person, and read with them all that hangs on `other_id`."""
    others = likest(_own(person_id))
    doors.submit_json(
        MergeForm,
        partial(merging.merge, actor=access.viewer(), person_id=person_id),
        prepare=lambda form: form.offer(others),
    )
    return jsonify(_whole(queries.get_person(person_id)))


@api.post("/people/<uuid:person_id>/undo-merge")
@requires("people:write", opens="interlocutor")
def undo_merge(person_id: UUID) -> Any:
    """Tell somebody who was merged apart again; the body is an empty object."""
    _own(person_id)
    doors.submit_json(doors.ActionForm, partial(merging.undo, actor=access.viewer(), person_id=person_id))
    return jsonify(_whole(queries.get_person(person_id)))


def _post(post: Post) -> dict[str, Any]:
    terms = queries.terms_in([post.id])
    plain = ("title_en", "title_fr", "title_es", "ministry", "handling", "sample", "version")
    return {
        "id": str(post.id),
        "state": post.state_iso3,
        **{name: getattr(post, name) for name in plain},
        "vacant": _vacant(post, terms),
        "terms": [_term(one) for one in terms],
    }


def _vacant(post: Post, terms: Sequence[Term]) -> bool | None:
    """Null where somebody holds it whom the viewer may not see: nothing is said of them."""
    today = access.today()
    if holder_among(terms, today):
        return False
    return None if queries.filled([post.id], today) else True


@api.get("/posts/<uuid:post_id>")
@requires("activities:read", opens="post")
def post(post_id: UUID) -> Any:
    """One post with everybody in it."""
    return jsonify(_post(queries.get_post(post_id)))


def _own_post(post_id: UUID) -> Post:
    found = queries.get_post(post_id)
    if not service.may_change(access.viewer(), found):
        raise NotAllowed("a post recorded by another party")
    return found


@api.put("/posts/<uuid:post_id>")
@requires("people:write", opens="post")
def correct_post(post_id: UUID) -> Any:
    """Set the titles of a post. Who may see it stays as it was where that is left out, and may be narrower. 409 when
    `version` is old.
    """
    handling = _own_post(post_id).handling
    doors.submit_json(
        PostForm,
        partial(posting.correct_post, actor=access.viewer(), post_id=post_id),
        prepare=lambda form: form.offer(handling),
        handling=handling,
    )
    return jsonify(_post(queries.get_post(post_id)))


@api.post("/posts/<uuid:post_id>/leave")
@requires("people:write", opens="post")
def leave_post(post_id: UUID) -> Any:
    """Say on which day somebody left a post."""
    _own_post(post_id)
    terms = posting.open_terms(post_id)
    doors.submit_json(
        LeavePostForm,
        partial(posting.leave_post, actor=access.viewer(), post_id=post_id),
        prepare=lambda form: form.offer(terms),
    )
    return jsonify(_post(queries.get_post(post_id)))
