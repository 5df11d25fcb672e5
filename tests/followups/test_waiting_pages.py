"""The pages and the JSON door of what waits for an answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from crm.core.access import Handling
from tests.followups.opening import forget_viewer, opened
from tests.followups.test_waiting import TODAY, sent, waiting
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_list_shows_each_age_in_words_and_its_days(app: Flask, person: People, signed_in: Browser) -> None:
    officer = person("coordinator").viewer
    for days in (5, 47, 80, 200):
        sent(officer, days)
    page = check_page(signed_in("coordinator").get("/waiting"))
    for word in ("5 days", "47 days", "80 days", "200 days", "Fresh", "Asked a while ago", "Getting old", "Silent"):
        assert f"<span>{word}</span>" in page or f">{word}</time></td>" in page, word
    assert page.index("200 days") < page.index("80 days") < page.index("47 days")
    assert "4 entries" in page
    old = check_page(signed_in("coordinator").get("/waiting?age=old"))
    assert "80 days" in old and "47 days" not in old
    none = check_page(signed_in("coordinator").get("/waiting?kind=promise"))
    assert "Nothing fits these filters" in none


def test_an_answer_is_noted_and_taken_back(app: Flask, person: People, signed_in: Browser) -> None:
    officer, client = person("coordinator").viewer, signed_in("coordinator")
    letter = sent(officer, 47)
    reply = logged(officer, held_on=TODAY - timedelta(days=1))
    page = check_page(client.get(f"/activities/{letter}/answer"))
    given = {"csrf_token": token_of(page), "came": "answer", "on": "2026-11-22", "answer_id": str(reply), "note": "x"}
    wrong = check_page(client.post(f"/activities/{letter}/answer", data={**given, "on": "2026-01-01"}), 422)
    assert "before the day on which it went out" in wrong
    done = client.post(f"/activities/{letter}/answer", data=given)
    assert done.status_code == 303
    shown = check_page(client.get(done.location))
    assert "It came on" in shown and f"/activities/{reply}" in shown and "Still awaited" in shown
    over = _text(check_page(client.get("/waiting?which=over")))
    assert "Answered 22 November 2026 , Coordinator · the entry" in over, over[1000:]
    client.post(f"/activities/{letter}/answer/awaited", data={"csrf_token": token_of(shown)})
    assert "It is awaited" in check_page(client.get(f"/activities/{letter}"))


def test_it_is_said_why_no_answer_is_expected(app: Flask, person: People, signed_in: Browser) -> None:
    officer, client = person("coordinator").viewer, signed_in("coordinator")
    letter = sent(officer, 47)
    page = check_page(client.get(f"/activities/{letter}/answer/unexpected"))
    token = token_of(page)
    assert "Say why" in check_page(
        client.post(f"/activities/{letter}/answer/unexpected", data={"csrf_token": token}), 422
    )
    done = client.post(f"/activities/{letter}/answer/unexpected", data={"csrf_token": token, "note": "They joined."})
    shown = check_page(client.get(done.location))
    assert "None is expected any more" in shown and "They joined." in shown


def test_one_press_opens_a_follow_up_that_is_filled_in(app: Flask, person: People, signed_in: Browser) -> None:
    officer, client = person("coordinator").viewer, signed_in("coordinator")
    letter = sent(officer, 47, handling=Handling.ORIGINATOR)
    promise = opened(officer, what="The estimate of costs", promised=True, due_on=TODAY)
    listed = check_page(client.get("/waiting"))
    assert f"/followups/new?remind={letter}" in listed and f"/followups/new?remind={promise}" in listed
    page = check_page(client.get(f"/followups/new?remind={letter}"))
    assert "Remind them: no answer yet to the co-signed letter of 7 October 2026" in page
    assert re.search(r'<option selected value="LAO"', page) and re.search(r'selected value="originator"', page)
    assert 'value="2026-11-23"' in page
    assert "Remind them of what they promised: The estimate of costs" in client.get(
        f"/followups/new?remind={promise}"
    ).get_data(as_text=True)


def test_nothing_is_filled_in_of_what_is_not_seen(app: Flask, person: People, signed_in: Browser) -> None:
    letter = sent(person("presidency").viewer, 47, handling=Handling.ORIGINATOR)
    page = check_page(signed_in("coordinator").get(f"/followups/new?remind={letter}"))
    assert "Remind them" not in page
    check_page(signed_in("coordinator").get("/followups/new?remind=x"))


def test_the_page_of_a_state_and_today_say_what_waits(app: Flask, person: People, signed_in: Browser) -> None:
    officer, client = person("coordinator").viewer, signed_in("coordinator")
    sent(officer, 130, "MNG")
    sent(officer, 5, "MNG")
    page = check_page(client.get("/states/MNG"))
    text = _text(page)
    assert "Waiting for 2 answers Silent, 130 days: letter" in text and "/waiting?state=MNG" in page
    glance = text[text.index("Last contact") :]
    assert glance.index("Silence") < glance.index("Waiting for 2") < glance.index("Next action")
    today = check_page(client.get("/"))
    assert "130 days" in today and "5 days" not in today


def test_both_doors_say_and_do_the_same(app: Flask, person: People, signed_in: Browser) -> None:
    officer, client = person("coordinator").viewer, signed_in("coordinator")
    letter = sent(officer, 47)
    (line,) = client.get("/api/v1/waiting").json["items"]
    assert (line["days"], line["age"], line["waits"]) == (47, "asked", "letter") and line["ended"] is None
    assert client.get("/api/v1/waiting?age=x").status_code == 422
    token = {"X-CSRFToken": token_of(client.get(f"/activities/{letter}/answer").get_data(as_text=True))}

    def post(verb: str, **given: Any) -> Any:
        return client.post(f"/api/v1/activities/{letter}/{verb}", json=given, headers=token)

    assert post("answer", came="answer", on="2026-11-20").json["stands"] == "answered"
    assert post("answer/awaited").json["awaited"] is True
    assert post("answer/unexpected", note="").status_code == 422
    assert post("answer/unexpected", note="Overtaken.").json["note"] == "Overtaken."
    forget_viewer()
    assert waiting(officer) == []


def test_the_files_hold_the_list(app: Flask, person: People, signed_in: Browser) -> None:
    sent(person("coordinator").viewer, 47)
    file = signed_in("coordinator").get("/waiting/export.csv").get_data(as_text=True)
    assert "Co-signed letter" in file and ",47,Asked a while ago" in file


def test_whoever_has_no_follow_ups_has_no_list(app: Flask, person: People, signed_in: Browser) -> None:
    person("administrator")
    assert signed_in("administrator").get("/waiting").status_code == 403
    assert date(2026, 11, 23) == TODAY
