"""The page from which the sample campaign is taken away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from crm.core import access, doors
from crm.core.access import requires
from crm.sample import removal, service

pages = Blueprint("sample", __name__)


@pages.get("/administration/sample")
@requires("sample:remove")
def page() -> Any:
    """What the sample campaign is, and the one button that takes it away."""
    with access.looking_as(access.SYSTEM):
        present = service.present()
    return render_template("sample/page.html", present=present)


@pages.post("/administration/sample/remove")
@requires("sample:remove")
def remove() -> Any:
    """Take it away."""
    viewer = access.viewer()

    def verb() -> removal.Report:
        with access.looking_as(access.SYSTEM):
            return removal.remove(actor=viewer)

    report = doors.act(verb)
    return render_template("sample/removed.html", report=report)
