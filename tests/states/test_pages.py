"""Pages of the States, as people see them."""

from __future__ import annotations

import html as markup
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages import check_page, token_of
from tests.support.statements import recorded

Clients = Callable[[str], FlaskClient]
LIST = b"iso3,act,deposited_on\n"


pytestmark = pytest.mark.usefixtures("on_the_day")


def figures(page: str) -> list[int]:
    """The key figures in their order."""
    return [int(one) for one in re.findall(r'key-value">(\d+)<', page)]


def rows(page: str) -> list[str]:
    """The States of the table, in its order."""
    body = page[page.index('id="table"') :]
    found = re.findall(r'<th scope="row"><a href="/states/[A-Z]{3}[^"]*"[^>]*>([^<]+)</a>', body)
    return [markup.unescape(one) for one in found]


def text_of(page: str) -> str:
    """The words of a page."""
    return " ".join(markup.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_today(signed_in: Clients) -> None:
    page = check_page(signed_in("officer").get("/states"))
    assert figures(page) == [112, 12, 72, 1]
    assert len(rows(page)) == 197
    assert page.count('class="tile tile-') >= 197
    assert "as of 23 November 2026" in text_of(page)
    lead = text_of(page[page.index('class="lead"') : page.index('class="day-steps"')])
    assert "Acts on file up to 5 September 2025 ." in lead
    assert "Import acts" not in page


def test_the_day_of_the_2011_deck(signed_in: Clients) -> None:
    page = check_page(signed_in("officer").get("/states?as_of=2011-06-01&region_scheme=seed_region"))
    assert figures(page) == [57, 51, 87, 0]
    assert len(rows(page)) == 195
    assert "Swaziland" in rows(page)
    assert "now Eswatini" in text_of(page)
    regions = text_of(page[page.index('id="regions-title"') :])
    assert "Non-signatories by region" in regions
    for line in ("Asia 18 3 2 0", "Africa 9 26 14 0", "All regions 87 51 57 0"):
        assert line in regions
    assert "not party" not in text_of(page)
    counted = re.findall(r"<strong>(\d+)</strong></td>", page[page.index('id="regions-title"') :])
    assert [int(one) for one in counted] == [18, 9, 15, 15, 9, 12, 9]


def test_a_phone_shows_status_and_the_most_telling_day(signed_in: Clients) -> None:
    browser = signed_in("officer")

    def brief(page: str, iso3: str) -> str:
        row = re.search(rf'<tr[^>]*><th scope="row"><a href="/states/{iso3}.*?</tr>', page, re.DOTALL)
        assert row
        cells = re.findall(r'<td class="brief[^"]*"(?: data-label="([^"]*)")?>(.*?)</td>', row[0], re.DOTALL)
        return ", ".join(" ".join([label, text_of(cell)]).strip() for label, cell in cells)

    today = browser.get("/states").get_data(as_text=True)
    assert brief(today, "LAO") == "State Party, 18 Mar 2009 Ratification"
    assert brief(today, "AGO") == "Signatory, Signed 3 Dec 2008"
    assert brief(today, "MNG") == "Non-signatory"
    assert brief(today, "LTU") == "Withdrawn, 1 Sep 2011 until 6 Mar 2025"
    in_force = browser.get("/states?basis=in_force").get_data(as_text=True)
    assert brief(in_force, "LAO") == "State Party, In force 1 Aug 2010"


def test_counted_from_entry_into_force(signed_in: Clients) -> None:
    page = check_page(signed_in("officer").get("/states?as_of=2011-06-01&basis=in_force"))
    assert figures(page)[0] == 49
    assert "by entry into force" in text_of(page)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=cote+divoire", ["Côte d'Ivoire"]),
        ("q=swaziland", ["Eswatini"]),
        ("q=LAO", ["Lao People's Democratic Republic"]),
        ("status=withdrawn", ["Lithuania"]),
        ("status=signatory&region=Central+and+South+America", ["Haiti", "Jamaica"]),
        ("status=state_party&region=none&region_scheme=un_group", ["Cook Islands", "Holy See", "Niue"]),
    ],
)
def test_filters(signed_in: Clients, query: str, names: list[str]) -> None:
    page = check_page(signed_in("officer").get(f"/states?{query}"))
    assert rows(page) == names


