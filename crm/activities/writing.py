"""How what is told of an approach becomes rows, what may not be written down, and what follows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from crm.accounts.models import Mission, User
from crm.activities import whom
from crm.activities.events import ActivityRecorded
from crm.activities.models import Activity, ActivityComment, ActivityObstacle, ActivityPerson, ActivityState
from crm.activities.report import Occasion, Report
from crm.activities.rules import AHEAD, Level, Paper, Status
from crm.activities.types import ActivityType, activity_type
from crm.audit.changes import Changes, set_values
from crm.audit.service import Event, note_unseen, record
from crm.core import ceiling, clock, days, events
from crm.core.access import Handling, Viewer, looking_as, writing_about
from crm.core.db import db, move_version
from crm.core.errors import RuleViolation
from crm.core.visibility import Attribution, derived_handling
from crm.positions.rules import Basis, ObstacleType
from crm.positions.service import claim_obstacle
from crm.states.queries import register

NOT_YOURS = "This State is not among those you work on. Your administrator keeps the list."

KEPT_UNSEEN = (
    "Saved. It is kept for those who read about this State, as far as you let it travel, and does not stand in your "
    "own lists. That you wrote about it the coordinators among them learn in any case."
)
"""What somebody is told who wrote about a State that is closed to them."""


LIFT_FIRST = "Who reads about {} is restricted, so it stays with this record. Lift the restriction first."


@dataclass(frozen=True)
class ObstacleHeard:
    """An obstacle that came up: type, finer kind ("" for none), how it is known, and what another one is."""

    type: ObstacleType
    subtype: str
    basis: Basis
    other: str = ""


def writing_party(actor: Viewer, told: Occasion, *, content: bool = True) -> UUID:
    """The party for which this approach is written down; without `content` it is a reference alone.

    Raises NotAllowed without `activities:create`, RuleViolation naming the field that is wrong.
    """
    actor.require("activities:create")
    kind = activity_type(told.kind)
    if told.further_states and not kind.several_states:
        raise RuleViolation("further_states", f"“{kind.label}” is kept for one State. Write one entry for each.")
    for iso3 in told.states:
        _check_state(actor, iso3, told.held_on, "state_iso3" if iso3 == told.state_iso3 else "further_states")
    _check_details(kind, told)
    if content:
        ceiling.check(told.handling, told.marks)
    if actor.party_id is None:
        raise RuleViolation("", "Only somebody who belongs to a party can record an activity.")
    return actor.party_id


@contextmanager
def about(told: Occasion, actor: Viewer) -> Iterator[None]:
    """Keep inside the block what is told, even where one of its States is closed to the actor; that is noted."""
    with writing_about(next((iso3 for iso3 in told.states if iso3 in actor.closed), told.state_iso3), actor):
        yield
    note_unseen(actor=actor, states=told.states)


def put(actor: Viewer, activity: Activity, told: Occasion) -> Changes:
    """Set what a form tells of an approach; answers what each field held before and holds now."""
    _keep_what_is_restricted(actor, activity, told)
    is_new = activity.version is None
    changes = set_values(activity, {**_columns(told), **_deliverer(actor, activity, told)})
    parts = _put_states(activity, told)
    if told.person_name or told.person_level_other or activity.people:
        parts |= _put_person(activity, told)
    commented = isinstance(told, Report) and _put_comment(activity, told.officer_comment)
    if parts or commented:
        move_version(activity)
    db.session.add(activity)
    db.session.flush()
    if activity.people and whom.link(actor, activity, told) and not is_new:
        move_version(activity)
        db.session.flush()
    return changes | parts


def _keep_what_is_restricted(actor: Viewer, activity: Activity, told: Occasion) -> None:
    """Refuse that a restricted State leaves a record: all whom the handling reaches would read it from then on.

    Whoever sees the record is named for every restricted State of it.
    """
    gone = {one.state_iso3 for one in activity.states} - set(told.states)
    if lost := sorted(gone & actor.named):
        field = "further_states" if told.state_iso3 in {one.state_iso3 for one in activity.states} else "state_iso3"
        raise RuleViolation(field, LIFT_FIRST.format(", ".join(register().name_today(one) for one in lost)))


def _columns(told: Occasion) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": told.kind,
        "held_on": told.precision.first_day(told.held_on),
        "precision": told.precision.value,
        "place": told.place,
        "occasion": told.occasion,
        "objective": told.objective,
        "extras": dict(told.details),
        "handling": told.handling.value,
        "attribution": told.attribution.value,
        "marks": told.marks,
        "report_ref": told.report_ref,
    }
    if isinstance(told, Report):
        if told.paper_refused and told.paper_left is Paper.NONE:
            raise RuleViolation("paper_refused", "Say what you wanted to leave with them, or take this tick away.")
        found["reply"] = told.reply
        found["paper_left"] = told.paper_left.value
        found["paper_accepted"] = None if told.paper_left is Paper.NONE else not told.paper_refused
    return found


def _deliverer(actor: Viewer, activity: Activity, told: Occasion) -> dict[str, str]:
    """Who goes, or went, as they are called now."""
    name, title = told.delivered_by, told.delivered_by_title
    if name is None:
        known, their_title = deliverer(actor, activity) if isinstance(told, Report) else _named(activity)
        name, title = known, title or their_title
    return {"delivered_by": name, "delivered_by_title": title}


def deliverer(actor: Viewer, activity: Activity) -> tuple[str, str]:
    """Name and title of who delivered what has happened: whoever tells so, where nobody was named before."""
    return _named(activity) if activity.delivered_by else (actor.name, actor.title)


def _named(activity: Activity) -> tuple[str, str]:
    return activity.delivered_by or "", activity.delivered_by_title or ""


def _put_states(activity: Activity, told: Occasion) -> dict[str, tuple[Any, Any]]:
    """A part for each State."""
    known = {one.state_iso3: one for one in activity.states}
    before = sorted(known)
    activity.states = [known.get(iso3) or ActivityState(state_iso3=iso3) for iso3 in told.states]
    repeat(activity)
    after = sorted(told.states)
    return {"states": (before, after)} if before and before != after else {}


def repeat(activity: Activity) -> None:
    """Repeat the day, and whether it is still to come, with each State: pages of a State ask there."""
    for one in activity.states:
        one.held_on, one.ahead = activity.held_on, activity.status in AHEAD


def _put_person(activity: Activity, told: Occasion) -> dict[str, tuple[Any, Any]]:
    """The person met, as they were on the day."""
    if told.person_level_other and told.person_level is not Level.OTHER:
        raise RuleViolation("person_level_other", "Choose “Other” as the level, or leave this empty.")
    if not told.person_name:
        gone = activity.people[0].name
        activity.people = []
        return {"person_name": (gone, "")}
    values = {
        "name": told.person_name,
        "title": told.person_title,
        "ministry": told.person_ministry,
        "level": told.person_level.value,
        "level_other": told.person_level_other,
    }
    if not activity.people:
        activity.people = [ActivityPerson(**values)]
        return {"person_name": ("", told.person_name)}
    changed = set_values(activity.people[0], values)
    return {f"person_{name}": both for name, both in changed.items()}


def _put_comment(activity: Activity, text: str) -> bool:
    """The officer's own view has a rule of its own, so it stands in no list of changes; whether it is another now."""
    before = activity.comment.text if activity.comment else ""
    if activity.comment and text:
        activity.comment.text = text
    else:
        activity.comment = ActivityComment(text=text) if text else None
    return before != text


