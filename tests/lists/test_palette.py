"""The palette: States, what can be done with them, pages, records and views, as far as somebody may see them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from crm.core.access import Handling
from tests.followups.opening import opened
from tests.lists.test_views import saved
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import logged
from tests.support.statements import recorded

People = Callable[[str], Person]
SignedIn = Callable[[str], FlaskClient]


def labels(browser: FlaskClient, text: str) -> list[str]:
    """What is offered for a few letters."""
    return [one["label"] for one in browser.get("/api/v1/go", query_string={"q": text}).get_json()["items"]]


def test_a_few_letters_find_a_state_and_what_can_be_done(signed_in: SignedIn) -> None:
    found = labels(signed_in("officer"), "bhu")
    assert found[0] == "Bhutan"
    assert "Log an activity with Bhutan" in found and "New follow-up about Bhutan" in found
    assert labels(signed_in("officer"), "log bhu") == ["Log an activity with Bhutan"]
    assert not [one for one in labels(signed_in("observer"), "bhu") if "Log" in one]


@pytest.mark.parametrize(
    ("text", "wanted"), [("follow", "Follow-ups"), ("account", "Your account"), ("LETT", "Letters")]
)
def test_pages_are_found(signed_in: SignedIn, text: str, wanted: str) -> None:
    assert wanted in labels(signed_in("officer"), text)


def test_records_and_views_of_one_s_own_are_found(person: People, signed_in: SignedIn) -> None:
    viewer = person("coordinator").viewer
    logged(viewer, "BTN", handling=Handling.ORIGINATOR)
    opened(viewer, what="Send the model law")
    saved(viewer, name="Replies of Laos")
    browser = signed_in("coordinator")
    assert "Send the model law (Lao People's Democratic Republic)" in labels(browser, "model law")
    assert "Replies of Laos" in labels(browser, "replies")
    assert [one for one in labels(browser, "") if one.startswith("Démarche, Bhutan")]
    for who in ("other_officer", "observer"):
        for text in ("", "model law", "replies", "bhutan"):
            found = labels(signed_in(who), text)
            assert not [one for one in found if "model law" in one or "Replies" in one or "Démarche" in one]


def test_it_costs_as_many_statements_however_much_is_there(person: People, signed_in: SignedIn) -> None:
    viewer, numbers = person("coordinator").viewer, []
    browser = signed_in("coordinator")
    for more in (1, 8):
        for _ in range(more):
            logged(viewer, "BTN")
        browser.get("/go?q=a")
        with recorded() as seen:
            browser.get("/go?q=a")
        numbers.append(len([one for one in seen if one.asks]))
    assert numbers[0] == numbers[1]


def test_without_script_it_is_a_page(person: People, signed_in: SignedIn) -> None:
    html = check_page(signed_in("officer").get("/go?q=log+bhu"))
    assert 'href="/activities/new?state=BTN"' in html
    assert "Nothing fits" in check_page(signed_in("officer").get("/go?q=zzzzzz"))
    assert "<script" not in signed_in("officer").get("/go/candidates?q=%3Cscript%3E").get_data(as_text=True)
