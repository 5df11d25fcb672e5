"""What surrounds the note of an activity, as far as its attribution lets a viewer know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from crm.accounts.models import Party
from crm.activities.details import Detail
from crm.activities.models import Activity, ActivityState
from crm.activities.queries import tells_party
from crm.activities.types import every_detail
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.visibility import HIDES_STATE, Attribution
from crm.states.queries import register


@dataclass(frozen=True)
class Particulars:
    """What surrounds the note of an activity and can name the State or its source, as far as one viewer is told.

    `party`: whose record it is, "" where that is kept from them. `instead_of_state`: what stands in the place of
    the State where that is kept from them, "" where it is not.
    """

    party: str = ""
    instead_of_state: str = ""
    place: str = ""
    occasion: str = ""
    delivered_by: str = ""
    delivered_by_title: str = ""
    marks: str = ""
    report_ref: str = ""
    objective: str = ""
    details: tuple[tuple[Detail, str], ...] = ()
    next_action: str = ""
    next_action_due: date | None = None


def particulars(activity: Activity, viewer: Viewer) -> Particulars:
    """What surrounds the note: all of it for its own party, and for others what the attribution lets them know."""
    own = viewer.is_system or activity.originator_id == viewer.party_id
    wanted = select(Party.name).where(Party.id == activity.originator_id)
    party = (db.session.scalar(wanted) or "") if own or tells_party(activity) else ""
    if not own and activity.attribution in HIDES_STATE:
        return Particulars(party=party, instead_of_state=_instead_of_state(activity))
    named = own or activity.attribution == Attribution.FULL
    return Particulars(
        party=party,
        place=activity.place,
        occasion=activity.occasion,
        delivered_by=activity.delivered_by if named else "",
        delivered_by_title=activity.delivered_by_title if named else "",
        marks=activity.marks,
        report_ref=activity.report_ref,
        objective=activity.objective,
        details=_details(activity, named=named),
        next_action=activity.next_action,
        next_action_due=activity.next_action_due,
    )


def _details(activity: Activity, *, named: bool) -> tuple[tuple[Detail, str], ...]:
    """What its kind asked and what was answered; `named`: also what names people."""
    asked = every_detail()
    return tuple(
        (asked[key], asked[key].in_words(value))
        for key, value in activity.extras.items()
        if key in asked and (named or not asked[key].names_people)
    )


def _instead_of_state(activity: Activity) -> str:
    if activity.attribution != Attribution.REGION_ONLY:
        return "A State that is not named"
    with looking_as(SYSTEM):
        codes = db.session.scalars(
            select(ActivityState.state_iso3).where(ActivityState.activity_id == activity.id)
        ).all()
    known = register()
    return "A State in " + " and ".join(sorted({known.state(iso3).region for iso3 in codes}))
