"""The JSON door to the audit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request

from crm.audit import chain
from crm.audit.forms import AuditFilter, MarkForm, refuse
from crm.audit.listing import LISTING, filters
from crm.audit.queries import AuditLine
from crm.core.lists import page_of
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
    form: AuditFilter = filters(request.args)
    marked = MarkForm(request.args, meta={"csrf": False})
    mark = marked.given()
    form.validate()
    refuse(form, marked)
    page = page_of(LISTING.question(form, False), cursor=request.args.get("after"))
    place, link = chain.head()
    chained = {"entries": place, "link": link, "mark_holds": chain.passes(mark) if mark else None}
    return jsonify({"items": [_item(one) for one in page.items], "next": page.next_cursor, "chain": chained})
