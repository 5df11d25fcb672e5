"""Verbs of the follow-ups. Each is part of a unit of work that its caller opens."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.activities.events import ActivityRecorded
from crm.activities.models import Activity, ActivityState
from crm.activities.source import Source, source
from crm.activities.writing import NOT_YOURS
from crm.audit.service import Event, note_unseen, record
from crm.core import ceiling, clock, events
from crm.core.access import SYSTEM, Handling, Viewer, looking_as, writing_about
from crm.core.db import db, expect_version, locked
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.visibility import Attribution, derived_handling, narrowest
from crm.followups import days_off, queries, rules
from crm.followups.changing import changed, remind_afresh, set_due
from crm.followups.charging import Owner, name_of_owner, owner_of
from crm.followups.events import FollowUpTurned
from crm.followups.models import FollowUp, FollowUpChange
from crm.followups.reminding.planning import look_again
from crm.followups.rules import MORNING, Change, Due, Status
from crm.states.models import State


def open_follow_up(
    *,
    actor: Viewer,
    what: str,
    state_iso3: str,
    due_on: date,
    due_time: time = MORNING,
    owner_id: UUID | None = None,
    handling: Handling = Handling.COORDINATION,
    activity_id: UUID | None = None,
    promised: bool = False,
    judged: bool = False,
    sample: bool = False,
) -> FollowUp:
    """Charge a person or a mission (the actor when nobody is named) with an action; the due moment is in their zone.
    `promised`: the State promised it, and they ask for it. `judged`: a verb made its handling narrow by itself; see
    `core.ceiling`.

    Raises NotAllowed without `followups:write`, RuleViolation naming the field that is wrong.
    """
    actor.require("followups:write")
    if actor.party_id is None:
        raise RuleViolation("", "Only somebody who belongs to a party can open a follow-up.")
    problem = rules.due_day_problem(due_on, clock.today(actor.time_zone))
    if problem:
        raise RuleViolation("due_on", problem)
    if db.session.scalar(select(State.iso3).where(State.iso3 == state_iso3)) is None:
        raise RuleViolation("state_iso3", "There is no State with this code.")
    if not actor.works_on(state_iso3):
        raise RuleViolation("state_iso3", NOT_YOURS)
    if not judged:
        ceiling.check(handling)
    behind = source(activity_id) if activity_id else None
    follow_up = FollowUp(
        what=what,
        promised=promised,
        state_iso3=state_iso3,
        activity_id=activity_id,
        originator_id=actor.party_id,
        handling=(behind.handling if behind and judged else handling).value,
        opened_by=actor.name,
        sample=sample,
    )
    follow_up.narrow(narrowest([handling, behind.of_state] if behind else [handling]))
    with writing_about(state_iso3, actor):
        _open(actor, follow_up, owner_id or actor.user_id, due_on, due_time, closed=actor.closed)
    note_unseen(actor=actor, states=[state_iso3])
    return follow_up


def open_from_activity(event: ActivityRecorded) -> None:
    """An activity's next action becomes a follow-up of whoever was charged with it.

    Raises RuleViolation("next_action_owner_id") when that person could not open it. Looks as the system: the actor
    may not see whoever is charged.
    """
    with looking_as(SYSTEM):
        activity = db.session.get_one(Activity, event.activity_id)
        if not activity.next_action or activity.next_action_due is None:
            return
        recorder = db.session.get(User, activity.recorded_by_id) if activity.recorded_by_id else None
        state_iso3 = db.session.scalars(
            select(ActivityState.state_iso3)
            .where(ActivityState.activity_id == activity.id)
            .order_by(ActivityState.state_iso3)
            .limit(1)
        ).one()
        actor = viewer_of(recorder) if recorder else SYSTEM
        follow_up = FollowUp(
            what=activity.next_action,
            state_iso3=state_iso3,
            activity_id=activity.id,
            originator_id=activity.originator_id,
            handling=activity.handling,
            opened_by=actor.name,
            sample=activity.sample,
        )
        follow_up.narrow(derived_handling(Handling(activity.handling), Attribution(activity.attribution)))
        owner_id = activity.next_action_owner_id or activity.next_action_mission_id or activity.recorded_by_id
        try:
            closed = actor.closed | event.closed
            _open(actor, follow_up, owner_id, activity.next_action_due, MORNING, closed=closed, now=actor)
        except RuleViolation as violation:
            raise RuleViolation("next_action_owner_id", str(violation)) from None


def open_for(actor: Viewer, follow_up: FollowUp, owner_id: UUID, due_on: date) -> FollowUp:
    """Charge a person with what a lower floor asks for; who that is and what they may see has been judged."""
    return _open(actor, follow_up, owner_id, due_on, MORNING, closed=actor.closed)


def _open(
    actor: Viewer,
    follow_up: FollowUp,
    owner_id: UUID | None,
    due_on: date,
    at: time,
    *,
    closed: frozenset[str],
    now: Viewer | None = None,
) -> FollowUp:
    """`closed`: the States of which whoever writes it now does not read. `now`: somebody as they are at this moment."""
    behind = queries.states_behind([follow_up.activity_id]).get(follow_up.activity_id, frozenset())
    unseen = bool({follow_up.state_iso3, *behind} & closed)
    owner = owner_of(owner_id, follow_up, behind, by=actor, unseen=unseen, now=now)
    _give(actor, follow_up, owner, due_on, at)
    db.session.add(follow_up)
    db.session.flush()
    _record(Event.FOLLOWUP_OPENED, actor, follow_up, due_on=due_on.isoformat())
    _to_working_day(actor, follow_up)
    return follow_up


def _give(actor: Viewer, follow_up: FollowUp, owner: Owner, due_on: date, at: time) -> None:
    """It is the owner's from now on, and due in their zone; they hear of it unless they gave it to themselves."""
    owner.charge(follow_up)
    set_due(follow_up, Due(due_on, at, owner.zone))
    follow_up.given_at = clock.now() if owner.person_id is None or owner.person_id != actor.user_id else None


