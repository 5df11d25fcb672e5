"""The JSON door to the sample campaign."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify

from crm.core import access
from crm.core.access import SYSTEM, looking_as, requires
from crm.core.db import unit_of_work
from crm.sample import removal

api = Blueprint("sample_api", __name__, url_prefix="/api/v1")


@api.delete("/sample")
@requires("sample:remove")
def remove() -> Any:
    """Take the sample campaign away; says how many records went and what stays."""
    viewer = access.viewer()
    with looking_as(SYSTEM), unit_of_work():
        report = removal.remove(actor=viewer)
    return jsonify({"removed": report.removed, "kept": report.kept})
