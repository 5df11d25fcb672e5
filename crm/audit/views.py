"""The page of the audit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from crm.audit import chain
from crm.audit.forms import MarkForm
from crm.audit.listing import LISTING
from crm.core.lists import count_in_words, counted, page_of
from crm.core.routes import requires

pages = Blueprint("audit", __name__)


@pages.get("/administration/audit")
@requires("audit:read")
def index() -> Any:
    """Who did what, when, as far as the viewer may see it."""
    form = LISTING.filters(request.args)
    asked = LISTING.question(form, False)
    page = page_of(asked, cursor=request.args.get("after"))
    (place, link), marked = chain.head(), MarkForm(request.args, meta={"csrf": False})
    mark = marked.given()
    shown = render_template(
        "audit/index.html",
        form=form,
        page=page,
        counted=count_in_words(counted(asked), LISTING.one, LISTING.many),
        columns=form.shown_columns(),
        listing=LISTING,
        filtered=form.narrowed(),
        place=place,
        link=link,
        marked=marked,
        mark=mark,
        holds=chain.passes(mark) if mark else None,
    )
    return shown, 422 if form.errors or marked.errors else 200
