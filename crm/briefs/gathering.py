"""The brief of a State put together from what its reader may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from crm.activities.nearby import contacts_with
from crm.briefs import lines, rules, sources
from crm.briefs.content import Brief, Section
from crm.briefs.sources import Met
from crm.core.access import Viewer
from crm.core.days import in_words
from crm.followups.panel import Promise, promises
from crm.people.queries import holders_of_state
from crm.positions.models import ObstacleClaim
from crm.positions.queries import claims_about
from crm.states.queries import register
from crm.states.register import Register
from crm.states.rules import CONSENTS, Standing, Status

MOST_PROMISES = 3
"""Of each side."""

NEIGHBOURS = 8


def brief_of(state_iso3: str, viewer: Viewer, today: date) -> Brief:
    """The brief of one State as of today; NotFound for a code that is nobody's."""
    known = register()
    state, standing = known.state(state_iso3), known.standing(state_iso3, today)
    met = sources.contacts(state_iso3, viewer) if viewer.may("activities:read") else []
    claims = list(claims_about(state_iso3)) if viewer.may("positions:read") else []
    owed = promises(state_iso3, today, MOST_PROMISES) if viewer.may("followups:read") else []
    letters = sources.letters(state_iso3) if viewer.may("letters:read") else []
    return Brief(
        iso3=state_iso3,
        name=known.name(state_iso3, today),
        formal_name=known.formal_name(state_iso3, today),
        on=today,
        treaty=known.treaty.name(),
        reader=", ".join(one for one in (viewer.name, viewer.party_name) if one),
        party_id=viewer.party_id,
        status=rules.STATUS_WORDS[standing.status] if standing else "Not counted yet",
        dates=_dates(standing) if standing else (),
        remains=rules.what_remains(standing, known.treaty) if standing else "",
        place=f"{known.capital(state_iso3, today)}, {state.region}",
        first=_first(known, state_iso3, viewer, today, met, owed, letters),
        second=_second(state_iso3, today, met, claims, owed, standing),
    )


def _first(
    known: Register,
    state_iso3: str,
    viewer: Viewer,
    today: date,
    met: list[Met],
    owed: list[Promise],
    letters: Sequence[Any],
) -> tuple[Section, ...]:
    """What happened and what is owed."""
    near = contacts_with(state_iso3, viewer, today).others if viewer.may("activities:read") else ()
    first = [
        Section("contacts", "Last contacts", lines.of_contacts(met), "None that you may see."),
        Section("promises", "Open promises", lines.of_promises(owed, today), "Nothing is open on either side."),
        Section("letters", "Letters and answers", lines.of_letters(letters), "No letter has been drafted."),
        Section("neighbours", "Neighbours that joined", *_neighbours(known, state_iso3, today)),
    ]
    if near:
        first.insert(0, Section("others", "Others in touch: do not call twice", lines.of_others(near), ""))
    return tuple(first)


def _second(
    state_iso3: str,
    today: date,
    met: list[Met],
    claims: list[ObstacleClaim],
    owed: list[Promise],
    standing: Standing | None,
) -> tuple[Section, ...]:
    """Who is there, what stands in the way, what to try and what to leave."""
    origins = sources.came_up_in(claims) if claims else {}
    people = lines.of_holders(holders_of_state(state_iso3, today), today) + lines.of_people_met(met, today)
    asked = rules.may_be_asked(standing)
    approach = lines.of_approaches(claims) if asked else ()
    nothing = "No obstacle is known yet: ask what stands in the way." if asked else "Joining is not to be asked."
    return (
        Section("people", "Who is who", people, "Nobody is recorded."),
        Section("obstacles", "What stands in the way", lines.of_obstacles(claims, origins), "Nothing is recorded."),
        Section("approach", "Suggested approach", approach, nothing),
        Section("not_again", "Do not ask again", lines.not_again(met, claims, owed), "Nothing is known to avoid."),
    )


def _dates(standing: Standing) -> tuple[tuple[str, str], ...]:
    consent = standing.consent.value.capitalize() if standing.consent in CONSENTS and standing.consent else "Consent"
    found = (
        ("Signed", standing.signed_on),
        (f"{consent} deposited", standing.deposited_on),
        ("In force from", standing.in_force_on if not standing.withdrawn_on else None),
        ("Withdrawal effective", standing.withdrawn_on),
    )
    return tuple((what, in_words(on)) for what, on in found if on)


def _neighbours(known: Register, state_iso3: str, today: date) -> tuple[tuple[Any, ...], str]:
    """States of the same part of the world that joined, the latest first, and what is said where none did."""
    here = known.state(state_iso3)
    part = here.m49_intermediate_region or here.m49_subregion
    statuses = known.statuses(today)
    others = [
        one.iso3
        for one in known.states.values()
        if (one.m49_intermediate_region or one.m49_subregion) == part and one.iso3 in statuses and one is not here
    ]
    years: dict[str, int] = defaultdict(int)
    for iso3 in others:
        standing = known.standing(iso3, today)
        if statuses[iso3] is Status.STATE_PARTY and standing and standing.deposited_on:
            years[iso3] = standing.deposited_on.year
    names = [f"{known.name(iso3, today)} ({year})" for iso3, year in sorted(years.items(), key=lambda one: -one[1])]
    return lines.of_neighbours(names, NEIGHBOURS, len(others), part), f"None yet in {part}."
