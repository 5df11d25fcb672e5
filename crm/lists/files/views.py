"""The files of every list, as CSV and as XLSX, at both doors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, request, url_for

from crm.accounts.listing import LISTING as ACCOUNTS
from crm.activities.listing import LISTING as ACTIVITIES
from crm.audit.listing import LISTING as AUDIT
from crm.core.listing import Listing
from crm.core.routes import requires
from crm.core.taken import Taken
from crm.followups.cadence.listing import LISTING as SILENCES
from crm.followups.listing import LISTING as FOLLOW_UPS
from crm.followups.plans.listing import LISTING as PLANS
from crm.followups.waiting.listing import LISTING as WAITING
from crm.instructions.listing import LISTING as INSTRUCTIONS
from crm.letters.listing import LISTING as CAMPAIGNS
from crm.lists.files.file import file_of
from crm.mail.listing import LISTING as OUTBOX
from crm.people.listing import LISTING as OFFICES
from crm.people.met.listing import LISTING as PEOPLE
from crm.states.listed import LISTING as STATES

pages = Blueprint("list_files", __name__)
SUFFIXES = ("csv", "xlsx")


@dataclass(frozen=True)
class Files:
    """Where the files of a list stand among the pages and at the JSON door, without their ending; `exports`: as what
    the audit writes down that they were taken, "" for public facts.
    """

    listing: Listing
    page: str
    api: str
    exports: str


FILES = (
    Files(ACTIVITIES, "/activities/export", "/activities/export", "activities"),
    Files(FOLLOW_UPS, "/followups/export", "/followups/export", "follow_ups"),
    Files(PLANS, "/plans/export", "/plans/states/export", "plans"),
    Files(PEOPLE, "/people/met/export", "/people/export", "people"),
    Files(OFFICES, "/people/export", "/offices/export", "offices"),
    Files(STATES, "/states/export", "/states/export", ""),
    Files(CAMPAIGNS, "/letters/export", "/letters/campaigns/export", "letter_campaigns"),
    Files(INSTRUCTIONS, "/instructions/export", "/instructions/export", "instructions"),
    Files(ACCOUNTS, "/administration/accounts/export", "/accounts/export", "accounts"),
    Files(AUDIT, "/administration/audit", "/audit/export", "audit"),
    Files(WAITING, "/waiting/export", "/waiting/export", "waiting"),
    Files(SILENCES, "/cadences/export", "/cadences/export", "silences"),
    Files(OUTBOX, "/administration/outbox/export", "/outbox/export", "outbox"),
)


def add_routes(blueprint: Blueprint, place: Callable[[Files], str]) -> None:
    """A route for each list and each kind of file, at the place that the door has for it."""
    for one in FILES:
        for suffix in SUFFIXES:
            blueprint.add_url_rule(
                f"{place(one)}.{suffix}", f"{one.listing.key}_{suffix}", _route(one, suffix), methods=["GET"]
            )


def _route(files: Files, suffix: str) -> Callable[[], Taken]:
    @requires(files.listing.permission, exports=files.exports)
    def table() -> Taken:
        return file_of(files.listing, suffix, request.args)

    table.__doc__ = f"The list “{files.listing.label}” as {suffix.upper()}."
    return table


add_routes(pages, lambda one: one.page)


@pages.app_template_global("files_of")
def files_of(listing: Listing) -> dict[str, str]:
    """The addresses of the files of a list, by what people call them."""
    return {f"As {one.upper()}": url_for(f"list_files.{listing.key}_{one}") for one in SUFFIXES}
