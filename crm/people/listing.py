"""The list of offices as its page, its file and its saved views know it."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from crm.core import access
from crm.core.by_heart import ByHeart
from crm.core.listing import Listing
from crm.people.board import Board, board
from crm.people.forms import BoardFilter
from crm.states.queries import register


def filters(given: MultiDict[str, str]) -> BoardFilter:
    """The form of the list with the days that can be shown offered, for what stands in an address."""
    form = BoardFilter(given, meta={"csrf": False})
    form.offer(register().treaty, access.today())
    return form


def asked(found: Board) -> ByHeart:
    """The lines of a board as a list to turn the pages of."""
    return ByHeart(found.lines, lambda line: line.iso3)


def _question(form: BoardFilter, _whole: bool) -> ByHeart:
    return asked(board(on=form.day(), **form.wanted()))


def _along(form: BoardFilter) -> Mapping[str, str]:
    return {"kind": form.wanted()["kind"].value}


LISTING = Listing(
    key="offices",
    label="People and posts",
    one="State",
    many="States",
    endpoint="people.index",
    permission="people:read",
    filters=filters,
    question=_question,
    title=lambda line: line.state,
    record_page="people.office",
    record_argument="iso3",
    along=_along,
    file_note="Exactly this list, with these columns. That it was taken out is written into the audit.",
)
