"""Record what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from crm.accounts.models import User
from crm.activities.events import ActivityRecorded
from crm.activities.models import Activity, ActivityComment, ActivityObstacle, ActivityPerson, ActivityState
from crm.activities.rules import Level, Paper, Status
from crm.activities.types import activity_type
from crm.audit.service import Event, record
from crm.core import ceiling, clock, days, events
from crm.core.access import Handling, Viewer, writing_about
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.core.visibility import Attribution, derived_handling
from crm.positions.rules import Basis, ObstacleType
from crm.positions.service import claim_obstacle
from crm.states.queries import register

NOT_YOURS = "This State is not among those you work on. Your administrator keeps the list."


KEPT_UNSEEN = "Saved. It is kept for those who read about this State, and does not stand in your own lists."
"""What somebody is told who wrote about a State that is closed to them."""


@dataclass(frozen=True)
class ObstacleHeard:
    """An obstacle that came up: type, finer kind ("" for none), how it is known, and what another one is."""

    type: ObstacleType
    subtype: str
    basis: Basis
    other: str = ""


def record_activity(
    *,
    actor: Viewer,
    kind: str,
    state_iso3: str,
    held_on: date,
    person_name: str,
    reply: str,
    person_title: str = "",
    person_level: Level = Level.OTHER,
    person_level_other: str = "",
    obstacle: str = "",
    obstacle_subtype: str = "",
    obstacle_other: str = "",
    obstacle_basis: Basis = Basis.STATED,
    next_action: str = "",
    next_action_due: date | None = None,
    next_action_owner_id: str = "",
    place: str = "",
    occasion: str = "",
    paper_left: Paper = Paper.NONE,
    paper_refused: bool = False,
    officer_comment: str = "",
    handling: Handling = Handling.COORDINATION,
    attribution: Attribution = Attribution.STATE_NOT_PERSON,
    marks: str = "",
    report_ref: str = "",
    sample: bool = False,
) -> Activity:
    """Write down one approach to one State, as reported; announces ActivityRecorded.

    Raises NotAllowed without `activities:create`, RuleViolation naming the field that is wrong.
    """
    party_id = _recording_party(actor, kind, state_iso3, held_on)
    ceiling.check(handling, marks)
    heard = _obstacle_heard(obstacle, obstacle_subtype, obstacle_basis, obstacle_other)
    owner_id = _next_action_owner(actor, next_action, next_action_due, next_action_owner_id, held_on)
    activity = Activity(
        kind=kind,
        status=Status.REPORTED.value,
        held_on=held_on,
        place=place,
        occasion=occasion,
        delivered_by=actor.name,
        paper_left=paper_left.value,
        paper_accepted=None if paper_left is Paper.NONE else not paper_refused,
        reply=reply,
        attribution=attribution.value,
        marks=marks,
        report_ref=report_ref,
        next_action=next_action,
        next_action_due=next_action_due,
        next_action_owner_id=owner_id,
        recorded_by_id=actor.user_id,
        originator_id=party_id,
        handling=handling.value,
        sample=sample,
    )
    activity.people = [_person(person_name, person_title, person_level, person_level_other)]
    if officer_comment:
        activity.comment = ActivityComment(text=officer_comment)
    with writing_about(state_iso3, actor):
        _keep(activity, state_iso3)
        if heard:
            _link_obstacle(activity, state_iso3, heard)
        _announce(actor, activity, state_iso3)
    return activity


def record_reference(
    *,
    actor: Viewer,
    kind: str,
    state_iso3: str,
    held_on: date,
    report_ref: str,
    marks: str = "",
    handling: Handling = Handling.ORIGINATOR,
    sample: bool = False,
) -> Activity:
    """Write down that something happened and where its report lies, and nothing of what was said.

    For what may not be kept here: above the ceiling of the installation, or because its party wants it so.
    Raises as `record_activity` does.
    """
    party_id = _recording_party(actor, kind, state_iso3, held_on)
    activity = Activity(
        kind=kind,
        status=Status.REPORTED.value,
        held_on=held_on,
        delivered_by=actor.name,
        marks=marks,
        report_ref=report_ref,
        recorded_by_id=actor.user_id,
        originator_id=party_id,
        handling=handling.value,
        sample=sample,
    )
    with writing_about(state_iso3, actor):
        _keep(activity, state_iso3)
        _announce(actor, activity, state_iso3)
    return activity


def _recording_party(actor: Viewer, kind: str, state_iso3: str, held_on: date) -> UUID:
    """The party for which an approach to this State on this day is written down; raises as `record_activity` does."""
    actor.require("activities:create")
    activity_type(kind)
    _check_state(actor, state_iso3, held_on)
    if actor.party_id is None:
        raise RuleViolation("", "Only somebody who belongs to a party can record an activity.")
    return actor.party_id


def _keep(activity: Activity, state_iso3: str) -> None:
    """The one State of an approach carries its day, too: pages of a State read it there."""
    activity.states = [ActivityState(state_iso3=state_iso3, held_on=activity.held_on)]
    db.session.add(activity)
    db.session.flush()


def _announce(actor: Viewer, activity: Activity, state_iso3: str) -> None:
    record(
        Event.ACTIVITY_RECORDED,
        actor=actor,
        subject=("activity", activity.id),
        handling=Handling(activity.handling),
        kind=activity.kind,
        state=state_iso3,
        held_on=activity.held_on.isoformat(),
    )
    events.emit(ActivityRecorded(activity.id))


def _check_state(actor: Viewer, state_iso3: str, held_on: date) -> None:
    """A State that is known, on a day on which it was one.

    States without a date of their own are counted from the day the treaty opened; they existed before it.
    """
    known = register()
    state = known.states.get(state_iso3)
    if state is None:
        raise RuleViolation("state_iso3", "There is no State with this code.")
    if not actor.works_on(state_iso3):
        raise RuleViolation("state_iso3", NOT_YOURS)
    if held_on < state.counted_since and state.counted_since > known.treaty.opened_on:
        since = days.in_words(state.counted_since)
        raise RuleViolation("held_on", f"{known.name(state_iso3, held_on)} is counted as a State only from {since}.")


def _person(name: str, title: str, level: Level, other: str) -> ActivityPerson:
    if other and level is not Level.OTHER:
        raise RuleViolation("person_level_other", "Choose “Other” as the level, or leave this empty.")
    return ActivityPerson(name=name, title=title, level=level.value, level_other=other)


def _obstacle_heard(obstacle: str, subtype: str, basis: Basis, other: str) -> ObstacleHeard | None:
    if not obstacle:
        if subtype or other:
            raise RuleViolation("obstacle", "Choose the obstacle as well.")
        return None
    return ObstacleHeard(ObstacleType(obstacle), subtype, basis, other)


def _link_obstacle(activity: Activity, state_iso3: str, heard: ObstacleHeard) -> None:
    claim = claim_obstacle(
        state_iso3=state_iso3,
        type=heard.type,
        subtype=heard.subtype,
        basis=heard.basis,
        other=heard.other,
        claimed_on=activity.held_on,
        originator_id=activity.originator_id,
        handling=derived_handling(Handling(activity.handling), Attribution(activity.attribution)),
        sample=activity.sample,
    )
    db.session.add(ActivityObstacle(activity_id=activity.id, claim_id=claim.id))


def _next_action_owner(actor: Viewer, what: str, due: date | None, owner_id: str, held_on: date) -> UUID | None:
    """Who does the next action (the actor unless somebody else is named); None when there is none."""
    if not what:
        if due:
            raise RuleViolation("next_action", "Say what is to be done by that day, or remove the day.")
        return None
    if due is None:
        raise RuleViolation("next_action_due", "Give the day by which this is to be done.")
    if due < held_on:
        raise RuleViolation("next_action_due", "This day is before the visit itself.")
    if problem := days.too_far(due, clock.today(actor.time_zone)):
        raise RuleViolation("next_action_due", problem)
    if not owner_id:
        return actor.user_id
    owner = db.session.get(User, UUID(owner_id))
    if owner is None or not owner.active:
        raise RuleViolation("next_action_owner_id", "Choose somebody from the list.")
    return owner.id
