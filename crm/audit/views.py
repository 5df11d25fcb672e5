"""The page of the audit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for

from crm.audit import chain, export, queries
from crm.audit.forms import AuditFilter, MarkForm, refuse
from crm.core import access
from crm.core.routes import requires

pages = Blueprint("audit", __name__)


@pages.get("/administration/audit")
@requires("audit:read")
def index() -> Any:
    """Who did what, when, as far as the viewer may see it."""
    form = AuditFilter(request.args, meta={"csrf": False})
    form.offer()
    wanted = form.wanted()
    page = queries.page_of_entries(viewer=access.viewer(), wanted=wanted, cursor=request.args.get("after"))
    (place, link), marked = chain.head(), MarkForm(request.args, meta={"csrf": False})
    mark = marked.given()
    shown = render_template(
        "audit/index.html",
        form=form,
        page=page,
        filtered=bool(wanted),
        export_href=f"{url_for('audit.table')}?{urlencode(_given(form))}".rstrip("?"),
        place=place,
        link=link,
        marked=marked,
        mark=mark,
        holds=chain.passes(mark) if mark else None,
    )
    return shown, 422 if form.errors or marked.errors else 200


def _given(form: AuditFilter) -> dict[str, str]:
    """The filters that stand in the address."""
    return {name: value for name, value in request.args.items() if name in form.field_names() and value}


@pages.get("/administration/audit.csv")
@requires("audit:read", exports="audit")
def table() -> Response:
    """The same as CSV."""
    form = AuditFilter(request.args, meta={"csrf": False})
    form.offer()
    wanted = form.wanted()
    refuse(form)
    return export.table(access.viewer(), wanted)
