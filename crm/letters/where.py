"""Where on the site what keeps a letter back can be filled in."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from crm.core.access import Viewer
from crm.letters.gathering import ADDRESSED
from crm.letters.rules import Place

_PAGES: dict[Place, tuple[str, str, str]] = {
    Place.HOLDER: ("people.office", "people:read", "Open the office-holder"),
    Place.STATE: ("states.show", "states:read", "Open the State"),
    Place.PRESIDENCY: ("meetings.index", "meetings:read", "Open meetings and presidencies"),
    Place.COORDINATOR: ("meetings.index", "meetings:read", "Open meetings and presidencies"),
    Place.MEETING: ("meetings.index", "meetings:read", "Open meetings and presidencies"),
}


def fill_in_href(place: str, iso3: str, *, viewer: Viewer) -> tuple[str, str] | None:
    """Address and words of the link beside a reason; None where no page of ours can mend it."""
    found = _PAGES.get(Place(place))
    if found is None:
        return None
    endpoint, permission, words = found
    if endpoint not in current_app.view_functions or not viewer.may(permission):
        return None
    values: dict[str, Any] = {}
    if place == Place.HOLDER:
        values = {"iso3": iso3, "kind": ADDRESSED.value}
    elif place == Place.STATE:
        values = {"iso3": iso3}
    return url_for(endpoint, **values), words
