"""The JSON door to the same files."""

from __future__ import annotations

from flask import Blueprint

from crm.activities.listing import LISTING as ACTIVITIES
from crm.core.routes import requires
from crm.core.taken import Taken
from crm.followups.listing import LISTING as FOLLOW_UPS
from crm.lists.files.views import file_of
from crm.people.met.listing import LISTING as PEOPLE

api = Blueprint("list_files_api", __name__, url_prefix="/api/v1")


@api.get("/activities/export.csv")
@requires("activities:read", exports="activities")
def activities_csv() -> Taken:
    """The activities as CSV."""
    return file_of(ACTIVITIES, "csv")


@api.get("/activities/export.xlsx")
@requires("activities:read", exports="activities")
def activities_xlsx() -> Taken:
    """The activities as XLSX."""
    return file_of(ACTIVITIES, "xlsx")


@api.get("/followups/export.csv")
@requires("followups:read", exports="follow_ups")
def followups_csv() -> Taken:
    """The follow-ups as CSV."""
    return file_of(FOLLOW_UPS, "csv")


@api.get("/followups/export.xlsx")
@requires("followups:read", exports="follow_ups")
def followups_xlsx() -> Taken:
    """The follow-ups as XLSX."""
    return file_of(FOLLOW_UPS, "xlsx")


@api.get("/people/export.csv")
@requires("activities:read", exports="people")
def people_csv() -> Taken:
    """The people met as CSV."""
    return file_of(PEOPLE, "csv")


@api.get("/people/export.xlsx")
@requires("activities:read", exports="people")
def people_xlsx() -> Taken:
    """The people met as XLSX."""
    return file_of(PEOPLE, "xlsx")
