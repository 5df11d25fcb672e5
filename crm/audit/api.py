"""The JSON door to the audit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from crm.audit import chain, export, queries
from crm.audit.forms import AuditFilter, MarkForm, refuse
from crm.audit.queries import AuditLine
from crm.core import access
from crm.core.routes import requires

api = Blueprint("audit_api", __name__, url_prefix="/api/v1")


def _item(line: AuditLine) -> dict[str, Any]:
    """One entry; of a record that is not open to the viewer the values are null, and the actor where another
    party has not named them.
    """
    return {
        "id": str(line.id),
        "place": line.place,
        "at": line.at.isoformat(),
        "event": line.event,
        "label": line.label,
        "actor": line.actor,
        "subject": {
            "kind": line.subject_kind,
            "id": line.subject_id if line.readable else None,
            "name": line.about or None,
            "open": line.open,
            "href": line.href,
        },
        "facts": line.facts,
        "changes": [
            {"field": one.field, "shown": one.shown, "before": one.before, "after": one.after} for one in line.changes
        ],
        "erased": line.erased,
    }


@api.get("/audit")
@requires("audit:read")
def index() -> Any:
    """A page of entries, newest first; `after` is the cursor that the page before gave."""
    form = AuditFilter(request.args, meta={"csrf": False})
    form.offer()
    marked = MarkForm(request.args, meta={"csrf": False})
    wanted, mark = form.wanted(), marked.given()
    refuse(form, marked)
    page = queries.page_of_entries(viewer=access.viewer(), wanted=wanted, cursor=request.args.get("after"))
    place, link = chain.head()
    chained = {"entries": place, "link": link, "mark_holds": chain.passes(mark) if mark else None}
    return jsonify({"items": [_item(one) for one in page.items], "next": page.next_cursor, "chain": chained})


@api.get("/audit/export.csv")
@requires("audit:read", exports="audit")
def table() -> Response:
    """The entries that fit the filters as CSV, newest first."""
    form = AuditFilter(request.args, meta={"csrf": False})
    form.offer()
    wanted = form.wanted()
    refuse(form)
    return export.table(access.viewer(), wanted)
