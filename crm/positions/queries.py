"""Reading the obstacles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, not_, select

from crm.core.access import SYSTEM, Handling, looking_as, viewer
from crm.core.db import db
from crm.core.suppression import Table, suppressed
from crm.positions.models import ObstacleClaim
from crm.positions.rules import OBSTACLES, Basis, Obstacle
from crm.reach.queries import restricted_states
from crm.states.queries import register


@dataclass(frozen=True)
class ObstacleLine:
    """One type of obstacle and in how many States it was stated and inferred (as far as the viewer may see)."""

    obstacle: Obstacle
    stated: int
    inferred: int


def obstacle_lines() -> list[ObstacleLine]:
    """Every type in the order of the 2011 presentation, with the number of States."""
    rows = db.session.execute(
        select(ObstacleClaim.type, ObstacleClaim.basis, func.count(ObstacleClaim.state_iso3.distinct())).group_by(
            ObstacleClaim.type, ObstacleClaim.basis
        )
    )
    found = {(type_, basis): number for type_, basis, number in rows}
    return [
        ObstacleLine(
            obstacle,
            found.get((obstacle.type.value, Basis.STATED.value), 0),
            found.get((obstacle.type.value, Basis.INFERRED.value), 0),
        )
        for obstacle in OBSTACLES.values()
    ]


def claims_about(state_iso3: str) -> Sequence[ObstacleClaim]:
    """What was claimed about a State, newest first."""
    return db.session.scalars(
        select(ObstacleClaim)
        .where(ObstacleClaim.state_iso3 == state_iso3)
        .order_by(ObstacleClaim.claimed_on.desc(), ObstacleClaim.id)
        .limit(50)
    ).all()


def owners_of_claims(state_iso3: str) -> set[UUID]:
    """The parties that claim something about a State, as far as the viewer may see it."""
    return set(
        db.session.scalars(select(ObstacleClaim.originator_id).where(ObstacleClaim.state_iso3 == state_iso3).distinct())
    )


def neutral_figures() -> Table:
    """Types of obstacle × regions in numbers of States, over what all other parties recorded.

    What parties keep to themselves and restricted States stay out; figures over fewer than three States are
    suppressed with what would give them away. The asker's own claims do not count: whoever could add to a figure
    could find out, State by State, which of them are in it. Raises NotAllowed without `aggregates:read`. Counts as
    the system: figures go over what the asker may not read.
    """
    asker = viewer()
    asker.require("aggregates:read")
    restricted = sorted(restricted_states())
    with looking_as(SYSTEM):
        pairs = db.session.execute(
            select(ObstacleClaim.type, ObstacleClaim.state_iso3)
            .where(ObstacleClaim.handling != Handling.ORIGINATOR.value)
            .where(ObstacleClaim.originator_id.is_distinct_from(asker.party_id))
            .where(ObstacleClaim.state_iso3.not_in(restricted), not_(ObstacleClaim.came_out_of(restricted)))
            .distinct()
        ).all()
    known = register()
    regions = sorted({one.region for one in known.states.values()})
    counts = Counter((type_, known.state(iso3).region) for type_, iso3 in pairs)
    return suppressed(counts, [one.type.value for one in OBSTACLES.values()], regions)
