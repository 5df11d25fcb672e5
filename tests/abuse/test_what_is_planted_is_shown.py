"""The control of the matrices: what they plant does come out, to its owner, at every page that is for reading it.

A page that stops to show a field would make them weaker in silence: its words could then go astray unseen.
"""

from __future__ import annotations

from flask import Flask

from crm.core import access
from crm.core.access import Handling
from crm.core.db import db
from tests.abuse.asking import address, pairs, reader
from tests.abuse.belongings import PLANTED, belongings
from tests.abuse.lists import lists, words_of
from tests.abuse.world import CANARY, RECORDS, bundle, keeper

WITHOUT_WORDS = {
    "course.step": "a form for the next step alone, under the name of its kind",
    "letters.progress": "figures of a campaign",
    "waiting.answer": "a form for what came back alone, under the name of its kind",
    "waiting.unexpected": "a form for the reason alone, under the name of its kind",
    "sharing.ask": "leads its own party on to the page on which it decides itself",
}
"""Pages about a record that show nothing of what somebody wrote there, and why."""

TELLING = {
    "home.today", "states.show", "states_api.line", "briefs.show", "briefs_api.show", "met.index", "met_api.index",
    "activities.index", "activities_api.index", "followups.index", "followups_api.index", "letters.index",
    "letters_api.index", "sharing.index", "sharing_api.index", "instructions.index", "instructions_api.index",
    "list_files.activities_csv", "list_files.activities_xlsx", "list_files.followups_csv",
    "list_files.followups_xlsx", "list_files.people_csv", "list_files.people_xlsx", "list_files_api.activities_csv",
    "list_files_api.activities_xlsx", "list_files_api.followups_csv", "list_files_api.followups_xlsx",
    "list_files_api.people_csv", "list_files_api.people_xlsx",
}  # fmt: skip
"""Lists and exports that show what is planted in the records of the party."""

BESIDE = {
    "token_id": {"accounts.account"},
    "factor_id": {"factors.index", "factors_api.index"},
    "feed_id": {"calendar.index", "calendar_api.index"},
    "view_id": {"lists.index", "lists_api.index"},
    "draft_id": {"activities.new", "drafts.index", "drafts_api.index"},
    "spreadsheet_id": {"imports.index", "imports_api.index"},
}
"""Where what is kept beside the records is shown to whoever it belongs to."""


def test_every_page_for_a_record_shows_what_is_planted_in_it(app: Flask) -> None:
    app.config["RAISE_ERRORS"] = False
    owner = keeper()
    one = bundle(owner.party_id, owner.user_id, Handling.ORIGINATOR)
    db.session.remove()
    eyes, silent = reader(app, owner.email), set()
    for rule, method in pairs(app, RECORDS):
        if method != "GET":
            continue
        answer = eyes.ask(method, address(app, rule, one.keys))
        assert answer.status_code == (303 if rule.endpoint == "sharing.ask" else 200), rule.rule
        if CANARY.encode() not in words_of(answer):
            silent.add(rule.endpoint)
    access.look_as(access.SYSTEM)
    assert silent == set(WITHOUT_WORDS), "say why, or plant something that it shows"


def test_every_list_shows_its_owner_what_is_planted(app: Flask) -> None:
    app.config["RAISE_ERRORS"] = False
    owner = keeper()
    bundle(owner.party_id, owner.user_id, Handling.ORIGINATOR)
    db.session.remove()
    eyes = reader(app, owner.email)
    answers = [(endpoint, words_of(eyes.ask("GET", place))) for place, endpoint in lists(app)]
    access.look_as(access.SYSTEM)
    assert not TELLING - {endpoint for endpoint, words in answers if CANARY.encode() in words}


def test_what_is_kept_beside_the_records_is_shown_to_its_owner(app: Flask) -> None:
    app.config["RAISE_ERRORS"] = False
    owner = keeper()
    belongings(owner)
    db.session.remove()
    eyes, asked = reader(app, owner.email), set().union(*BESIDE.values())
    words = {endpoint: words_of(eyes.ask("GET", place)) for place, endpoint in lists(app) if endpoint in asked}
    access.look_as(access.SYSTEM)
    assert set(BESIDE) == set(PLANTED)
    for name, endpoints in BESIDE.items():
        assert not [one for one in endpoints if PLANTED[name].encode() not in words[one]], name
