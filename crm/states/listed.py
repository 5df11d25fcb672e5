"""The list of States as its page, its file and its saved views know it."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from crm.core import access
from crm.core.by_heart import ByHeart
from crm.core.listing import Listing
from crm.states import listing
from crm.states.forms import StateFilter
from crm.states.queries import register

ALL_ON_ONE_PAGE = 400
"""The world has fewer States, and the map shows those of the table."""


def filters(given: MultiDict[str, str]) -> StateFilter:
    """The form of the list with what depends on the day offered, for what stands in an address."""
    form = StateFilter(given, meta={"csrf": False})
    form.offer(register(), access.today())
    return form


def _question(form: StateFilter, _whole: bool) -> ByHeart:
    return ByHeart(listing.lines(register(), form.wanted()), lambda line: line.iso3)


def _along(form: StateFilter) -> Mapping[str, str]:
    on = form.day()
    return {} if on == access.today() else {"as_of": on.isoformat()}


LISTING = Listing(
    key="states",
    label="States",
    one="State",
    many="States",
    endpoint="states.index",
    permission="states:read",
    filters=filters,
    question=_question,
    title=lambda line: line.name,
    record_page="states.show",
    record_argument="iso3",
    along=_along,
    file_note="Exactly this list, with these columns. These are public facts.",
)
