"""The page and its JSON twin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Flask
from flask.testing import FlaskClient

from crm.core.access import Handling
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]


def test_both_doors_answer_alike(app: Flask, person: People, signed_in: Clients) -> None:
    key = logged(
        person("officer").viewer, reply="They <b>asked</b> for a Canaryword & more.", held_on=date(2026, 11, 1)
    )
    browser = signed_in("officer")
    page = check_page(browser.get("/search?q=canaryword"))
    assert "They &lt;b&gt;asked&lt;/b&gt; for a <mark>Canaryword</mark> &amp; more." in page
    assert f'href="/activities/{key}"' in page
    answer = browser.get("/api/v1/search?q=canaryword").json
    (item,) = answer["items"]
    assert (item["kind"], item["id"], item["states"], item["date"]) == ("activity", str(key), ["LAO"], "2026-11-01")
    assert {"text": "Canaryword", "found": True} in item["snippet"]
    assert (answer["counts"], answer["more"], answer["next"]) == ({"activity": 1}, False, None)


def test_what_is_hidden_is_in_neither(app: Flask, person: People, signed_in: Clients) -> None:
    logged(person("officer").viewer, reply="Canaryword", handling=Handling.ORIGINATOR)
    browser = signed_in("other_officer")
    nothing = browser.get("/api/v1/search?q=canaryword").json
    assert nothing == browser.get("/api/v1/search?q=zzzzword").json
    page = check_page(browser.get("/search?q=canaryword"))
    assert page.lower().count("canaryword") == check_page(browser.get("/search?q=zzzzword")).count("zzzzword")


def test_every_page_has_the_box(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("observer")
    assert 'action="/search"' in check_page(browser.get("/states"))
    empty = check_page(browser.get("/search"))
    assert "Write what you remember" in empty and 'action="/search"' not in empty


def test_it_says_what_helps(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    assert "Try fewer words" in check_page(browser.get("/search?q=zzzz"))
    assert "Search without filters" in check_page(browser.get("/search?q=zzzz&state=LAO"))
    assert "Write at least one word" in check_page(browser.get("/search?q=-word"))
    assert browser.get("/search?q=word&after=nonsense").status_code == 404
    for odd in ("%22", "AND", "NEAR(", "*", "a%00b", "x" * 300, "%27", ":*", "—"):
        assert browser.get(f"/search?q={odd}").status_code == 200, odd
        assert browser.get(f"/api/v1/search?q={odd}").status_code == 200, odd
    check_page(browser.get("/search?q=lao&kind=nonsense&state=XXX&since=nonsense"))


def test_the_command_says_what_it_did(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["search", "rebuild"])
    assert done.exit_code == 0, done.output
    assert "Everything can be found" in done.output
