"""The text in files is found by those who may have the file, and a file that cannot be read harms nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import openpyxl  # type: ignore[import-untyped]
import pikepdf
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.attachments import reading
from crm.activities.models import Attachment, AttachmentText
from crm.core import jobs
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.jobs import Job, Wanted
from crm.core.visibility import Attribution
from crm.files import reading as of_files
from crm.files.extract import MOST_SIGNS
from crm.files.rules.kinds import Kind
from crm.search.finding import find
from crm.search.rules.asking import asked
from tests.activities.test_attachments import add
from tests.files.samples import archive, docx, mail, odt, pdf, picture
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"


def _docx() -> bytes:
    text = "<w:p><w:t>The Canary</w:t><w:t>word</w:t></w:p><w:p><w:t>Next</w:t></w:p>"
    return docx({"word/document.xml": f'<w:document xmlns:w="{W}">{text}</w:document>'})


def _pptx() -> bytes:
    slide = f'<p:sld xmlns:p="p" xmlns:a="{A}"><a:p><a:r><a:t>Canaryword</a:t></a:r></a:p></p:sld>'
    return archive({"ppt/slides/slide1.xml": slide})


def _xlsx() -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["State", "Canaryword"])
    book.save(target)
    return target.getvalue()


def _with_words(made: pikepdf.Pdf) -> None:
    page = made.pages[0]
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = made.make_stream(b"BT /F1 12 Tf 72 700 Td (The Canaryword was left.) Tj ET")


def _only_html() -> bytes:
    page = "<style>p {}</style><p>The <b>Canary</b>word&nbsp;</p><script>x</script>"
    return f"From: a@example.org\nSubject: x\nContent-Type: text/html; charset=utf-8\n\n{page}".encode()


ODT = '<d xmlns:text="t"><text:p>The <text:span>Canary</text:span>word</text:p><text:p>Next</text:p></d>'


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Kind.TEXT, "\ufeffThe Canaryword".encode()),
        (Kind.CSV, b"State,Canaryword\n"),
        (Kind.DOCX, _docx()),
        (Kind.PPTX, _pptx()),
        (Kind.XLSX, _xlsx()),
        (Kind.ODT, odt({"content.xml": ODT})),
        (Kind.PDF, pdf(prepare=_with_words)),
        (Kind.MAIL, mail(text="The Canaryword")),
        (Kind.MAIL, _only_html()),
        (Kind.MAIL, mail(("a.docx", _docx()))),
        (Kind.MAIL, mail(("Canaryword - note.pdf", pdf()))),
    ],
)
def test_every_kind_is_read(kind: Kind, content: bytes) -> None:
    text = of_files.text_in(content, kind.media_type) or ""
    assert "Canaryword" in text.replace(",", " ").split()


@pytest.mark.parametrize(
    ("kind", "content"),
    [(Kind.PDF, b"%PDF-1.7 nonsense"), (Kind.DOCX, b"PK nonsense"), (Kind.PDF, pdf(password="x"))],
)
def test_what_cannot_be_read_is_said_so(kind: Kind, content: bytes) -> None:
    assert of_files.text_in(content, kind.media_type) is None


def test_no_more_is_read_than_is_kept() -> None:
    part = f'<w:document xmlns:w="{W}"><w:t>' + "x" * (60 * 1024 * 1024) + "</w:t></w:document>"
    text = of_files.text_in(docx({"word/document.xml": part}), Kind.DOCX.media_type)
    assert text is not None and len(text) == MOST_SIGNS


def test_what_takes_too_much_ends_alone() -> None:
    """One word of an attribute that must be held whole: the process that reads it fails, and nothing else."""
    part = f'<w:document xmlns:w="{W}" a="' + "x" * (280 * 1024 * 1024) + '"></w:document>'
    assert of_files.text_in(docx({"word/document.xml": part}), Kind.DOCX.media_type) is None


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Wanted]:
    handed: list[Wanted] = []
    monkeypatch.setattr(jobs, "dispatch", handed.extend)
    return handed


def found(viewer: Viewer, text: str = "canaryword") -> list[str]:
    with looking_as(viewer):
        db.session.rollback()
        return [one.kind for one in find(asked(text), viewer).results]


def state_of(key: UUID) -> str:
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.get_one(AttachmentText, key).state


def kept(browser: FlaskClient, activity_id: UUID, content: bytes, name: str, **more: str) -> UUID:
    assert add(browser, activity_id, content, name, **more).status_code == 303
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.scalars(select(Attachment.id).order_by(Attachment.added_at.desc()).limit(1)).one()


def test_the_worker_reads_it_and_it_is_found(
    app: Flask, person: People, signed_in: Clients, sent: list[Wanted]
) -> None:
    officer, other, observer = (person(who).viewer for who in ("officer", "other_officer", "observer"))
    activity, browser = logged(officer, handling=Handling.STATES), signed_in("officer")
    key = kept(browser, activity, b"The Canaryword was left.", "paper.txt")
    assert (found(officer), found(officer, "paper txt")) == ([], ["attachment"])
    assert "Its text is being read" in check_page(browser.get(f"/activities/{activity}"))
    assert [one.ids for one in sent if one.job is Job.READ_ATTACHMENT] == [(str(key),)]
    reading.read(key)
    reading.read(key)
    assert (state_of(key), found(officer), found(other), found(observer)) == (
        "read",
        ["attachment"],
        ["attachment"],
        [],
    )
    assert "Its text" not in check_page(browser.get(f"/activities/{activity}"))
    assert browser.get(f"/api/v1/attachments/{key}").json["reading"] == "read"
    with looking_as(SYSTEM), unit_of_work():
        db.session.get_one(Attachment, key).handling = Handling.ORIGINATOR.value
    assert (found(officer), found(other)) == (["attachment"], [])
    page = check_page(browser.get(f"/activities/{activity}"))
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert browser.post(f"/attachments/{key}/remove", data={"csrf_token": token}).status_code == 303
    assert found(officer) == []


def test_a_file_goes_no_further_than_its_record(
    app: Flask, person: People, signed_in: Clients, sent: list[Wanted]
) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    activity = logged(officer, handling=Handling.STATES, attribution=Attribution.REGION_ONLY)
    reading.read(kept(signed_in("officer"), activity, b"The Canaryword was left.", "paper.txt"))
    assert (found(officer), found(other)) == (["attachment"], [])
    with looking_as(other):
        assert db.session.scalars(select(AttachmentText.attachment_id)).all() == []


def test_what_has_no_text_and_what_cannot_be_read(
    app: Flask, person: People, signed_in: Clients, sent: list[Wanted]
) -> None:
    activity, browser = logged(person("officer").viewer), signed_in("officer")
    assert state_of(kept(browser, activity, picture(), "a.jpg")) == "nothing"
    key = kept(browser, activity, docx({"word/document.xml": "<w:document/>"}), "b.docx")
    reading.read(key)  # the prefix is declared nowhere
    assert state_of(key) == "unreadable"
    assert "could not be read" in check_page(browser.get(f"/activities/{activity}"))


def test_what_the_queue_lost_is_asked_for_anew(
    app: Flask, person: People, signed_in: Clients, sent: list[Wanted], steady_clock: time_machine.Traveller
) -> None:
    key = kept(signed_in("officer"), logged(person("officer").viewer), b"The Canaryword", "a.txt")

    def sweep() -> int:
        sent.clear()
        with looking_as(SYSTEM), unit_of_work():
            return reading.sweep()

    assert sweep() == 0
    steady_clock.shift(timedelta(minutes=2))
    assert (sweep(), [one.job for one in sent]) == (1, [Job.READ_ATTACHMENT])
    for tries, state in ((1, "waiting"), (reading.MOST_TRIES, "unreadable")):
        with looking_as(SYSTEM), unit_of_work():
            row: Any = db.session.get_one(AttachmentText, key)
            row.state, row.tries, row.lease_until = "reading", tries, row.asked_at
        steady_clock.shift(timedelta(minutes=6))
        assert (sweep(), state_of(key)) == (1, state)