def _check_state(actor: Viewer, state_iso3: str, held_on: date, field: str) -> None:
    """A State that is known, on a day on which it was one.

    States without a date of their own are counted from the day the treaty opened; they existed before it.
    """
    known = register()
    state = known.states.get(state_iso3)
    if state is None:
        raise RuleViolation(field, "There is no State with this code.")
    if not actor.works_on(state_iso3):
        raise RuleViolation(field, NOT_YOURS if field == "state_iso3" else f"{state.names['en']}: {NOT_YOURS}")
    if held_on < state.counted_since and state.counted_since > known.treaty.opened_on:
        since = days.in_words(state.counted_since)
        raise RuleViolation("held_on", f"{known.name(state_iso3, held_on)} is counted as a State only from {since}.")


def _check_details(kind: ActivityType, told: Occasion) -> None:
    """Answers to what this kind asks, and to nothing else; a report has those that it cannot do without."""
    asked = {one.key: one for one in kind.details}
    for key, answer in told.details.items():
        if key not in asked:
            raise RuleViolation(key, f"“{kind.label}” does not ask this. Leave it empty, or choose the other kind.")
        if problem := asked[key].problem(answer):
            raise RuleViolation(key, problem)
    for detail in kind.details:
        if isinstance(told, Report) and detail.missing and not told.details.get(detail.key):
            raise RuleViolation(detail.key, detail.missing)