def _to_working_day(actor: Viewer, follow_up: FollowUp) -> None:
    """From a day off to the next working day, where its owner wishes that, with why in its history."""
    off = days_off.about(follow_up) if days_off.moves_by_itself(follow_up) else None
    if off and off.instead:
        _moved_to(actor, follow_up, off.instead, None, f"Moved by itself, because of {off.because}.")


def _for_change(actor: Viewer, followup_id: UUID, version: int | None) -> FollowUp:
    """The follow-up, locked; raises NotAllowed, NotFound, and Stale when another version was read."""
    actor.require("followups:write")
    found = locked(FollowUp, followup_id)
    if found is None:
        raise NotFound("no such follow-up")
    if not queries.may_change(actor, found):
        raise NotAllowed("a follow-up of another party")
    expect_version(found, version)
    return found


def _must_be(follow_up: FollowUp, status: Status, message: str) -> None:
    if follow_up.status != status:
        raise RuleViolation("", message)


def _record(event: Event, actor: Viewer, follow_up: FollowUp, **details: Any) -> None:
    record(
        event,
        actor=actor,
        subject=("follow_up", follow_up.id),
        originator_id=follow_up.originator_id,
        handling=Handling(follow_up.handling),
        **details,
    )


def finish(
    *,
    actor: Viewer,
    followup_id: UUID,
    version: int | None = None,
    done_note: str = "",
    next_what: str = "",
    next_due_on: date | None = None,
    next_owner_id: UUID | None = None,
    judged: bool = False,
    by_button: bool = False,
) -> FollowUp | None:
    """Done. With `next_what` and `next_due_on` the next step is opened for the same State and returned; `judged` as in
    `open_follow_up`; `by_button`: by the button of a mail, without signing in.

    Finishing what is finished changes nothing, unless something else is said of it: that is Stale or refused, so that
    it is not lost. Raises RuleViolation, NotFound, NotAllowed, Stale.
    """
    if next_what:
        held_behind(followup_id)
    follow_up = _for_change(actor, followup_id, None)
    if follow_up.status == Status.DONE and not next_what and done_note in ("", follow_up.done_note):
        return None
    expect_version(follow_up, version)
    _must_be(follow_up, Status.OPEN, "This follow-up is closed already.")
    if bool(next_what) != (next_due_on is not None):
        missing = "next_due_on" if next_what else "next_what"
        raise RuleViolation(missing, "A next step needs both: what is to be done, and by when.")
    _close(follow_up, Status.DONE)
    follow_up.done_note = done_note
    changed(actor, follow_up, Change.DONE, note=done_note)
    _record(Event.FOLLOWUP_DONE, actor, follow_up, by_button=by_button)
    _turned(follow_up)
    if next_due_on is None:
        return None
    if not judged and not ceiling.ceiling().keeps(follow_up.chosen):
        raise RuleViolation("next_what", ceiling.TOO_NARROW)
    return _next_step(actor, follow_up, next_what, next_due_on, next_owner_id)


