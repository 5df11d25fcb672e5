"""How much of an activity its rows tell, to its own party and to others, by its attribution."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from crm.activities.models import Activity
from crm.core.access import Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.visibility import Attribution
from crm.search.kinds import Part
from crm.search.models import SearchText
from tests.support.people import Person
from tests.support.records import logged
from tests.support.wall import as_owner

People = Callable[[str], Person]

TOLD = {
    Part.FULL: {Attribution.FULL},
    Part.STATE: {Attribution.FULL, Attribution.STATE_NOT_PERSON},
    Part.NOTE: set(Attribution),
}
WRITTEN = {
    Attribution.FULL: Part.FULL,
    Attribution.STATE_NOT_PERSON: Part.STATE,
    Attribution.REGION_ONLY: Part.NOTE,
    Attribution.NONE: Part.NOTE,
}


def parts(viewer: Viewer) -> set[str]:
    """The parts of what there is that this person finds."""
    with looking_as(viewer):
        db.session.rollback()
        return set(db.session.scalars(select(SearchText.part).where(SearchText.activity_id.is_not(None))))


@pytest.mark.parametrize("written", WRITTEN)
def test_a_row_tells_others_what_the_attribution_tells_by_now_and_its_party_all(
    app: Flask, person: People, written: Attribution
) -> None:
    """Also one that is still as it was written, under an attribution that told more or less."""
    officer, other = person("officer").viewer, person("coordinator").viewer
    key = logged(officer, handling=Handling.COMMUNITY, attribution=written, officer_comment="He seemed tired.")
    part = WRITTEN[written]
    for attribution in Attribution:
        with as_owner() as connection:
            by_now = update(Activity.__table__).where(Activity.id == key).values(attribution=attribution.value)
            connection.execute(by_now)
        assert parts(officer) == {part, Part.OWN}
        assert parts(other) == ({part} if attribution in TOLD[part] else set())
