"""The cadences of a world and what they raised, and which of them the rule shows."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crm.core.access import Viewer
from crm.followups.cadence.models import Cadence, SilenceTask
from crm.followups.models import FollowUpChange
from tests.support.viewers import STATES

if TYPE_CHECKING:
    from tests.support.worlds import World

DAY = date(2026, 1, 1)


def silences(world: World, party: UUID, follow_up: UUID, iso3: str, number: int) -> None:
    """A cadence of a party, about one State or about many, the silence that raised a follow-up and a change of that."""
    about = Random(number).choice([None, *STATES])
    world.add(
        Cadence, party_id=party, scope="state", subject=str(number), days=90, since=DAY, state_iso3=about
    )  # fmt: skip
    counted = DAY + timedelta(days=number)
    task = world.add(
        SilenceTask, followup_id=follow_up, party_id=party, state_iso3=iso3, raised_on=DAY, counted_from=counted
    )
    change = world.add(FollowUpChange, followup_id=follow_up, kind="moved", by="A")
    world.parents |= {task: follow_up, change: follow_up}


def shows_cadence(viewer: Viewer, row: dict[str, Any]) -> bool:
    """One of one's own party, but none about a State that is closed to the viewer."""
    ours = viewer.user_id is not None and viewer.party_id == row["party_id"]
    return ours and row["state_iso3"] not in viewer.closed
