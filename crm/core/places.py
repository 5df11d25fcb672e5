"""The places of the navigation, and which of them somebody may go to."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from crm.core import access


@dataclass(frozen=True)
class Place:
    """One entry of the navigation. `group`: main (the first four also stand at the foot of a phone), aside (one's own
    and less often wanted) or house (administration). `short` is the label where there is little room; `rooms` are
    further blueprints whose pages lie below it.
    """

    label: str
    endpoint: str
    icon: str
    group: str = "main"
    permission: str | None = None
    short: str = ""
    rooms: tuple[str, ...] = ()
    href: str = ""
    current: bool = False


def navigation() -> list[Place]:
    """The places this viewer may go to, the present one marked."""
    someone = access.viewer()
    places: list[Place] = current_app.extensions["places"]
    return [
        Place(**{**vars(place), "href": url_for(place.endpoint), "current": _stands_here(place)})
        for place in places
        if place.endpoint in current_app.view_functions and (not place.permission or someone.may(place.permission))
    ]


def _stands_here(place: Place) -> bool:
    """Whether the present page is that place, or a page below it that has no place of its own."""
    here = request.endpoint or ""
    if here == place.endpoint:
        return True
    listed = {one.endpoint for one in current_app.extensions["places"]}
    below = (place.endpoint.split(".")[0], *place.rooms)
    return place.group == "main" and here not in listed and here.split(".")[0] in below