def test_sorting(signed_in: Clients) -> None:
    browser = signed_in("officer")
    newest = rows(check_page(browser.get("/states?sort=-deposited&status=state_party")))
    assert newest[:2] == ["Vanuatu", "South Sudan"]
    backwards = rows(check_page(browser.get("/states?sort=-name")))
    assert backwards[0] == "Zimbabwe"
    blank_last = rows(check_page(browser.get("/states?sort=signed")))
    assert blank_last[-1] == "Zimbabwe"


@pytest.mark.parametrize(
    ("query", "shown"), [("", True), ("?status=withdrawn", True), ("?region=Asia", False), ("?q=lao", False)]
)
def test_the_map_stands_where_it_says_something(signed_in: Clients, query: str, shown: bool) -> None:
    page = check_page(signed_in("officer").get(f"/states{query}"))
    assert ('id="tile-map"' in page) is shown


def test_nothing_fits(signed_in: Clients) -> None:
    page = check_page(signed_in("officer").get("/states?q=atlantis"))
    assert "No State fits these filters" in page
    assert figures(page) == [112, 12, 72, 1]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("as_of=soon", "“soon” is not a day"),
        ("as_of=2026-11-24", "has not come yet"),
        ("as_of=2008-12-02", "before the treaty was opened for signature"),
        ("status=friendly", "is not known here"),
        ("basis=rumour", "is not known here"),
    ],
)
def test_what_cannot_be_shown(signed_in: Clients, query: str, said: str) -> None:
    page = check_page(signed_in("officer").get(f"/states?{query}"), 422)
    assert said in markup.unescape(page)


def test_words_in_the_address_that_are_no_filter_are_put_aside(signed_in: Clients) -> None:
    hostile = "endpoint=x&_external=1&_scheme=javascript&_anchor=a&status=signatory"
    answer = signed_in("officer").get(f"/states?{hostile}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/states?status=signatory")


def test_stepping_through_the_days(signed_in: Clients) -> None:
    page = check_page(signed_in("officer").get("/states?as_of=2011-06-01&status=signatory"))
    links = [markup.unescape(one) for one in re.findall(r'rel="(?:prev|next)" href="([^"]+)"', page)]
    assert links == ["/states?as_of=2010-11-12&status=signatory", "/states?as_of=2011-09-16&status=signatory"]


def test_no_day_is_offered_twice(signed_in: Clients) -> None:
    browser = signed_in("officer")
    for query in ("", "?as_of=2011-06-01", "?as_of=2010-11-20", "?as_of=2026-10-01"):
        page = check_page(browser.get(f"/states{query}"))
        steps = page[page.index('aria-label="Days"') :]
        links = re.findall(r'href="([^"]+)"', steps[: steps.index("</nav>")])
        days = [one for one in links if "as_of" in one]
        assert len(days) == len(set(days)), days


@pytest.mark.parametrize("door", ["", "/api/v1"])
def test_the_list_as_csv(signed_in: Clients, door: str) -> None:
    """Just the States, the order and the columns of the page, on the day that it shows."""
    query = "as_of=2011-06-01&status=state_party&sort=deposited&columns=code,status,deposited"
    answer = signed_in("officer").get(f"{door}/states/export.csv?{query}")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 58
    assert lines[0] == "State,Code,Status,Consent deposited"
    assert lines[1].endswith(",State Party,2008-12-03")
    assert 'filename="states-2011-06-01.csv"' in answer.headers["Content-Disposition"]
    assert signed_in("officer").get(f"{door}/states/export.csv?as_of=2031-01-01").status_code == 422


def test_one_state(signed_in: Clients) -> None:
    page = check_page(signed_in("officer").get("/states/LAO"))
    words = text_of(page)
    for expected in (
        "Lao People's Democratic Republic", "State Party", "18 March 2009", "1 August 2010",
        "28 January 2011", "the Lao People's Democratic Republic", "LAO, LA, 418", "Vientiane",
        "17.97° N, 102.60° E", "GeoNames",
        "République démocratique populaire lao", "UN Treaty Collection", "Signed the Convention",
    ):  # fmt: skip
        assert expected in words, expected
    assert '/activities/new?state=LAO"' in page


