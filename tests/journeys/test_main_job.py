"""The main job, from a call on a ministry to a letter for two governments, without any stand-in.

An officer logs a visit on a phone; time moves; the coordinator is reminded by e-mail, drafts the letters,
and takes a PDF in which an independent reader finds the right State, verb, counts and signatories.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from launcher.postgres import Cluster
from tests.support.browser import DESK, PATIENCE, PHONE, Hands, assert_accessible, sign_in, visit
from tests.support.house import House

PASSWORD = "universal-sample-2011"
OFFICER, COORDINATOR = "officer@sample.example", "coordinator@sample.example"
WEEK = 7 * 24 * 3600
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A sample installation on each kind of database."""
    folder = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        yield House(folder / "var", None)
        return
    cluster = Cluster(folder / "postgres")
    url = cluster.start()
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE demarche")
        yield House(folder / "var", re.sub(r"/[^/]*$", "/demarche", url))
    finally:
        cluster.stop()


def _until(page: Page, seen: Callable[[], bool], seconds: int = PATIENCE) -> None:
    """Reload until something is there."""
    until = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < until, page.inner_text("body")
        time.sleep(1)
        page.reload()


def _log_visit(page: Page, due: str) -> int:
    """Log a visit to Bhutan; the number of interactions from the empty form to the saved entry."""
    page.goto("/activities/new")
    hands = Hands(page)
    hands.choose("State", "Bhutan")
    hands.write("Whom did you see?", "Karma Example")
    hands.write("Title and office", "Director, Multilateral Department")
    hands.choose("Level", "Director")
    hands.write("What did they reply?", "Supports the aims; wishes to see the model law first.")
    hands.choose("Obstacle", "Lack of human resources")
    hands.write("What is to be done", "Send the model law to Thimphu")
    hands.write("By when", due)
    hands.choose("Who does it", "Ken Sample (Japan (sample))")
    hands.press("Save")
    page.get_by_text("wishes to see the model law first").wait_for()
    return hands.interactions


def test_from_the_visit_to_the_letter(house: House, browser: Browser, tmp_path: Path) -> None:
    due = datetime.now(UTC).date() + timedelta(days=5)
    with house.running() as address:
        with visit(browser, address, viewport=PHONE, is_mobile=True, has_touch=True) as page:
            sign_in(page, OFFICER, PASSWORD)
            assert _log_visit(page, due.isoformat()) <= 12
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            assert_accessible(page)
        with visit(browser, address, viewport=DESK) as page:
            sign_in(page, COORDINATOR, PASSWORD)
            page.goto("/mailbox")
            assert "Send the model law to Thimphu" not in page.inner_text("main")
    with house.running(clock_shift=WEEK) as address, visit(browser, address, viewport=DESK) as page:
        sign_in(page, COORDINATOR, PASSWORD)
        _reminder_arrives(page)
        _letters_are_drafted(page, house, tmp_path)
        house.wait_until_ready()


def _reminder_arrives(page: Page) -> None:
    """The coordinator's mailbox holds the reminder, beside those of the sample, and its link leads to the follow-up."""
    words = "Send the model law to Thimphu"
    text = _mail_with(page, words)
    assert "Bhutan" in text
    link = re.search(r"http://localhost:\d+/followups/[0-9a-f-]+", text.partition(words)[2])
    assert link
    page.goto(link[0])
    shown = page.inner_text("main")
    assert "Bhutan" in shown and "The mail server: 250" in shown


def _mail_with(page: Page, words: str) -> str:
    """The first reminder in the mailbox that holds these words, alone or in a digest, waited for."""
    found: list[str] = []

    def seen() -> bool:
        page.goto("/mailbox")
        links = page.get_by_role("link", name=re.compile("^Demarche: .*follow-up"))
        for number in range(links.count()):
            page.goto("/mailbox")
            links.nth(number).click()
            page.wait_for_load_state()
            found.append(page.inner_text("main"))
            if words in found[-1]:
                return True
        return False

    _until(page, seen)
    return found[-1]


def _letters_are_drafted(page: Page, house: House, folder: Path) -> None:
    """Two campaigns: for the 1st of June 2011, then for today."""
    letters = _campaign(page, house, folder, "June 2011", "2011-06-01")
    pdfs = {name: content for name, content in letters.items() if name.endswith(".pdf")}
    to_non_signatories = {name for name in pdfs if "accede to" in _text(pdfs[name]) or "adhérer" in _text(pdfs[name])}
    assert len(to_non_signatories) == 87
    bhutan = _text(next(content for name, content in pdfs.items() if "BTN" in name))
    for expected in ("Kingdom of Bhutan", "accede to", "57", "51", "Lebanon", "Japan", "President Designate"):
        assert expected in bhutan, (expected, bhutan)
    assert " sign the Convention" not in bhutan and "Lao" not in bhutan
    palau = _text(next(content for name, content in pdfs.items() if "PLW" in name))
    assert "ratify" in palau and "Republic of Palau" in palau and "accede" not in palau
    present = _campaign(page, house, folder, "Today", None)
    assert not [name for name in present if "LTU" in name], "a State that withdrew is blocked"


def _campaign(page: Page, house: House, folder: Path, name: str, day: str | None) -> dict[str, bytes]:
    """Draft a campaign through the page; the files of its ZIP."""
    page.goto("/letters")
    page.get_by_role("link", name="New campaign").first.click()
    assert_accessible(page)
    page.get_by_label("Name of the campaign").fill(name)
    if day:
        page.get_by_label("Date of the letters").fill(day)
    page.get_by_role("button", name="Draft the letters").click()
    page.get_by_role("heading", name=name).wait_for()
    zip_link = page.get_by_role("link", name=re.compile("ZIP"))
    finished = page.get_by_text("Letters drafted")
    _until(page, lambda: finished.count() > 0 and zip_link.count() > 0)
    assert_accessible(page)
    with page.expect_download() as waiting:
        zip_link.first.click()
    path = folder / f"{name}.zip"
    waiting.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        return {one: archive.read(one) for one in archive.namelist()}


def _text(pdf: bytes) -> str:
    """What an independent reader finds in a PDF, spaces made plain."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_the_visit_is_logged_without_javascript(house: House, browser: Browser) -> None:
    due = (datetime.now(UTC).date() + timedelta(days=3)).isoformat()
    with house.running() as address, visit(browser, address, viewport=PHONE, java_script_enabled=False) as page:
        sign_in(page, OFFICER, PASSWORD)
        page.goto("/activities/new")
        page.get_by_label("What did they reply?").fill("Typed before anything else.")
        page.get_by_role("button", name="Save", exact=True).click()
        assert page.get_by_label("What did they reply?").input_value() == "Typed before anything else."
        assert page.locator(".error-summary a").count() >= 2
        _log_visit(page, due)
