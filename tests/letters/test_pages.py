"""The pages and the JSON door, as a browser and a program use them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from crm.core import clock
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.widening import widening
from crm.letters import drafting
from crm.letters.models import Letter, LetterCampaign
from crm.letters.timeline import entries
from crm.people.models import OfficeHolder
from crm.states.rules import Status
from crm.states.timeline import Wanted
from tests.abuse.world import accredit_to_one
from tests.letters.conftest import Plan
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.statements import recorded

Work = Callable[..., int]
SignedIn = Callable[[str], FlaskClient]


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Before Beirut",
        "letter_date": "2011-06-01",
        "statuses": ["non_signatory"],
        "languages": "own",
        "handling": "coordination",
        **changes,
    }


def start(browser: FlaskClient, **changes: Any) -> Any:
    token = token_of(check_page(browser.get("/letters/campaigns/new")))
    return browser.post("/letters/campaigns/new", data={**typed(**changes), "csrf_token": token})


def one_letter(campaign: LetterCampaign, iso3: str = "BTN") -> Letter:
    found = db.session.scalar(select(Letter).where(Letter.campaign_id == campaign.id, Letter.state_iso3 == iso3))
    assert found
    return found


def test_an_empty_list_says_what_to_do(app: Flask, signed_in: SignedIn) -> None:
    html = check_page(signed_in("coordinator").get("/letters"))
    assert "No letters yet" in html
    assert "/letters/campaigns/new" in html
    assert "/letters/campaigns/new" not in check_page(signed_in("officer").get("/letters"))


def test_from_the_click_to_the_archive(offices: Flask, signed_in: SignedIn, work_off: Work) -> None:
    browser = signed_in("coordinator")
    answer = start(browser)
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert "Acts on file up to 5 September 2025." in check_page(browser.get("/letters/campaigns/new"))
    html = check_page(browser.get(address))
    assert "<strong>0</strong> of 87 done" in html
    assert f'data-poll="{address}/progress"' in html
    fragment = browser.get(f"{address}/progress").get_data(as_text=True)
    assert "data-poll" in fragment
    assert "data-reload" not in fragment

    assert work_off() == 87
    fragment = browser.get(f"{address}/progress").get_data(as_text=True)
    assert "<strong>87</strong> of 87 done" in fragment
    assert "data-poll" not in fragment
    assert "data-reload" in fragment
    html = check_page(browser.get(address))
    assert "Signed by <strong>Lebanon</strong>, President Designate of the Second Meeting" in html
    assert "57 States Parties, 51 signatories, 87 non-signatories, 0 withdrawn, 195 in all" in html
    assert "Before Beirut" in check_page(browser.get("/letters"))

    archive = browser.get(f"{address}/letters.zip")
    assert archive.mimetype == "application/zip"
    assert "CCM-2011-06-01-before-beirut.zip" in archive.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(archive.data)) as bundle:
        assert bundle.testzip() is None
        names = bundle.namelist()
        rows = list(csv.DictReader(io.StringIO(bundle.read("index.csv").decode("utf-8-sig"))))
        assert bundle.read("CCM-2011-06-01-BTN-en.pdf").startswith(b"%PDF")
    assert len(names) == 1 + 2 * 87
    assert len(rows) == 87
    gabon = next(row for row in rows if row["iso3"] == "GAB")
    assert gabon["files"] == "CCM-2011-06-01-GAB-fr.docx CCM-2011-06-01-GAB-fr.pdf"
    assert (gabon["status"], gabon["verb"], gabon["drafting"]) == ("non_signatory", "accede", "drafted")
    assert browser.get(f"{address}/letters.zip").data == archive.data


def test_a_letter_and_its_files(plan: Plan, signed_in: SignedIn) -> None:
    browser = signed_in("presidency")
    letter = one_letter(plan())
    drafting.draft(letter.id)
    html = check_page(browser.get(f"/letters/{letter.id}"))
    assert "On behalf of Lebanon" in html
    assert f'<span class="text-nowrap">{letter.reference}</span>' in html
    assert f"<li>{letter.reference}</li><li>1 June 2011</li><li>" in html
    for kind, start_of_file in (("pdf", b"%PDF"), ("docx", b"PK")):
        file = browser.get(f"/letters/{letter.id}/en.{kind}")
        assert file.data.startswith(start_of_file)
        assert f'filename="CCM-2011-06-01-BTN-en.{kind}"' in file.headers["Content-Disposition"]
    assert browser.get(f"/letters/{letter.id}/fr.pdf").status_code == 404
    assert browser.get(f"/letters/{letter.id}/en.exe").status_code == 404


def test_a_blocked_letter_links_to_where_it_is_mended(plan: Plan, signed_in: SignedIn, work_off: Work) -> None:
    browser = signed_in("coordinator")
    with unit_of_work():
        for holder in db.session.scalars(select(OfficeHolder).where(OfficeHolder.name == "Example BTN")):
            holder.gender = "unknown"
    campaign = plan()
    work_off("BTN")
    for address in (f"/letters/{one_letter(campaign).id}", f"/letters/campaigns/{campaign.id}?show=blocked"):
        html = check_page(browser.get(address))
        assert "Fill in the gender of this office-holder" in html
        assert 'href="/people/offices/BTN/foreign_minister"' in html
    with unit_of_work():
        for holder in db.session.scalars(select(OfficeHolder).where(OfficeHolder.name == "Example BTN")):
            holder.gender = "male"
    token = token_of(check_page(browser.get(f"/letters/{one_letter(campaign).id}")))
    pressed = browser.post(f"/letters/{one_letter(campaign).id}/retry", data={"csrf_token": token})
    assert pressed.status_code == 303
    assert work_off() == 1
    assert one_letter(campaign).state == "drafted"


def test_stop_resume_and_retry_by_button(plan: Plan, signed_in: SignedIn, work_off: Work) -> None:
    browser = signed_in("coordinator")
    campaign = plan()
    address = f"/letters/campaigns/{campaign.id}"
    token = token_of(check_page(browser.get(address)))
    assert browser.post(f"{address}/stop", data={"csrf_token": token}).status_code == 303
    assert "Resume" in check_page(browser.get(address))
    assert browser.post(f"{address}/resume", data={"csrf_token": token}).status_code == 303
    assert work_off("BTN") == 2 * 87
    assert browser.post(f"{address}/retry", data={"csrf_token": token}).status_code == 303
    assert browser.post(f"{address}/stop", data={}).status_code == 422


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Give the campaign a name."),
        ({"name": "x" * 121}, "120 characters"),
        ({"letter_date": "2999-01-01"}, "This day has not come yet."),
        ({"letter_date": "nonsense"}, "Write the day as year-month-day"),
        ({"letter_date": "2010-07-31"}, "The treaty entered into force on 1 August 2010"),
        ({"statuses": []}, "Choose at least one group of States."),
        ({"statuses": ["state_party"]}, "Choose among these: Signatories"),
        ({"statuses": ["withdrawn"]}, "No State had this status"),
        ({"languages": "tlh"}, "Choose one of these: "),
        ({"occasion_en": "the\u202esession"}, "invisible or control character"),
        ({"contact": "a" + "\u0301" * 5}, "stacks more than two accents"),
        ({"handling": "secret"}, "Choose one of these: "),
    ],
)
def test_what_is_wrong_stands_beside_the_field(
    offices: Flask, signed_in: SignedIn, changes: dict[str, Any], words: str
) -> None:
    html = check_page(start(signed_in("coordinator"), **changes), 422)
    assert words in html
    assert db.session.scalar(select(LetterCampaign.id)) is None


@pytest.mark.parametrize(
    ("languages", "named", "missing", "letters"),
    [
        ("both", "en", "fr", "87"),
        ("both", "fr", "en", "87"),
        ("fr", "en", "fr", "87"),
        ("own", "en", "fr", "[1-9]\\d*"),
    ],
)
def test_an_occasion_is_named_in_every_language_that_is_written(
    offices: Flask, signed_in: SignedIn, languages: str, named: str, missing: str, letters: str
) -> None:
    """Otherwise letters would be blocked for what can no longer be filled in."""
    browser, field = signed_in("coordinator"), f"occasion_{missing}"
    given = {"languages": languages, f"occasion_{named}": "the session", field: ""}
    html = check_page(start(browser, **given), 422)
    assert f'href="#{field}"' in html
    assert re.search(rf"{letters} of the letters are in (English|French)", html), html
    assert db.session.scalar(select(LetterCampaign.id)) is None
    assert start(browser, **{**given, field: "la session"}).status_code == 303


def test_a_campaign_without_a_letter_for_the_reader_says_so(
    plan: Plan, signed_in: SignedIn, person: Callable[[str], Person]
) -> None:
    address = f"/letters/campaigns/{plan().id}"
    accredit_to_one(person("officer").viewer)
    with looking_as(SYSTEM), widening(), unit_of_work() as session:
        session.execute(update(LetterCampaign).values(handling="states"))
        session.execute(delete(Letter).where(Letter.state_iso3 == "LAO"))
    page = check_page(signed_in("officer").get(address))
    assert "None of its letters is to a State of yours." in page and "Preparing" not in page
    assert "None to a State of yours" in check_page(signed_in("officer").get("/letters"))


def test_the_same_name_twice(plan: Plan, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    plan()
    html = check_page(start(browser), 422)
    assert "There is a campaign of this name already" in html


def test_live_figures_of_a_day(offices: Flask, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    html = check_page(browser.get("/letters/campaigns/new"))
    assert "Non-signatories: asked to accede (" in html
    assert 'data-hx-get="/letters/campaigns/targets"' in html
    part = browser.get("/letters/campaigns/targets?letter_date=2011-06-01&statuses=signatory")
    text = part.get_data(as_text=True)
    assert part.status_code == 200
    assert "Signatories: asked to ratify (51)" in text
    assert "Non-signatories: asked to accede (87)" in text
    assert "Withdrawn: blocked for legal review (0)" in text
    assert "<strong>Lebanon</strong>, President Designate" in text
    assert text.count("checked") == 1
    assert "(87)" not in browser.get("/letters/campaigns/targets?letter_date=1999-01-01").get_data(as_text=True)


def test_without_script_a_button_shows_the_figures(offices: Flask, signed_in: SignedIn) -> None:
    html = check_page(start(signed_in("coordinator"), show_figures="1", name="Typed already"))
    assert "Non-signatories: asked to accede (87)" in html
    assert 'value="Typed already"' in html
    assert db.session.scalar(select(LetterCampaign.id)) is None


def test_a_day_without_a_president_designate_warns(offices: Flask, signed_in: SignedIn) -> None:
    day = clock.today().isoformat()
    text = signed_in("coordinator").get(f"/letters/campaigns/targets?letter_date={day}").get_data(as_text=True)
    assert "No President Designate is recorded" in text


@pytest.mark.parametrize("who", ["officer", "secretariat", "observer", "administrator"])
def test_others_do_not_start_campaigns(offices: Flask, signed_in: SignedIn, who: str) -> None:
    assert signed_in(who).get("/letters/campaigns/new").status_code == 403


@pytest.mark.parametrize(
    ("handling", "seen"), [(Handling.COORDINATION, 404), (Handling.STATES, 200), (Handling.ORIGINATOR, 404)]
)
def test_a_hidden_campaign_is_not_there(plan: Plan, signed_in: SignedIn, handling: Handling, seen: int) -> None:
    browser = signed_in("other_officer")
    campaign = plan(handling=handling)
    letter = one_letter(campaign)
    drafting.draft(letter.id)
    for address in (
        f"/letters/campaigns/{campaign.id}",
        f"/letters/campaigns/{campaign.id}/progress",
        f"/letters/campaigns/{campaign.id}/letters.zip",
        f"/letters/{letter.id}",
        f"/letters/{letter.id}/en.pdf",
        f"/api/v1/letters/campaigns/{campaign.id}",
        f"/api/v1/letters/{letter.id}",
        f"/api/v1/letters/{letter.id}/en.docx",
    ):
        assert browser.get(address).status_code == seen, address
    listed = browser.get("/letters").get_data(as_text=True)
    assert ("Before Beirut" in listed) is (seen == 200)
    absent = browser.get("/letters/campaigns/00000000-0000-4000-8000-000000000000")
    if seen == 404:
        assert absent.status_code == 404
        assert _bare(absent) == _bare(browser.get(f"/letters/campaigns/{campaign.id}"))


def _bare(response: Any) -> str:
    """A page without what differs from request to request."""
    text = response.get_data(as_text=True)
    return re.sub(r'(csrf[^>]*?(value|content)="|X-CSRFToken": "|nonce=")[^"]*', r"\1", text)


def test_pages_ask_the_same_number_of_questions_whatever_their_size(
    plan: Plan, signed_in: SignedIn, work_off: Work
) -> None:
    browser = signed_in("coordinator")
    small = plan(name="Small", statuses=[Status.WITHDRAWN], letter_date=clock.today())
    work_off()

    def questions(address: str) -> int:
        browser.get(address)
        with recorded() as seen:
            assert browser.get(address).status_code == 200
        return len(seen)

    few = questions(f"/letters/campaigns/{small.id}"), questions("/letters")
    large = plan()
    work_off("BTN", "CHN", "GAB", "IND", "USA")
    for number in range(5):
        plan(name=f"More {number}", statuses=[Status.WITHDRAWN], letter_date=clock.today())
    many = questions(f"/letters/campaigns/{large.id}"), questions("/letters")
    assert many == few
    archives = [questions(f"/letters/campaigns/{one.id}/letters.zip") for one in (small, large)]
    assert archives[0] == archives[1] <= few[0] + 6, "taking it along is written down"


def api_post(browser: FlaskClient, address: str, body: Any) -> Any:
    token = token_of(browser.get("/letters/campaigns/new").get_data(as_text=True))
    return browser.post(address, data=json.dumps(body), content_type="application/json", headers={"X-CSRFToken": token})


def test_the_json_door(offices: Flask, signed_in: SignedIn, work_off: Work) -> None:
    browser = signed_in("coordinator")
    answer = api_post(browser, "/api/v1/letters/campaigns", typed())
    assert answer.status_code == 201
    address = answer.headers["Location"]
    assert answer.json["progress"]["total"] == 87
    assert answer.json["progress"]["waiting"] == 87
    assert api_post(browser, f"{address}/stop", {}).json["progress"]["stopped"] == 87
    assert api_post(browser, f"{address}/resume", {}).json["progress"]["waiting"] == 87
    work_off("BTN", "GAB")
    body = browser.get(address).json
    assert body["as_of"] == "2011-06-01"
    assert body["progress"]["drafted"] == 2
    letter = next(one for one in body["letters"] if one["state_iso3"] == "BTN")
    assert letter["verb"] == "accede"
    assert letter["reasons"] == []
    assert browser.get(letter["documents"][0]).data.startswith(b"%PDF")
    whole = browser.get(f"/api/v1/letters/{letter['id']}").json
    assert "On behalf of Lebanon" in whole["texts"]["en"]["paragraphs"][0]["text"]
    assert browser.get(body["archive"]).mimetype == "application/zip"
    assert [one["name"] for one in browser.get("/api/v1/letters/campaigns").json["items"]] == ["Before Beirut"]
    assert api_post(browser, f"{address}/retry", {}).json["progress"]["drafted"] == 2


def test_the_json_door_refuses_what_the_page_refuses(offices: Flask, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    refused = api_post(browser, "/api/v1/letters/campaigns", typed(name="", statuses=["state_party"]))
    assert refused.status_code == 422
    assert {"name", "statuses"} <= set(refused.json["errors"])
    unknown = api_post(browser, "/api/v1/letters/campaigns", typed(originator_id="x"))
    assert unknown.status_code == 422
    assert "originator_id" in unknown.json["errors"]
    assert api_post(signed_in("presidency"), "/api/v1/letters/campaigns", []).status_code == 422


def test_both_doors_do_the_same(offices: Flask, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    by_page = start(browser, name="Page").headers["Location"].rsplit("/", 1)[1]
    by_json = api_post(browser, "/api/v1/letters/campaigns", typed(name="Json")).json["id"]

    def row(campaign_id: str) -> dict[str, Any]:
        body = dict(browser.get(f"/api/v1/letters/campaigns/{campaign_id}").json)
        body["letters"] = [(one["state_iso3"], one["status"], one["verb"], one["languages"]) for one in body["letters"]]
        for differing in ("id", "name", "planned_at", "archive"):
            body.pop(differing)
        return body

    assert row(by_page) == row(by_json)


def test_drafted_letters_stand_on_the_timeline_of_their_state(plan: Plan, person: Any, work_off: Work) -> None:
    campaign = plan()
    work_off("BTN")
    letter = one_letter(campaign)
    viewer = person("coordinator").viewer
    with current_app.test_request_context():
        found = entries("BTN", viewer, Wanted())
    assert [one.date.isoformat() for one in found] == ["2011-06-01"]
    assert found[0].title == "Letter drafted, asking to accede"
    assert found[0].body == letter.reference
    assert entries("CHN", viewer, Wanted()) == []
    assert entries("BTN", viewer, Wanted(before=found[0].date)) == []
    assert entries("BTN", person("administrator").viewer, Wanted()) == []
