"""Every page that shows a list is one that `crm/lists` knows, or it is said why it is none."""

from __future__ import annotations

import re

from flask import Flask

from crm.core.listing import known
from crm.core.routes import access_of
from tests.architecture.imports import ROOT, text_of

TEMPLATES = ROOT / "templates"
SHOWS_ROWS = re.compile(r"<table|pager\(|filter_bar\(|sort_header\(|data-rows")
IS_KNOWN = "{{ tools(form, listing, counted, columns"

NO_LIST = {
    "activities/margins/grid.html": "a form: its rows are being typed",
    "activities/margins/round.html": "what one form wrote, 87 rows at most, with one undo for all",
    "capture/index.html": "a tray that is emptied: each mail is done with or forgotten after some weeks",
    "followups/plans/show.html": "the States of one plan, which the list of all plans filters, saves and gives out",
    "followups/plans/start.html": "a form: the States that would begin",
    "health/page.html": "figures of the installation",
    "imports/index.html": "one's own spreadsheets, each done with or thrown away",
    "imports/show.html": "the lines of one spreadsheet, and what is wrong with them; they are given back as a file",
    "instructions/show.html": "the table of one instruction: as many rows as States, by tab, with a file of its own",
    "letters/campaign.html": "the letters of one campaign: as many rows as States, by tab, with a table in its archive",
    "lists/palette/index.html": "places to go to, by a few letters",
    "meetings/index.html": "a dozen meetings, presidencies and coordinators, each a chapter of its own",
    "positions/index.html": "counts, one row for each obstacle there is",
    "reach/mission.html": "the States of one mission",
    "reach/missions.html": "the missions of each party, under it",
    "search/index.html": "the newest that answer, by rank, some hundred at a time; the next page goes on below them",
    "sharing/index.html": "what waits for an answer and what was asked: two trays, each page by page",
    "states/_timeline.html": "the timeline of one State, by day",
    "states/import.html": "what one list of acts changes",
    "states/imports.html": "the lists of acts that were brought in, a few a year",
    "states/refused.html": "a day that cannot be shown",
}
"""Pages with rows that are no list, and why."""


def test_every_page_with_rows_is_a_list_or_says_why_not() -> None:
    rows = {
        path.relative_to(TEMPLATES).as_posix(): text_of(path)
        for path in TEMPLATES.rglob("*.html")
        if path.parent.name not in ("_components", "email") and SHOWS_ROWS.search(text_of(path))
    }
    unknown = {name for name, text in rows.items() if IS_KNOWN not in text}
    assert unknown == set(NO_LIST), "tell crm/lists of it (docs/contributing.md, A list), or say here why it is none"


def test_every_list_that_is_known_has_its_page_and_its_doors(app: Flask) -> None:
    pages = [path for path in TEMPLATES.rglob("*.html") if IS_KNOWN in text_of(path)]
    with app.app_context():
        listings = list(known().values())
    assert len(pages) == len(listings)
    for one in listings:
        declared = access_of(app, one.endpoint)
        assert declared and declared.permission == one.permission, one.key
        for door in ("list_files", "list_files_api"):
            for suffix in ("csv", "xlsx"):
                declared = access_of(app, f"{door}.{one.key}_{suffix}")
                assert declared and declared.permission == one.permission, (one.key, door, suffix)


def test_a_record_with_a_page_leads_back_to_its_list(app: Flask) -> None:
    ways = set(re.findall(r'way\("(\w+)"', "".join(text_of(path) for path in TEMPLATES.rglob("*.html"))))
    with app.app_context():
        assert ways == {one.key for one in known().values() if one.record_page}
