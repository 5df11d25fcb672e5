"""What the brief of a State is made of, as far as its reader may see it: a constant number of statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crm.accounts.models import Party
from crm.activities.models import Activity, ActivityObstacle, ActivityState
from crm.activities.nearby import Contact
from crm.activities.queries import party_told
from crm.activities.rules import HAPPENED
from crm.briefs.content import Source
from crm.core.access import Handling, Viewer
from crm.core.db import db
from crm.core.visibility import Attribution, derived_handling
from crm.followups.panel import Promise
from crm.letters.models import Letter, LetterCampaign
from crm.letters.progress import LetterState
from crm.positions.models import ObstacleClaim

CONTACTS, LETTERS = 5, 4


@dataclass(frozen=True)
class Met:
    """A contact with the party whose record it is ("" where that is not told)."""

    activity: Activity
    party: str
    own: bool = False

    @property
    def source(self) -> Source:
        """The record of it, of which the reply stands on a brief whole."""
        hides = self.own and bool(self.activity.people) and self.activity.attribution != Attribution.FULL
        return replace(of_activity(self.activity), whole=True, names_people=hides)


@dataclass(frozen=True)
class Origin:
    """The activity in which an obstacle came up."""

    kind: str
    held_on: date
    precision: str
    source: Source


def of_activity(one: Any) -> Source:
    """An activity of which no more is told than a list says; where its attribution hides the State, what names it
    stays with its own party.
    """
    handling = derived_handling(Handling(one.handling), Attribution(one.attribution))
    return Source("activity", one.id, one.originator_id, handling, one.marks, whole=False)


def of_contact(one: Contact) -> Source:
    """The record of somebody else's contact: its day and kind are told, and who went as far as the reader may know."""
    told = bool(one.person)
    return Source("activity", one.id, one.originator_id, one.handling, one.marks, whole=False, names_people=told)


def of_promise(one: Promise) -> Source:
    """A follow-up, whose words are told whole."""
    return Source("follow_up", one.id, one.originator_id, Handling(one.handling), one.marks)


def of_claim(one: ObstacleClaim, origins: Mapping[UUID, Origin]) -> tuple[Source, ...]:
    """A claim about an obstacle, and the activity in which it came up."""
    claim = Source("obstacle_claim", one.id, one.originator_id, Handling(one.handling), whole=bool(one.other))
    return (claim, origins[one.id].source) if one.id in origins else (claim,)


def of_letter(one: Any) -> Source:
    """A letter, of which its head is told."""
    return Source("letter", one.id, one.originator_id, Handling(one.handling), whole=False)


def contacts(state_iso3: str, viewer: Viewer) -> list[Met]:
    """The last contacts, newest first, with the people whom the viewer may know."""
    wanted: Any = select(Activity, party_told(viewer).label("party"))
    wanted = (
        wanted.join(ActivityState, ActivityState.activity_id == Activity.id)
        .outerjoin(Party, Party.id == Activity.originator_id)
        .where(ActivityState.state_iso3 == state_iso3, Activity.status.in_(sorted(HAPPENED)))
        .order_by(ActivityState.held_on.desc(), ActivityState.activity_id)
        .limit(CONTACTS)
        .options(selectinload(Activity.people))
    )
    return [
        Met(activity, party, activity.originator_id == viewer.party_id)
        for activity, party in db.session.execute(wanted)
    ]


def came_up_in(claims: Collection[ObstacleClaim]) -> dict[UUID, Origin]:
    """By claim, the activity in which it came up, as far as the viewer may see it."""
    wanted: Any = select(
        ActivityObstacle.claim_id, Activity.id, Activity.kind, Activity.held_on, Activity.precision,
        Activity.originator_id, Activity.handling, Activity.attribution, Activity.marks,
    )  # fmt: skip
    wanted = (
        wanted.select_from(ActivityObstacle)
        .join(Activity, Activity.id == ActivityObstacle.activity_id)
        .where(ActivityObstacle.claim_id.in_([one.id for one in claims]))
    )
    rows = db.session.execute(wanted)
    return {row.claim_id: Origin(row.kind, row.held_on, row.precision, of_activity(row)) for row in rows}


def letters(state_iso3: str) -> Sequence[Any]:
    """The last letters that were drafted to a State, newest first."""
    wanted = (
        select(
            Letter.id, Letter.reference, Letter.verb, Letter.addressee, LetterCampaign.letter_date,
            LetterCampaign.name, LetterCampaign.handling, LetterCampaign.originator_id,
        )
        .join(LetterCampaign, LetterCampaign.id == Letter.campaign_id)
        .where(Letter.state_iso3 == state_iso3, Letter.state == LetterState.DRAFTED.value)
        .order_by(LetterCampaign.letter_date.desc(), Letter.reference)
        .limit(LETTERS)
    )  # fmt: skip
    return db.session.execute(wanted).all()
