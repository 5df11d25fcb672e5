"""People met in the sample, their posts, and what is thought of them. All of them are invented."""

from __future__ import annotations

from datetime import date, timedelta

from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.people.met.posting import fill_post
from crm.people.met.rules import Stance
from crm.people.met.service import record_person, state_stance
from crm.people.rules import Level
from crm.sample.entries import DIRECTOR_LEGAL, DIRECTOR_MULTILATERAL, DIRECTOR_SECURITY

_MFA = "Ministry of Foreign Affairs"
PEOPLE = (
    ("BTN", DIRECTOR_MULTILATERAL, "Director, Multilateral Department", Level.DIRECTOR, Stance.FRIEND,
     "Has put accession on the agenda of the ministry twice."),
    ("BTN", DIRECTOR_LEGAL, "Director, Legal and Treaty Department", Level.DIRECTOR, Stance.TARGET,
     "Decides when the draft law goes on; has not said yet what is missing."),
    ("BTN", "Sample Director Lhamu (invented)", "Legal department", Level.OTHER, None, ""),
    ("KAZ", DIRECTOR_SECURITY, "Director, international security", Level.DIRECTOR, Stance.NEUTRAL,
     "Will study the estimate of costs."),
)  # fmt: skip
"""State, name, title, level, stance and what shows it; the third is the second once more, as it happens."""


def meet(actor: Viewer) -> None:
    """People whom the coordinator keeps, and their posts, one of which is vacant by now.

    Written down as the system, as all of the sample is.
    """
    today = clock.today()
    with looking_as(SYSTEM):
        for iso3, name, title, level, stance, why in PEOPLE:
            person = record_person(
                actor=actor,
                state_iso3=iso3,
                name=name,
                title=title,
                ministry=_MFA,
                level=level,
                handling=Handling.STATES,
                somebody_else=True,
                sample=True,
            )
            if stance is None:
                continue
            state_stance(
                actor=actor,
                person_id=person.id,
                stance=stance,
                claimed_on=today - timedelta(days=9),
                why=why,
                handling=Handling.STATES,
                sample=True,
            )
            fill_post(
                actor=actor,
                person_id=person.id,
                post_title=title,
                from_on=date(2010, 9, 1),
                until_on=date(2026, 6, 30) if name == DIRECTOR_MULTILATERAL else None,
                sample=True,
            )