def _obstacle_heard(told: Report) -> ObstacleHeard | None:
    """The obstacle that came up; raises RuleViolation("obstacle") for a finer kind of none."""
    if told.obstacle:
        return ObstacleHeard(
            ObstacleType(told.obstacle), told.obstacle_subtype, told.obstacle_basis, told.obstacle_other
        )
    if told.obstacle_subtype or told.obstacle_other:
        raise RuleViolation("obstacle", "Choose the obstacle as well.")
    return None


def _link_obstacle(activity: Activity, heard: ObstacleHeard) -> None:
    """Keep what was heard as a claim about each State concerned, which travels no further than its source."""
    for part in activity.states:
        claim = claim_obstacle(
            state_iso3=part.state_iso3,
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


def _put_next_action(actor: Viewer, activity: Activity, told: Report) -> None:
    """Who does what next until when (the actor unless a person or a mission is named)."""
    owner = _next_action_owner(actor, told)
    activity.next_action = told.next_action
    activity.next_action_due = told.next_action_due
    activity.next_action_owner_id = owner if not isinstance(owner, Mission) else None
    activity.next_action_mission_id = owner.id if isinstance(owner, Mission) else None


def _next_action_owner(actor: Viewer, told: Report) -> UUID | Mission | None:
    due, owner_id = told.next_action_due, told.next_action_owner_id
    if not told.next_action:
        if due:
            raise RuleViolation("next_action", "Say what is to be done by that day, or remove the day.")
        return None
    if due is None:
        raise RuleViolation("next_action_due", "Give the day by which this is to be done.")
    if due < told.held_on:
        raise RuleViolation("next_action_due", "This day is before the visit itself.")
    if problem := days.too_far(due, clock.today(actor.time_zone)):
        raise RuleViolation("next_action_due", problem)
    if not owner_id:
        return actor.user_id
    with looking_as(actor):
        owner = db.session.get(User, UUID(owner_id))
        mission = None if owner else db.session.get(Mission, UUID(owner_id))
    if mission:
        return mission
    if owner is None or not owner.active:
        raise RuleViolation("next_action_owner_id", "Choose somebody from the list.")
    return owner.id


def begin(
    actor: Viewer,
    told: Occasion,
    status: Status,
    *,
    sample: bool,
    content: bool = True,
    mission_id: UUID | None = None,
    round_id: UUID | None = None,
) -> Activity:
    """The rows of an approach that is new; without `content`, of a reference; with `round_id`, as one of several.

    `mission_id`: the mission that goes, where it is not the actor's own.
    """
    activity = Activity(
        status=status.value,
        recorded_by_id=actor.user_id,
        mission_id=mission_id or actor.mission_id,
        originator_id=writing_party(actor, told, content=content),
        round_id=round_id,
        sample=sample,
    )
    put(actor, activity, told)
    return activity


def follow(actor: Viewer, activity: Activity, report: Report, *, before: Collection[str] = ()) -> None:
    """What follows from a report: the obstacle as a claim, the next action, the entry of the audit, the news.

    `before`: the States that its plan concerned.
    """
    heard = _obstacle_heard(report)
    _put_next_action(actor, activity, report)
    if heard:
        _link_obstacle(activity, heard)
    db.session.flush()
    announce(actor, activity, before=before)


def announce(actor: Viewer, activity: Activity, *, before: Collection[str] = ()) -> None:
    """An entry in the audit, and ActivityRecorded."""
    audit(Event.ACTIVITY_RECORDED, actor, activity, before=before)
    events.emit(ActivityRecorded(activity.id, actor.closed))


def audit(
    event: Event,
    actor: Viewer,
    activity: Activity,
    *,
    handling: Handling | None = None,
    before: Collection[str] = (),
    **more: Any,
) -> None:
    """Enter into the audit what happened to an activity, for those for whom it is or, with `handling`, for fewer.

    `before`: the States that it concerned until then; the entry is closed to whom one of those is closed.
    """
    record(
        event,
        actor=actor,
        subject=("activity", activity.id),
        originator_id=activity.originator_id,
        handling=handling or Handling(activity.handling),
        kind=activity.kind,
        state=" ".join(sorted({*before, *(one.state_iso3 for one in activity.states)})),
        held_on=activity.held_on.isoformat(),
        **more,
    )