def test_deposited_and_not_yet_in_force(signed_in: Clients) -> None:
    words = text_of(check_page(signed_in("officer").get("/states/VUT?as_of=2025-10-01")))
    for expected in ("State Party", "In force from 1 March 2026", "5 Sep 2025", "1 Mar 2026", "28 Aug 2026"):
        assert expected in words


def test_a_notified_withdrawal(signed_in: Clients) -> None:
    browser = signed_in("officer")
    before = text_of(check_page(browser.get("/states/LTU?as_of=2024-10-01")))
    assert "State Party" in before
    assert "Withdrawal notified, effective 6 March 2025" in before
    after = text_of(check_page(browser.get("/states/LTU")))
    assert "Withdrawn" in after


def test_remarks_write_their_days_out(signed_in: Clients) -> None:
    page = text_of(check_page(signed_in("officer").get("/states/LTU")))
    assert page.count("Provisional application declared 24 March 2011") == 2
    assert "2011-03-24" not in page


def test_a_state_under_its_old_name(signed_in: Clients) -> None:
    page = check_page(signed_in("officer").get("/states/SWZ?as_of=2011-06-01"))
    assert "<h1>Swaziland</h1>" in page
    words = text_of(page)
    assert "now Eswatini" in words
    assert "the Kingdom of Swaziland" in words


def test_a_state_that_did_not_exist_yet(signed_in: Clients) -> None:
    words = text_of(check_page(signed_in("officer").get("/states/SSD?as_of=2011-06-01")))
    assert "South Sudan was not yet counted on 1 June 2011" in words
    assert "14 July 2011" in words


def test_a_day_without_status_on_the_page_of_a_state(signed_in: Clients) -> None:
    words = text_of(check_page(signed_in("officer").get("/states/LAO?as_of=2031-01-01"), 422))
    assert "has not come yet" in words
    assert "This page shows today instead" in words


def test_addresses_of_a_state(signed_in: Clients) -> None:
    browser = signed_in("officer")
    answer = browser.get("/states/lao?as_of=2011-06-01")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/states/LAO?as_of=2011-06-01")
    check_page(browser.get("/states/XXX"), 404)
    check_page(browser.get("/states/LAO?before=never"), 404)


def test_the_first_load_stays_light(signed_in: Clients) -> None:
    answer = signed_in("officer").get("/states", headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.data) <= 15_500


@pytest.mark.parametrize(
    ("path", "most"), [("/states", 12), ("/states?as_of=2011-06-01", 12), ("/states/LAO", 28), ("/states/LTU", 28)]
)
def test_pages_cost_few_statements(signed_in: Clients, path: str, most: int) -> None:
    browser = signed_in("officer")
    browser.get(path)
    with recorded() as seen:
        browser.get(path)
    assert len(seen) <= most, seen


def test_nothing_without_signing_in(app: Flask) -> None:
    browser = app.test_client()
    for path in ("/states", "/states/LAO", "/states/export.csv", "/states/import"):
        assert browser.get(path).status_code == 303


@pytest.mark.parametrize("who", ["officer", "observer", "administrator", "presidency"])
def test_who_may_not_import(signed_in: Clients, who: str) -> None:
    browser = signed_in(who)
    for path in (
        "/states/import",
        "/states/import/current.csv",
        "/states/import/00000000-0000-4000-8000-000000000000",
    ):
        assert browser.get(path).status_code == 403
    assert browser.get("/states").status_code == 200


def upload(browser: FlaskClient, content: bytes, source: str = "UN, 5 October 2026", **more: str) -> Any:
    token = token_of(browser.get("/states/import").get_data(as_text=True))
    data = {"csrf_token": token, "source_name": source, "csv": (io.BytesIO(content), "list.csv"), **more}
    return browser.post("/states/import", data=data, content_type="multipart/form-data")


def press(browser: FlaskClient, path: str, button: str) -> Any:
    token = token_of(browser.get(path).get_data(as_text=True))
    return browser.post(f"{path}/{button}", data={"csrf_token": token})


