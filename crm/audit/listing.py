"""The audit as its page, its file and its saved views know it."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from crm.audit import queries
from crm.audit.forms import AuditFilter
from crm.core import access
from crm.core.listing import Listing
from crm.core.lists import Question

MOST = 20_000
"""Entries in one file; whoever needs more asks for a shorter time."""


def filters(given: MultiDict[str, str]) -> AuditFilter:
    """The form of the audit with the parties offered, for what stands in an address."""
    form = AuditFilter(given, meta={"csrf": False})
    form.offer()
    return form


def _question(form: AuditFilter, _whole: bool) -> Question:
    oldest_first = form.good()["sort"] == "when"
    return queries.entries_asked(viewer=access.viewer(), wanted=form.wanted(), oldest_first=oldest_first)


LISTING = Listing(
    key="audit",
    label="Audit",
    one="entry",
    many="entries",
    endpoint="audit.index",
    permission="audit:read",
    filters=filters,
    question=_question,
    title=lambda line: line.label,
    most=MOST,
)
