"""Who is charged with a follow-up."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.core.visibility import Record
from crm.followups import rules
from crm.followups.models import FollowUp


def owner_of(
    owner_id: UUID | None,
    follow_up: FollowUp,
    behind: frozenset[str],
    *,
    unseen: bool = False,
    now: Viewer | None = None,
) -> User:
    """Somebody with an account who could open the follow-up; raises RuleViolation("owner_id"). Looks as the system.

    `behind`: the States of its source. `unseen`: one of its States is closed to whoever writes; a refusal must not
    tell them so of anybody. `now`: somebody who need not be asked for again if they are the owner.
    """
    states = frozenset({follow_up.state_iso3})
    wanted = Record(follow_up.originator_id, Handling(follow_up.handling), states, sources=behind)
    with looking_as(SYSTEM):
        found = db.session.execute(
            select(User).where(User.id == owner_id).options(joinedload(User.party), joinedload(User.roles))
        )
        owner = found.unique().scalar_one_or_none()
        if owner is None or not owner.active:
            raise RuleViolation("owner_id", "Choose somebody from the list.")
        charged = now if now and now.user_id == owner.id else viewer_of(owner)
        if not rules.may_be_charged(replace(charged, closed=frozenset()) if unseen else charged, wanted):
            raise RuleViolation(
                "owner_id", f"{owner.name} may not see this. Choose a colleague or let more people see it."
            )
        return owner
