"""Whoever uses an emergency is watched at the edge: a party whose records it opens later is told then.

The answer is ready when the notices are written and is not sent before, so that nobody is read without being told.
"""

from __future__ import annotations

from flask import Flask, Response

from crm.core import access
from crm.core.db import unit_of_work
from crm.reach.service import emergency


def register(app: Flask) -> None:
    """Hang the watch onto an application."""

    @app.after_request
    def watch(response: Response) -> Response:
        viewer = access.viewer()
        if viewer.opened and emergency.late_parties(viewer):
            with unit_of_work():
                emergency.tell_late(actor=viewer)
        return response
