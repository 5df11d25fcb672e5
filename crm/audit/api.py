"""The JSON door to the audit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request

from crm.audit import chain, queries
from crm.audit.forms import AuditFilter
from crm.core import access
from crm.core.access import requires

api = Blueprint("audit_api", __name__, url_prefix="/api/v1")


@api.get("/audit")
@requires("audit:read")
def index() -> Any:
    """A page of entries, newest first; `after` is the cursor that the page before gave."""
    form = AuditFilter(request.args, meta={"csrf": False})
    page = queries.page_of_entries(viewer=access.viewer(), **form.wanted(), cursor=request.args.get("after"))
    place, link = chain.head()
    items = [
        {
            "id": str(line.id),
            "place": line.place,
            "at": line.at.isoformat(),
            "event": line.event.value,
            "actor": line.actor,
            "subject": {"kind": line.subject_kind, "id": line.subject_id},
            "facts": line.facts,
        }
        for line in page.items
    ]
    mark = request.args.get("mark")
    chained = {"entries": place, "link": link, "mark_holds": chain.passes(mark) if mark else None}
    return jsonify({"items": items, "next": page.next_cursor, "chain": chained})
