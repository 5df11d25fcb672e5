"""The JSON door to the same places."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify, request

from crm.core import access
from crm.core.routes import signed_in
from crm.lists.palette.queries import candidates
from crm.lists.palette.views import LONGEST

api = Blueprint("palette_api", __name__, url_prefix="/api/v1")


@api.get("/go")
@signed_in
def index() -> Any:
    """Where the words in `q` may lead."""
    found = candidates(access.viewer(), request.args.get("q", "")[:LONGEST])
    return jsonify({"items": [{name: value for name, value in asdict(one).items() if name != "icon"} for one in found]})
