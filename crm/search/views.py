"""The page of the search."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for

from crm.audit.reading import shows
from crm.core import access
from crm.core.lists import Page, same_page
from crm.core.routes import signed_in
from crm.search.finding import Found, Result, find
from crm.search.forms import SearchForm
from crm.search.kinds import KINDS, STATE, UNDATED, Kind
from crm.search.rules.asking import asked
from crm.states.queries import register

pages = Blueprint("search", __name__)


def answer(form: SearchForm) -> tuple[str, Found]:
    """What was asked by a form as the address fills it, and what was found. A piece of a record that is shown is as
    good as opening it, and so is its part in a number: asked often enough, they are the whole.
    """
    form.offer(register().options(access.today()))
    text, filters = form.wanted()
    found = find(asked(text), access.viewer(), filters, request.args.get("after"))
    shows(found.sources)
    return text, found


def where(one: Result) -> str:
    """The page of what was found."""
    words = KINDS[one.kind]
    if one.kind == STATE:
        return url_for(words.endpoint, iso3=one.about[0])
    if one.kind == Kind.PERSON:
        return url_for(words.endpoint, iso3=one.about[0], kind=one.office)
    anchor = "files" if one.kind == Kind.ATTACHMENT else None
    return url_for(words.endpoint, **{words.argument: str(one.key)}, _anchor=anchor)  # type: ignore[arg-type]


@pages.get("/search")
@signed_in
def index() -> Any:
    """What was found, the best first."""
    form = SearchForm(request.args, meta={"csrf": False})
    text, found = answer(form)
    if not text:
        form.q.render_kw = {"autofocus": True}
    page = Page(items=found.results, next_url=same_page(after=found.further) if found.further else None)
    return render_template(
        "search/index.html",
        form=form,
        text=text,
        question=asked(text),
        found=found,
        page=page,
        filtered=any((form.kind.data, form.state.data, form.since.data, form.until.data)),
        kinds=KINDS,
        undated=UNDATED,
        where=where,
        name=partial(register().name, on=access.today()),
    )
