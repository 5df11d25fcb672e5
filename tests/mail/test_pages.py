"""The outbox for administrators, and everybody's own mailbox in a sample installation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm import create_app
from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.mail import caught
from tests.mail.posting import drain, post, row
from tests.mail.relays import Relay
from tests.support.databases import settings_for
from tests.support.pages import check_page, token_of
from tests.support.statements import recorded

Browser = Callable[[str], FlaskClient]


def test_the_outbox_shows_states_and_answers_and_no_content(app: Flask, relay: Relay, signed_in: Browser) -> None:
    relay.rcpt = ["550 5.1.1 <b>No such</b> mailbox"]
    post("refused", subject="Canary subject", text="Canary text", html="<p>Canary html</p>")
    post("fine", to="other@example.org", subject="Canary subject", text="Canary text")
    drain()
    browser = signed_in("administrator")
    page = check_page(browser.get("/administration/outbox"))
    assert "550 5.1.1 &lt;b&gt;No such&lt;/b&gt; mailbox" in page
    assert "other@example.org" in page
    assert "Canary" not in page
    assert page.count("Send again") >= 1
    failed = check_page(browser.get("/administration/outbox?state=failed"))
    assert "owner@example.org" in failed
    assert "other@example.org" not in failed
    assert "No mail in this state" in check_page(browser.get("/administration/outbox?state=withdrawn"))
    assert browser.get("/administration/outbox?state=lost").status_code == 422


def test_an_empty_outbox_says_what_will_stand_there(app: Flask, signed_in: Browser) -> None:
    assert "The outbox is empty" in check_page(signed_in("administrator").get("/administration/outbox"))


def test_the_outbox_says_that_mail_waits_and_why(
    app: Flask, relay: Relay, signed_in: Browser, later: Callable[[float], None]
) -> None:
    relay.stop()
    post()
    drain()
    later(200)
    drain()
    page = check_page(signed_in("administrator").get("/administration/outbox"))
    assert "Email has been waiting for 3 minutes: the mail server does not take it." in page
    assert "The mail server refused the connection." in page


def test_send_again(app: Flask, relay: Relay, signed_in: Browser) -> None:
    relay.rcpt = ["550 no"]
    mail_id = post()
    drain()
    app.config["WTF_CSRF_ENABLED"] = True
    browser = signed_in("administrator")
    address = f"/administration/outbox/{mail_id}/retry"
    assert browser.post(address).status_code == 422
    token = token_of(check_page(browser.get("/administration/outbox")))
    assert browser.post(address, data={"csrf_token": token}).status_code == 303
    assert drain() == {"sent": 1}
    assert row(mail_id).state == "sent"
    with looking_as(SYSTEM):
        noted = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "mail_retried")).all()
    assert [one.subject_id for one in noted] == [str(mail_id)]
    assert browser.post(address, data={"csrf_token": token}).status_code == 422
    unknown = "/administration/outbox/00000000-0000-4000-8000-000000000000/retry"
    assert browser.post(unknown, data={"csrf_token": token}).status_code == 404


def test_the_outbox_is_for_administrators(app: Flask, signed_in: Browser) -> None:
    for who in ("officer", "coordinator", "presidency", "secretariat", "observer"):
        browser = signed_in(who)
        assert browser.get("/administration/outbox").status_code == 403
        assert browser.post(f"/administration/outbox/{post()}/retry").status_code == 403


def test_the_number_of_statements_does_not_grow(app: Flask, signed_in: Browser) -> None:
    browser = signed_in("administrator")
    counts = []
    for rows in (1, 30):
        for number in range(rows):
            post(f"{rows}:{number}")
        with recorded() as seen:
            check_page(browser.get("/administration/outbox"))
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def _catch(app: Flask, to: str, subject: str, body: str = "Plain words.") -> str:
    raw = (
        f"From: Demarche <demarche@example.org>\r\nTo: {to}\r\nSubject: {subject}\r\n"
        "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"
        'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
        "--b\r\nContent-Type: text/html\r\n\r\n<h1>Canary html</h1><script>alert(1)</script>\r\n--b--\r\n"
    )
    return caught.keep(app.extensions["settings"].mail_catcher_dir, to, raw.encode()).name


def test_my_mailbox_shows_my_mail_alone(app: Flask, signed_in: Browser) -> None:
    browser = signed_in("officer")
    assert "No mail yet" in check_page(browser.get("/mailbox"))
    first = _catch(
        app, "officer@example.org", "The first", "Open: http://localhost:8000/followups/1 <script>x</script>"
    )
    second = _catch(app, "Officer@Example.org", "The second <b>")
    theirs = _catch(app, "coordinator@example.org", "Canary of somebody else")
    page = check_page(browser.get("/mailbox"))
    assert page.index("The second &lt;b&gt;") < page.index("The first")
    assert "Canary" not in page
    one = check_page(browser.get(f"/mailbox/{first}"))
    assert '<a href="http://localhost:8000/followups/1"' in one
    assert "&lt;script&gt;" in one
    assert "Canary html" not in one
    assert check_page(browser.get(f"/mailbox/{second}"))
    absent = browser.get("/mailbox/20260101T000000.000000Z-0000000000000000-00000000.eml")
    denied = browser.get(f"/mailbox/{theirs}")
    assert denied.status_code == absent.status_code == 404
    assert _without_nonce(denied.text) == _without_nonce(absent.text)


def _without_nonce(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrf" not in line and "nonce" not in line]


@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "x", "%00", "a" * 3000, ".eml"])
def test_a_name_that_is_no_mail_is_not_found(app: Flask, signed_in: Browser, name: str) -> None:
    assert signed_in("officer").get(f"/mailbox/{name}").status_code == 404


def test_a_damaged_file_breaks_nothing(app: Flask, signed_in: Browser) -> None:
    name = caught.keep(app.extensions["settings"].mail_catcher_dir, "officer@example.org", b"\x00\xff no mail").name
    browser = signed_in("officer")
    assert "Without a subject" in check_page(browser.get("/mailbox"))
    check_page(browser.get(f"/mailbox/{name}"))


def test_without_a_catcher_there_is_no_mailbox(tmp_path: Path) -> None:
    made = create_app(settings_for("sqlite://", tmp_path, mail_catcher_dir=None))
    assert "mail.mailbox" not in made.view_functions
    assert "mail.outbox" in made.view_functions
