"""Taking the sample away must not lock everybody out unawares: before the click, after it, and at the next start."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from crm.accounts.first import HOW_TO_OPEN
from crm.accounts.models import Role
from crm.core.db import db
from tests.sample.loading import browser_of
from tests.support.pages import check_page, token_of
from tests.support.people import Person

pytestmark = pytest.mark.sample

People = Callable[[str], Person]
COMMAND = str(escape(HOW_TO_OPEN))


def _take_away(browser: FlaskClient) -> str:
    token = token_of(browser.get("/administration/sample").text)
    return check_page(browser.post("/administration/sample/remove", data={"csrf_token": token}))


def test_when_only_the_sample_can_sign_in(app: Flask) -> None:
    browser = browser_of(app, Role.ADMINISTRATOR)
    page = check_page(browser.get("/administration/sample"))
    assert "Nobody will be able to sign in" in page
    assert COMMAND in page
    page = _take_away(browser)
    assert "Nobody can sign in any more" in page
    assert COMMAND in page


def test_when_real_people_but_no_administrator_can_sign_in(app: Flask, person: People) -> None:
    person("coordinator")
    browser = browser_of(app, Role.ADMINISTRATOR)
    page = check_page(browser.get("/administration/sample"))
    assert "No administrator will be left" in page
    assert COMMAND in page
    assert "Nobody" not in page.replace("Nobody who looks after", "")
    page = _take_away(browser)
    assert "No administrator is left" in page
    assert COMMAND in page


@pytest.mark.parametrize("who", ["sample", "real"])
def test_when_a_real_administrator_can_sign_in(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient], who: str
) -> None:
    person("administrator")
    browser = browser_of(app, Role.ADMINISTRATOR) if who == "sample" else signed_in("administrator")
    page = check_page(browser.get("/administration/sample"))
    assert ("this is one of them" in page) == (who == "sample")
    assert "accounts open" not in page + _take_away(browser)


def test_the_json_door_says_so_too(app: Flask, person: People) -> None:
    browser = browser_of(app, Role.ADMINISTRATOR)
    headers = {"X-CSRFToken": token_of(browser.get("/account").text)}
    answer = browser.delete("/api/v1/sample", headers=headers).get_json()
    assert answer["open_account"] == HOW_TO_OPEN
    assert answer["kept"] == []
    assert answer["removed"] > 200


def test_the_start_says_how_to_get_in(app: Flask, person: People) -> None:
    """`sample accounts` is what the main job prints under "Demarche is ready"."""
    commands = app.test_cli_runner()
    nobody = f"Nobody can sign in yet. Open an account:\n  {HOW_TO_OPEN}\n"
    assert "coordinator@sample.example" in commands.invoke(args=["sample", "accounts"]).output
    assert HOW_TO_OPEN in commands.invoke(args=["sample", "remove"]).output
    assert commands.invoke(args=["sample", "accounts"]).output == nobody
    person("coordinator")
    db.session.remove()
    missing = f"There is no administrator. Open an account:\n  {HOW_TO_OPEN}\n"
    assert commands.invoke(args=["sample", "accounts"]).output == missing
    person("administrator")
    db.session.remove()
    assert commands.invoke(args=["sample", "accounts"]).output == ""


def test_the_command_that_is_printed_opens_an_account(app: Flask) -> None:
    words = [
        "accounts", "open", "--email", "you@example.org", "--name", "Your Name", "--party", "Your Ministry",
        "--role", "administrator",
    ]  # fmt: skip
    assert HOW_TO_OPEN.replace('"', "").endswith(" ".join(words))
    given = "a password that is long enough\n" * 2
    assert "you@example.org may sign in now." in app.test_cli_runner().invoke(args=words, input=given).output
