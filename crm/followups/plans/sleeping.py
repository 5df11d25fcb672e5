"""The follow-up of a step while its plan is held: nobody is reminded of it, and its day stays as far away as it was."""

from __future__ import annotations

from datetime import date

from crm.core import clock
from crm.core.access import SYSTEM
from crm.followups import service
from crm.followups.changing import changed, remind_afresh
from crm.followups.models import FollowUp
from crm.followups.reminding.planning import look_again
from crm.followups.rules import LONGEST_SLEEP, Change, Due

ASLEEP = "Its plan is held. Nobody is reminded, and its day stays as far away as it is, until the plan goes on."
AWAKE = "Its plan goes on."


def put_to_sleep(follow_up: FollowUp) -> None:
    """Nobody is reminded of it any more. The words are the same whatever holds the plan."""
    follow_up.again_at = clock.now() + LONGEST_SLEEP
    look_again(follow_up)
    changed(SYSTEM, follow_up, Change.LATER, note=ASLEEP, after=follow_up.again_at.isoformat())


def keep_away(follow_up: FollowUp, due_on: date) -> None:
    """Let its day not come nearer while it sleeps; one that somebody chose later stays."""
    if follow_up.due_on >= due_on:
        return
    due = Due(due_on, follow_up.due_at_local, follow_up.zone)
    follow_up.due_on, follow_up.due_at = due.on, due.moment
    follow_up.again_at = clock.now() + LONGEST_SLEEP


def wake(follow_up: FollowUp, due_on: date) -> None:
    """To be done by this day, and reminded of again."""
    if follow_up.due_on == due_on:
        remind_afresh(follow_up)
        changed(SYSTEM, follow_up, Change.LATER, note=AWAKE, after=clock.now().isoformat())
    else:
        service.move(actor=SYSTEM, followup_id=follow_up.id, due_on=due_on, note=AWAKE, taking_back=True)
