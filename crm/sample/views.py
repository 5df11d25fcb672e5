"""The page from which the sample campaign is taken away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from crm.accounts.first import HOW_TO_OPEN
from crm.core import access, doors
from crm.core.routes import requires
from crm.sample import queries, removal

pages = Blueprint("sample", __name__)


@pages.get("/administration/sample")
@requires("sample:remove")
def page() -> Any:
    """What the sample campaign is, and the one button that takes it away."""
    return render_template("sample/page.html", present=queries.present(), **_who_is_left())


def _who_is_left() -> dict[str, Any]:
    """Whether anybody, and an administrator among them, can sign in without the sample; else how to get in."""
    return {
        "anybody_stays": queries.anybody_stays(),
        "administrator_stays": queries.administrator_stays(),
        "how_to_open": HOW_TO_OPEN,
    }


@pages.post("/administration/sample/remove")
@requires("sample:remove")
def remove() -> Any:
    """Take it away. Works as the system: the sample is everybody's."""
    viewer = access.viewer()

    def verb() -> removal.Report:
        with access.looking_as(access.SYSTEM):
            return removal.remove(actor=viewer)

    report = doors.act(verb)
    return render_template("sample/removed.html", report=report, **_who_is_left())
