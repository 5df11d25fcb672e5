"""The page of the audit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from crm.audit import chain, links, queries
from crm.audit.forms import AuditFilter
from crm.audit.vocabulary import VOCABULARY
from crm.core import access
from crm.core.access import requires

pages = Blueprint("audit", __name__)


@pages.get("/administration/audit")
@requires("audit:read")
def index() -> Any:
    """Who did what, when, as far as the viewer may see it."""
    form = AuditFilter(request.args, meta={"csrf": False})
    wanted = form.wanted()
    page = queries.page_of_entries(viewer=access.viewer(), **wanted, cursor=request.args.get("after"))
    (place, link), mark = chain.head(), request.args.get("mark", "").strip()
    return render_template(
        "audit/index.html",
        form=form,
        page=page,
        filtered=any(wanted.values()),
        vocabulary=VOCABULARY,
        href=links.href,
        place=place,
        link=link,
        mark=mark,
        holds=chain.passes(mark) if mark else None,
    )