def test_from_the_list_to_the_file_and_back(signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    check_page(browser.get("/states/import"))
    answer = upload(browser, LIST + b"BTN,accession,2026-10-05\nVUT,accession,2025-09-06\n")
    assert answer.status_code == 303
    path = answer.headers["Location"]
    preview = check_page(browser.get(path))
    assert figures(preview) == [1, 1, 0, 0]
    assert "221 acts on file are not in this list" in text_of(preview)
    assert "Non-signatory" in text_of(check_page(browser.get("/states/BTN")))
    assert press(browser, path, "commit").status_code == 303
    committed = check_page(browser.get(path))
    assert "The acts are on file." in committed
    assert "In force from 1 April 2027" in text_of(check_page(browser.get("/states/BTN")))
    check_page(press(browser, path, "commit"), 422)
    assert press(browser, path, "undo").status_code == 303
    assert "Undone" in check_page(browser.get(path))
    assert "Non-signatory" in text_of(check_page(browser.get("/states/BTN")))
    assert "UN, 5 October 2026" in check_page(browser.get("/states/import"))


def test_broken_rows_are_shown_and_cannot_be_committed(signed_in: Clients) -> None:
    browser = signed_in("secretariat")
    path = upload(browser, LIST + b"ZZZ,accession,2026-10-05\nBTN,accession,soon\n").headers["Location"]
    page = check_page(browser.get(path))
    words = text_of(page)
    assert "2 things to put right" in words
    assert "Line 2" in words
    assert "No State has the code “ZZZ”" in words
    assert "/commit" not in page
    token = token_of(browser.get("/states/import").get_data(as_text=True))
    check_page(browser.post(f"{path}/commit", data={"csrf_token": token}), 422)
    assert "Non-signatory" in text_of(check_page(browser.get("/states/BTN")))


def test_what_cannot_be_taken_stands_in_one_table_alone(signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    path = upload(browser, LIST + b"TON,ratification,2026-10-05\nBTN,accession,2026-10-05\n").headers["Location"]
    page = check_page(browser.get(path))
    assert figures(page) == [1, 0, 0, 0]
    problems, differences = text_of(page).split("Differences", 1)
    assert "TON ratification 2026-10-05" in problems
    assert "Bhutan Accession Added" in differences
    assert "Tonga" not in differences


def test_an_act_that_moves_far_is_asked_about_before_it_is_put_on_file(signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    rows = b"FRA,ratification,2026-11-01\nVUT,accession,2025-09-06\n"
    path = upload(browser, LIST + rows).headers["Location"]
    words = text_of(check_page(browser.get(path)))
    assert words.count("This moves an act on file by 17 years. Is it the same act?") == 1
    assert "One row moves an act on file by more than a month" in words
    assert press(browser, path, "commit").status_code == 303
    assert "This moves an act" not in check_page(browser.get(path))


@pytest.mark.parametrize(
    ("content", "source", "said"),
    [
        (b"", "UN", "empty"),
        (b"colour\nred\n", "UN", "lacks iso3"),
        (b"\xff\xfe", "UN", "not UTF-8"),
        (LIST + b"BTN,accession,2026-10-05\n", "", "Say where the list comes from."),
    ],
)
def test_uploads_that_are_refused(signed_in: Clients, content: bytes, source: str, said: str) -> None:
    page = check_page(upload(signed_in("coordinator"), content, source), 422)
    assert said in markup.unescape(page)


def test_a_preview_that_others_overtook(signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    first = upload(browser, LIST + b"BTN,accession,2026-10-05\n").headers["Location"]
    second = upload(browser, LIST + b"NPL,accession,2026-10-06\n").headers["Location"]
    press(browser, first, "commit")
    page = check_page(browser.get(second))
    assert "Out of date" in page
    assert "/commit" not in page
    token = token_of(browser.get("/states/import").get_data(as_text=True))
    check_page(browser.post(f"{second}/commit", data={"csrf_token": token}), 409)


def test_the_acts_on_file_as_csv(signed_in: Clients) -> None:
    answer = signed_in("coordinator").get("/states/import/current.csv")
    lines = answer.get_data(as_text=True).splitlines()
    assert len(lines) == 223
    assert lines[0] == "iso3,act,deposited_on,effective_on,note,confidence,source"
    assert 'filename="ccm-acts.csv"' in answer.headers["Content-Disposition"]


def test_names_that_look_like_markup_stay_text(signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    path = upload(browser, LIST + b"BTN,accession,2026-10-05\n", "<script>alert(1)</script>").headers["Location"]
    for page in (browser.get(path), browser.get("/states/import")):
        assert "<script>alert(1)" not in check_page(page)
    assert "<b>" not in check_page(browser.get("/states?q=<b>bold</b>"))
