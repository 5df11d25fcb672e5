"""Record what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from crm.accounts.models import User
from crm.activities.events import ActivityRecorded
from crm.activities.models import Activity, ActivityObstacle, ActivityPerson, ActivityState
from crm.activities.rules import Level, Paper, Status
from crm.activities.types import activity_type
from crm.audit.service import Event, record
from crm.core import clock, days, events
from crm.core.access import Handling, Viewer
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.positions.rules import Basis, ObstacleType
from crm.positions.service import claim_obstacle
from crm.states.queries import register


@dataclass(frozen=True)
class ObstacleHeard:
    """An obstacle that came up: type, finer kind ("" for none), and how it is known."""

    type: ObstacleType
    subtype: str
    basis: Basis


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
    obstacle: str = "",
    obstacle_subtype: str = "",
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
    sample: bool = False,
) -> Activity:
    """Write down one approach to one State, as reported; announces ActivityRecorded.

    Raises NotAllowed without `activities:create`, RuleViolation naming the field that is wrong.
    """
    actor.require("activities:create")
    activity_type(kind)
    _check_state(state_iso3, held_on)
    heard = _obstacle_heard(obstacle, obstacle_subtype, obstacle_basis)
    owner_id = _next_action_owner(actor, next_action, next_action_due, next_action_owner_id, held_on)
    if actor.party_id is None:
        raise RuleViolation("", "Only somebody who belongs to a party can record an activity.")
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
        officer_comment=officer_comment,
        next_action=next_action,
        next_action_due=next_action_due,
        next_action_owner_id=owner_id,
        recorded_by_id=actor.user_id,
        originator_id=actor.party_id,
        handling=handling.value,
        sample=sample,
    )
    activity.states = [ActivityState(state_iso3=state_iso3, held_on=held_on)]
    activity.people = [ActivityPerson(name=person_name, title=person_title, level=person_level.value)]
    db.session.add(activity)
    db.session.flush()
    if heard:
        _link_obstacle(activity, state_iso3, heard)
    record(
        Event.ACTIVITY_RECORDED,
        actor=actor,
        subject=("activity", activity.id),
        handling=handling,
        kind=kind,
        state=state_iso3,
        held_on=held_on.isoformat(),
    )
    events.emit(ActivityRecorded(activity.id))
    return activity


def _check_state(state_iso3: str, held_on: date) -> None:
    """A State that is known, on a day on which it was one.

    States without a date of their own are counted from the day the treaty opened; they existed before it.
    """
    known = register()
    state = known.states.get(state_iso3)
    if state is None:
        raise RuleViolation("state_iso3", "There is no State with this code.")
    if held_on < state.counted_since and state.counted_since > known.treaty.opened_on:
        since = days.in_words(state.counted_since)
        raise RuleViolation("held_on", f"{known.name(state_iso3, held_on)} is counted as a State only from {since}.")


def _obstacle_heard(obstacle: str, subtype: str, basis: Basis) -> ObstacleHeard | None:
    if not obstacle:
        if subtype:
            raise RuleViolation("obstacle", "Choose the obstacle as well.")
        return None
    return ObstacleHeard(ObstacleType(obstacle), subtype, basis)


def _link_obstacle(activity: Activity, state_iso3: str, heard: ObstacleHeard) -> None:
    claim = claim_obstacle(
        state_iso3=state_iso3,
        type=heard.type,
        subtype=heard.subtype,
        basis=heard.basis,
        claimed_on=activity.held_on,
        originator_id=activity.originator_id,
        handling=Handling(activity.handling),
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
