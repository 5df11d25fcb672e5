"""What the building blocks say, read without a browser."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.support.pages import check_page

PAGES = ("/", "/states", "/form", "/work", "/bare", "/plain")
ERRORS = ("400", "403", "404", "409", "413", "422", "429", "500", "503", "signed_out")


def page(client: FlaskClient, address: str) -> str:
    """The page, found fit by the checks that hold for every page."""
    return check_page(client.get(address))


def words(html: str) -> str:
    """The text of a piece of HTML with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_well_formed(client: FlaskClient, address: str) -> None:
    page(client, address)


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_page_says_what_to_do_next(client: FlaskClient, name: str) -> None:
    html = page(client, f"/errors/{name}")
    assert 'class="btn btn-primary"' in html
    assert "Demarche</title>" in html


def test_what_was_typed_before_signing_out_can_be_sent_again(client: FlaskClient) -> None:
    html = page(client, "/errors/signed_out")
    assert '<form method="post" action="/form">' in html
    assert '<input type="hidden" name="reply" value="They will write.\n\nIn December.">' in html
    assert '<input type="hidden" name="obstacle" value="human_resources">' in html


def test_what_was_typed_before_signing_out_is_shown_in_words(client: FlaskClient) -> None:
    html = page(client, "/errors/signed_out")
    shown = words(html[html.index('<dl class="pairs"') :])
    told = "Page Form State MNG Reply They will write. In December. Obstacle Human resources Paper refused Yes"
    assert shown.startswith(told)
    assert '<span class="prose">They will write.\n\nIn December.</span>' in html
    assert "45a3ff7b" not in shown


def test_the_layout_needs_nothing(client: FlaskClient) -> None:
    html = page(client, "/bare")
    assert "<h1>Bare</h1>" in html
    assert "<title>Bare · Demarche</title>" in html
    assert "Log a visit" not in html
    assert "Sample campaign" not in html


def test_the_present_place_is_marked(client: FlaskClient) -> None:
    html = page(client, "/states")
    assert re.findall(r'class="place" href="([^"]+)" aria-current="page"', html) == ["/states", "/states"]


def test_errors_stand_beside_the_field_and_in_the_summary(client: FlaskClient) -> None:
    html = check_page(client.post("/form", data={"handling": "states", "kind": "demarche"}))
    described = r'<input aria-describedby="state-hint state-error" aria-invalid="true"[^>]+id="state"'
    assert re.search(described, html)
    assert '<li><a href="#state">State: Say which State this was about.</a></li>' in html
    assert '<a href="#reply">What came back: Say what came back.</a>' in html
    assert "Ministry: Say which ministry received you." in words(html)


def test_what_was_typed_comes_back(client: FlaskClient) -> None:
    html = check_page(client.post("/form", data={"whom": "Ms <Nguyen>", "kind": "demarche"}))
    assert 'value="Ms &lt;Nguyen&gt;"' in html
    assert re.search(r"<input[^>]+checked[^>]+value=\"demarche\"", html)


def test_only_what_may_be_left_out_is_marked_as_optional(client: FlaskClient) -> None:
    html = page(client, "/form")
    labels = re.findall(r'<(?:label|legend) class="form-label"[^>]*>(.*?)</(?:label|legend)>', html)
    optional = [words(one) for one in labels if "optional" in one]
    expected = ("Whom did you meet?", "Obstacles named", "Cost estimate", "Paper left behind")
    assert optional == [f"{name} (optional)" for name in expected]


def test_due_days_are_said_in_words(client: FlaskClient) -> None:
    text = words(page(client, "/states"))
    near = ("Overdue 12 days · 11 Nov", "Overdue a day · 22 Nov", "Due today · 23 Nov", "Tomorrow · 24 Nov")
    for expected in (*near, "In 5 days · 28 Nov", "22 Jan 2027", "28 Dec 2027"):
        assert expected in text


def test_sorting_turns_round_and_forgets_the_page(client: FlaskClient) -> None:
    html = page(client, "/states?status=signatory&sort=name&after=abc")
    link = '<a class="sort" href="/states?status=signatory&amp;sort=-name">'
    assert f'<th scope="col" aria-sort="ascending">{link}' in html
    assert 'href="/states?status=signatory&amp;sort=status"' in html


def test_the_default_order_is_marked(client: FlaskClient) -> None:
    assert 'aria-sort="ascending"><a class="sort" href="/states?sort=-name"' in page(client, "/states")


def test_folded_filters_open_when_in_use(client: FlaskClient) -> None:
    assert '<details class="filters-more">' in page(client, "/states")
    html = page(client, "/states?since=2025-11-23")
    assert '<details class="filters-more" open>' in html
    assert "1 in use" in html


def test_the_map_counts_and_links_every_state(client: FlaskClient) -> None:
    html = page(client, "/states")
    found = html.index('class="tile-map"')
    text = words(html[found:])
    assert html.index('<use href="#tile-map-tiles">') < html.index('<g id="tile-map-tiles">')
    assert "State Party 3 Signatory 2 Non-signatory 2 Withdrawn 1" in text
    assert 'aria-label="LTU, Lithuania: Withdrawn"' in html
    assert html.count('<a class="tile tile-') == 8


def test_the_timeline_parts_what_is_ahead_from_what_was(client: FlaskClient) -> None:
    html = page(client, "/")
    text = words(html[html.index('class="timeline"') :])
    order = ["Ahead", "Overdue 12 days · 11 Nov", "Due today · 23 Nov", "2 December 2026", "Call on the Director"]
    order += ["Earlier", "First Committee", "Signed the"]
    places = [text.index(one) for one in order]
    assert places == sorted(places)
    assert 'id="talk"' in html


def test_facts_without_a_word_are_left_out(client: FlaskClient) -> None:
    html = page(client, "/")
    facts = re.search(r'<ul class="facts">(.*?)</ul>', html, re.DOTALL)
    assert facts
    assert facts[1].count("<li>") == 3


def test_progress_has_figures_and_a_way_without_script(client: FlaskClient) -> None:
    html = page(client, "/")
    assert 'aria-valuemax="87" aria-valuenow="15" aria-valuetext="12 of 87 done, 3 not done"' in html
    waiting = page(client, "/work")
    assert 'data-poll="/work/now"' in waiting
    assert '<a class="btn btn-sm btn-secondary without-script" href="">' in waiting
    assert 'action="/stop"' in waiting


def test_a_message_can_be_undone_by_a_post(client: FlaskClient) -> None:
    html = page(client, "/")
    token = r'<input type="hidden" name="csrf_token" value="[^"]+">'
    assert re.search(rf'<form method="post" action="/undo">{token}', html)
