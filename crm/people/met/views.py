"""Pages about people met and about posts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for

from crm.audit import reading
from crm.core import access, doors
from crm.core.access import handling_in_words
from crm.core.display import day
from crm.core.errors import NotAllowed
from crm.core.forms import Form
from crm.core.lists import count_in_words, counted, page_of
from crm.core.routes import keeps_draft, requires
from crm.people.forms import KIND_LABELS
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
from crm.people.met.likeness import alike
from crm.people.met.listing import LISTING, post_in_words
from crm.people.met.models import Interlocutor, Post
from crm.people.met.person import Whole, choices_of_records, likest, whole
from crm.people.met.rules import STANCE_LABELS, STANCE_LOOKS, in_one_line
from crm.people.queries import holder_values
from crm.people.rules import holder_among, level_in_words
from crm.states.queries import register, states_of

pages = Blueprint("met", __name__)

KEPT_UNSEEN = (
    "Saved. It is kept for those who read about this State, as far as you let it travel, and does not stand in your "
    "own lists."
)


@pages.get("/people/met")
@requires("activities:read")
def index() -> Any:
    """Everybody met, by name."""
    form = LISTING.filters(request.args)
    wanted = form.wanted()
    asked = LISTING.question(form, False)
    return render_template(
        "people/met/index.html",
        form=form,
        page=page_of(asked, cursor=request.args.get("after")),
        counted=count_in_words(counted(asked), LISTING.one, LISTING.many),
        columns=form.shown_columns(),
        listing=LISTING,
        filtered=any(value for name, value in wanted.items() if name != "sort"),
        state=wanted["state_iso3"],
        post_in_words=post_in_words,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "stance_labels": STANCE_LABELS,
        "stance_looks": STANCE_LOOKS,
        "level_in_words": level_in_words,
        "handling_in_words": handling_in_words,
        "name": partial(register().name, on=access.today()),
    }


@pages.route("/people/met/new", methods=["GET", "POST"])
@keeps_draft("person")
@requires("people:write")
def new() -> Any:
    """Record somebody."""
    viewer = access.viewer()
    form = RecordPersonForm(**{key: request.args[key] for key in ("state_iso3",) if key in request.args})
    form.offer(states_of(viewer))
    sent = doors.submit(form, partial(service.record_person, actor=viewer))
    if sent.done and form.state_iso3.data in viewer.closed:
        return doors.said(KEPT_UNSEEN, url_for("met.index"))
    if sent.done:
        return doors.said(f"{sent.answer.name} is recorded.", url_for("met.show", person_id=sent.answer.id))
    asked = sent.status == 422 and form.name.data and form.state_iso3.data
    found = alike(form.name.data, known.known_in(form.state_iso3.data)) if asked else []
    return render_template("people/met/new.html", form=form, alike=found, in_one_line=in_one_line), sent.status


@pages.get("/people/met/<uuid:person_id>")
@requires("activities:read", opens="interlocutor")
def show(person_id: UUID) -> Any:
    """Somebody met: posts over time, what is thought of them, the records of meetings."""
    person = queries.get_person(person_id)
    if person.merged_into_id:
        return redirect(url_for("met.show", person_id=person.merged_into_id), 303)
    return render_template("people/met/show.html", **_person(whole(person)))


def _person(found: Whole) -> dict[str, Any]:
    reading.shows(found.judged)
    return {"whole": found, "person": found.person, "kind_labels": KIND_LABELS, **_words()}


def _changed(
    person_id: UUID,
    form: Form,
    verb: Callable[..., Any],
    template: str,
    said: str,
    reread: Callable[[], Any] | None = None,
    **more: Any,
) -> Any:
    """One form about somebody of one's own: shown, sent, or to be mended."""
    person = queries.get_person(person_id)
    sent = doors.submit(form, partial(verb, actor=access.viewer(), person_id=person_id), reread)
    if sent.done:
        return doors.said(said, url_for("met.show", person_id=person_id))
    page = render_template(template, form=form, person=person, theirs=sent.theirs, **more, **_words())
    return page, sent.status


def _own(person_id: UUID) -> Interlocutor:
    """Somebody whose record is the viewer's to change; raises NotFound, NotAllowed."""
    person = queries.get_person(person_id)
    if not service.may_change(access.viewer(), person):
        raise NotAllowed("a person recorded by another party")
    return person


@pages.route("/people/met/<uuid:person_id>/edit", methods=["GET", "POST"])
@keeps_draft("person_correction")
@requires("people:write", opens="interlocutor")
def edit(person_id: UUID) -> Any:
    """Set right what is recorded of somebody."""
    person = _own(person_id)
    form = CorrectPersonForm(handling=person.handling)
    form.offer(person.handling, holders_to_link(person))
    if not form.is_submitted() and not form.begun:
        form.show(person)
    return _changed(
        person_id,
        form,
        service.correct_person,
        "people/met/edit.html",
        "The record is corrected.",
        partial(queries.get_person, person_id),
    )


