"""Write down what stands in the way."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select

from crm.core.access import Handling
from crm.core.db import db, held
from crm.core.errors import RuleViolation
from crm.core.visibility import narrowest
from crm.positions.models import ObstacleClaim
from crm.positions.rules import OBSTACLES, Basis, ObstacleType


def claim_obstacle(
    *,
    state_iso3: str,
    type: ObstacleType,
    subtype: str,
    basis: Basis,
    claimed_on: date,
    originator_id: UUID,
    handling: Handling,
    other: str = "",
    sample: bool = False,
) -> ObstacleClaim:
    """Add a claim; raises RuleViolation when the finer kind, or what is said of another one, does not belong to it."""
    if other and type is not ObstacleType.OTHER:
        raise RuleViolation("obstacle_other", "Choose “Other” as the obstacle, or leave this empty.")
    if subtype and subtype not in OBSTACLES[type].subtypes:
        raise RuleViolation("obstacle_subtype", "This kind does not belong to the chosen obstacle.")
    claim = ObstacleClaim(
        state_iso3=state_iso3,
        type=type.value,
        subtype=subtype,
        other=other,
        basis=basis.value,
        claimed_on=claimed_on,
        originator_id=originator_id,
        handling=handling.value,
        sample=sample,
    )
    db.session.add(claim)
    db.session.flush()
    return claim


def narrow_claims(claim_ids: Collection[UUID], handling: Handling) -> None:
    """Let these claims travel no further than this; narrower ones stay as they are. Its caller looks as the
    system.
    """
    wanted = select(ObstacleClaim).where(ObstacleClaim.id.in_(claim_ids)).order_by(ObstacleClaim.id)
    for claim in db.session.scalars(held(wanted)):
        claim.handling = narrowest([Handling(claim.handling), handling]).value
    db.session.flush()


def withdraw_claims(claim_ids: Collection[UUID]) -> None:
    """Take claims away with the record that they came out of, when that is undone."""
    gone = delete(ObstacleClaim).where(ObstacleClaim.id.in_(list(claim_ids)))
    db.session.execute(gone.execution_options(synchronize_session=False))
