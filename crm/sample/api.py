"""The JSON door to the sample campaign."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify

from crm.accounts.first import HOW_TO_OPEN
from crm.core import access
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.routes import requires
from crm.sample import queries, removal

api = Blueprint("sample_api", __name__, url_prefix="/api/v1")


@api.delete("/sample")
@requires("sample:remove")
def remove() -> Any:
    """Take the sample campaign away; says how many records went, what stays and who is left.

    `open_account` is the command that opens an account, or null while a real administrator can sign in. Works as
    the system: the sample is everybody's.
    """
    viewer = access.viewer()
    with looking_as(SYSTEM), unit_of_work():
        report = removal.remove(actor=viewer)
    command = None if queries.administrator_stays() else HOW_TO_OPEN
    return jsonify({"removed": report.removed, "kept": report.kept, "open_account": command})
