"""The plans of a world, where States stand in them, and which of them the rule shows."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crm.activities.models import Activity
from crm.core.access import Viewer
from crm.core.visibility import may_see
from crm.followups.cadence.models import Cadence
from crm.followups.plans.models import Plan, PlanReply, PlanRun, PlanRunStep, PlanStart, PlanStep
from tests.support.silent import DAY, shows_cadence

if TYPE_CHECKING:
    from tests.support.worlds import World

PLANNED = (Cadence, Plan, PlanStep, PlanStart, PlanRun, PlanRunStep, PlanReply)


def plans(world: World, party: UUID, follow_up: UUID, iso3: str, number: int) -> None:
    """A plan of a party that runs in a State, with the step that a follow-up is and a reply that it heard of."""
    plan = world.add(Plan, party_id=party, name=f"Plan {number}")
    world.add(
        PlanStep, plan_id=plan, plan_version=1, number=1, what="Call", after=1, unit="weeks", who="runner"
    )  # fmt: skip
    start = world.add(PlanStart, plan_id=plan, party_id=party)
    run = world.add(
        PlanRun, plan_id=plan, plan_version=1, start_id=start, party_id=party, state_iso3=iso3, began_on=DAY, due_on=DAY
    )
    world.add(PlanRunStep, run_id=run, number=1, followup_id=follow_up)
    reply = Random(number).choice(world.rows[Activity])["id"]
    world.add(PlanReply, run_id=run, activity_id=reply, stopped=True)


def shows_planned(world: World, viewer: Viewer, model: type[Any], row: dict[str, Any]) -> bool:
    """What is of one's own party, a part with its whole, and of a State only where one works on it."""
    if model is Cadence:
        return shows_cadence(viewer, row)
    if model in (PlanRunStep, PlanReply):
        run = next(one for one in world.rows[PlanRun] if one["id"] == row["run_id"])
        heard = model is PlanRunStep or may_see(viewer, world.records[row["activity_id"]])
        return heard and shows_planned(world, viewer, PlanRun, run)
    if model is PlanStep:
        row = next(one for one in world.rows[Plan] if one["id"] == row["plan_id"])
    ours = viewer.user_id is not None and viewer.party_id == row["party_id"]
    iso3 = row.get("state_iso3")
    return ours and (iso3 is None or (viewer.works_on(iso3) and iso3 not in viewer.closed))
