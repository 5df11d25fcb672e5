"""The JSON door to the same files."""

from __future__ import annotations

from flask import Blueprint

from crm.lists.files.views import add_routes

api = Blueprint("list_files_api", __name__, url_prefix="/api/v1")
add_routes(api, lambda one: one.api)