def _next_step(actor: Viewer, done: FollowUp, what: str, due_on: date, owner_id: UUID | None) -> FollowUp:
    problem = rules.due_day_problem(due_on, clock.today(actor.time_zone))
    if problem:
        raise RuleViolation("next_due_on", problem)
    follow_up = FollowUp(
        what=what,
        state_iso3=done.state_iso3,
        activity_id=done.activity_id,
        previous_id=done.id,
        originator_id=done.originator_id,
        handling=done.chosen.value,
        opened_by=actor.name,
        sample=done.sample,
    )
    follow_up.narrow(Handling(done.handling))
    try:
        who = owner_id or _whoever_did(actor, done)
        return _open(actor, follow_up, who, due_on, MORNING, closed=actor.closed)
    except RuleViolation as violation:
        raise RuleViolation("next_owner_id", str(violation)) from None


def held_behind(followup_id: UUID) -> Source | None:
    """The activity that a follow-up came out of, held before the follow-up is. Looks as the system: it may be narrower
    than what came out of it.
    """
    with looking_as(SYSTEM):
        activity_id = db.session.scalar(select(FollowUp.activity_id).where(FollowUp.id == followup_id))
        return source(activity_id) if activity_id else None


def _whoever_did(actor: Viewer, done: FollowUp) -> UUID | None:
    """Whoever owed it, or the actor who finished it where nobody is there any more."""
    return actor.user_id if queries.nobody_left([done]) else done.charged_id


def _close(follow_up: FollowUp, status: Status) -> None:
    follow_up.status, follow_up.done_at, follow_up.remind_at = status.value, clock.now(), None


def _turned(follow_up: FollowUp) -> None:
    db.session.flush()
    events.emit(FollowUpTurned(follow_up.id))


def cancel(*, actor: Viewer, followup_id: UUID, note: str = "", version: int | None = None) -> None:
    """No longer to be done; cancelling what is cancelled changes nothing, unless another reason is given: that is Stale
    or refused, so that it is not lost. Raises as `finish` does.
    """
    follow_up = _for_change(actor, followup_id, None)
    if follow_up.status == Status.CANCELLED and note in ("", _why_cancelled(follow_up)):
        return
    expect_version(follow_up, version)
    _must_be(follow_up, Status.OPEN, "This follow-up is closed already.")
    _close(follow_up, Status.CANCELLED)
    changed(actor, follow_up, Change.CANCELLED, note=note)
    _record(Event.FOLLOWUP_CANCELLED, actor, follow_up)
    _turned(follow_up)


def _why_cancelled(follow_up: FollowUp) -> str:
    told = select(FollowUpChange.note).where(
        FollowUpChange.followup_id == follow_up.id, FollowUpChange.kind == Change.CANCELLED.value
    )
    return db.session.scalars(told.order_by(FollowUpChange.at.desc()).limit(1)).first() or ""