def holders_to_link(person: Interlocutor) -> list[tuple[str, str]]:
    """The office-holders of their State, as choices."""
    found = {one.id: one for one in known.holders_today(person.state_iso3)}
    if person.holder_id and person.holder_id not in found:
        found |= {one.id: one for one in holder_values([person.holder_id])}
    return [(str(one.id), f"{KIND_LABELS[one.kind]}: {one.name}") for one in found.values()]


@pages.route("/people/met/<uuid:person_id>/stance", methods=["GET", "POST"])
@keeps_draft("stance")
@requires("people:write", opens="interlocutor")
def stance(person_id: UUID) -> Any:
    """Say where somebody stands."""
    person = queries.get_person(person_id)
    form = StanceForm()
    form.offer(choices_of_records(person))
    return _changed(
        person_id, form, service.state_stance, "people/met/stance.html", "Noted. What was thought before stays."
    )


@pages.route("/people/met/<uuid:person_id>/post", methods=["GET", "POST"])
@requires("people:write", opens="interlocutor")
def fill_post(person_id: UUID) -> Any:
    """Say which post somebody holds."""
    person = _own(person_id)
    known = [one.title_en for one in queries.posts_of_state(person.state_iso3)]
    form = FillPostForm()
    if not form.is_submitted() and not form.post_title.data:
        form.accept("post_title", person.title)
    return _changed(person_id, form, posting.fill_post, "people/met/post_of.html", "The post is recorded.", known=known)


@pages.route("/people/met/<uuid:person_id>/merge", methods=["GET", "POST"])
@requires("people:write", opens="interlocutor")
def merge(person_id: UUID) -> Any:
    """Say that another record is of the same person."""
    person = _own(person_id)
    form = MergeForm()
    form.offer(likest(person))
    if not form.is_submitted() and request.args.get("other"):
        form.accept("other_id", request.args["other"])
    viewer = access.viewer()
    sent = doors.submit(form, partial(merging.merge, actor=viewer, person_id=person_id))
    if sent.done:
        undo = url_for("met.undo_merge", person_id=sent.answer.gone_id)
        message = {"text": "The two are one person now.", "undo_href": undo}
        return doors.said(message, url_for("met.show", person_id=person_id))
    return render_template("people/met/merge.html", form=form, person=person, **_words()), sent.status


@pages.post("/people/met/<uuid:person_id>/undo-merge")
@requires("people:write", opens="interlocutor")
def undo_merge(person_id: UUID) -> Any:
    """Tell somebody apart again from the person they were merged into."""
    person: Interlocutor = doors.act(merging.undo, actor=access.viewer(), person_id=person_id)
    return doors.said("They are two people again.", url_for("met.show", person_id=person.id))


@pages.get("/people/posts/<uuid:post_id>")
@requires("activities:read", opens="post")
def post(post_id: UUID) -> Any:
    """One post: its titles, who holds it, who held it."""
    found = queries.get_post(post_id)
    return render_template("people/met/post.html", **_post(found))


def _post(found: Post) -> dict[str, Any]:
    terms = queries.terms_in([found.id])
    viewer = access.viewer()
    return {
        "post": found,
        "terms": terms,
        "holder": holder_among(terms, access.today()),
        "vacant": not queries.filled([found.id], access.today()),
        "open_terms": [one for one in terms if one.until_on is None],
        "party": queries.party_of(found.originator_id),
        "may_change": service.may_change(viewer, found),
        "today": access.today(),
        "day": day,
        **_words(),
    }


def _own_post(post_id: UUID) -> Post:
    found = queries.get_post(post_id)
    if not service.may_change(access.viewer(), found):
        raise NotAllowed("a post recorded by another party")
    return found


@pages.route("/people/posts/<uuid:post_id>/edit", methods=["GET", "POST"])
@requires("people:write", opens="post")
def edit_post(post_id: UUID) -> Any:
    """The titles of a post, and who may see it."""
    found = _own_post(post_id)
    form = PostForm(handling=found.handling)
    form.offer(found.handling)
    if not form.is_submitted():
        form.show(found)
    sent = doors.submit(
        form,
        partial(posting.correct_post, actor=access.viewer(), post_id=post_id),
        partial(queries.get_post, post_id),
    )
    if sent.done:
        return doors.said("The post is corrected.", url_for("met.post", post_id=post_id))
    page = render_template("people/met/edit_post.html", form=form, post=found, theirs=sent.theirs, **_words())
    return page, sent.status


@pages.route("/people/posts/<uuid:post_id>/leave", methods=["GET", "POST"])
@requires("people:write", opens="post")
def leave_post(post_id: UUID) -> Any:
    """Say that somebody left a post."""
    found = _own_post(post_id)
    form = LeavePostForm()
    form.offer(posting.open_terms(post_id))
    sent = doors.submit(form, partial(posting.leave_post, actor=access.viewer(), post_id=post_id))
    if sent.done:
        return doors.said("The term has an end.", url_for("met.post", post_id=post_id))
    return render_template("people/met/leave.html", form=form, post=found, **_words()), sent.status