def reopen(*, actor: Viewer, followup_id: UUID) -> None:
    """To be done after all; a reminder that was withdrawn goes out again. Reopening twice changes nothing."""
    follow_up = _for_change(actor, followup_id, None)
    if follow_up.status == Status.OPEN:
        return
    follow_up.status, follow_up.done_at, follow_up.done_note = Status.OPEN.value, None, ""
    remind_afresh(follow_up)
    changed(actor, follow_up, Change.REOPENED)
    _record(Event.FOLLOWUP_REOPENED, actor, follow_up)
    _turned(follow_up)


def move(
    *,
    actor: Viewer,
    followup_id: UUID,
    due_on: date,
    note: str,
    due_time: time | None = None,
    version: int | None = None,
    taking_back: bool = False,
) -> None:
    """Another due day, with the reason. A reminder of the former day that waits will not go out.

    `taking_back`: to the day on which it was due before a move, even if that has passed.
    """
    follow_up = _for_change(actor, followup_id, version)
    _must_be(follow_up, Status.OPEN, "Only an open follow-up can be moved. Reopen it first.")
    problem = rules.due_day_problem(due_on, clock.today(follow_up.zone))
    if problem and not taking_back:
        raise RuleViolation("due_on", problem)
    _moved_to(actor, follow_up, due_on, due_time, note)


def _moved_to(actor: Viewer, follow_up: FollowUp, due_on: date, due_time: time | None, note: str) -> None:
    before = follow_up.due_at
    set_due(follow_up, Due(due_on, due_time or follow_up.due_at_local, follow_up.zone))
    if follow_up.due_at == before:
        raise RuleViolation("due_on", "It is due then already.")
    changed(
        actor,
        follow_up,
        Change.MOVED,
        note=note,
        before=before.isoformat(),
        after=follow_up.due_at.isoformat(),
    )
    moved = (before.isoformat(), follow_up.due_at.isoformat())
    _record(Event.FOLLOWUP_MOVED, actor, follow_up, changes={"due_at": moved})


def remind_later(
    *, actor: Viewer, followup_id: UUID, until: date, version: int | None = None, by_button: bool = False
) -> None:
    """Its owner hears nothing of it until the morning of a day; its due day stays. What a mission owes is put off for
    everybody there, as it is done once for all of them. `by_button` as in `finish`.
    """
    follow_up = _for_change(actor, followup_id, version)
    if not rules.owes(actor, follow_up.owner_id, follow_up.owner_mission_id):
        raise NotAllowed("somebody else is reminded of it")
    _must_be(follow_up, Status.OPEN, "Only of an open follow-up can you be reminded.")
    if problem := rules.later_day_problem(until, clock.today(follow_up.zone)):
        raise RuleViolation("until", problem)
    follow_up.again_at = rules.to_utc(until, MORNING, follow_up.zone)
    look_again(follow_up)
    changed(actor, follow_up, Change.LATER, after=follow_up.again_at.isoformat())
    _record(Event.FOLLOWUP_REMINDED_LATER, actor, follow_up, until=until.isoformat(), by_button=by_button)


def reassign(*, actor: Viewer, followup_id: UUID, owner_id: UUID, note: str = "", version: int | None = None) -> None:
    """Charge somebody else, a person or a mission; the due time is from now on meant in their zone, and they are
    reminded.
    """
    follow_up = _for_change(actor, followup_id, version)
    _must_be(follow_up, Status.OPEN, "Only an open follow-up can be given to somebody else. Reopen it first.")
    former, former_id = name_of_owner(follow_up), follow_up.charged_id
    behind = queries.states_behind([follow_up.activity_id])
    owner = owner_of(owner_id, follow_up, behind.get(follow_up.activity_id, frozenset()), by=actor)
    if owner_id == former_id:
        raise RuleViolation("owner_id", f"{owner.name} owns it already.")
    _give(actor, follow_up, owner, follow_up.due_on, follow_up.due_at_local)
    changed(actor, follow_up, Change.REASSIGNED, note=note, before=former, after=owner.name)
    owners = (former, owner.name)
    _to_working_day(actor, follow_up)
    _record(Event.FOLLOWUP_REASSIGNED, actor, follow_up, changes={"owner": owners}, values_for=Handling.ORIGINATOR)
