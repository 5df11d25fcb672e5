"""S30: a saved mail carries nothing in that would be refused by itself, and takes no more than it may."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from crm.files.intake import check
from crm.files.rules import Kind
from crm.files.rules.mails import MOST_DEPTH, MOST_PARTS
from tests.files import samples
from tests.files.samples import mail, refused

MACROS = samples.docx({"word/vbaProject.bin": b"x"})


def test_a_mail_is_kept_as_it_came() -> None:
    whole = mail(
        ("note.pdf", samples.pdf()),
        ("photo.jpg", samples.picture("JPEG")),
        ("logo.gif", b"GIF89a rest"),
        ("Antwort.txt", "Grüße".encode("latin-1")),
    )
    taken = check(whole, "Reply of Bhutan.eml")
    assert taken.kind is Kind.MAIL and taken.content == whole and taken.media_type == "message/rfc822"
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "officer@example.org", "Fwd"
    inner.set_content("See below.")
    inner.add_attachment(samples.read(whole))
    assert check(inner.as_bytes(), "forwarded.eml").kind is Kind.MAIL


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("invoice.exe", b"MZ\x90", "Files ending in .exe are not taken"),
        ("invoice.pdf", b"\x7fELF\x00", "the content is a program"),
        ("page.html", b"<html>", "Files ending in .html are not taken"),
        ("macros.docx", MACROS, "macros"),
        ("script.pdf", samples.pdf(script="app.alert(1)"), "starts something"),
        ("logo.gif", b"MZ\x90", "Files ending in .gif are not taken"),
        ("inner.eml", b"From: a@example.org\nSubject: x\n\nx", "Taken here"),
    ],
)
def test_what_is_refused_by_itself_is_refused_in_a_mail(name: str, content: bytes, reason: str) -> None:
    said = refused(mail((name, content)), "a.eml")
    assert said.startswith(f"“{name}” in the mail: ") and reason in said
    forwarded = EmailMessage()
    forwarded["From"], forwarded["Subject"] = "officer@example.org", "Fwd"
    forwarded.set_content("See below.")
    forwarded.add_attachment(samples.read(mail((name, content))))
    assert reason in refused(forwarded.as_bytes(), "a.eml")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"Just a text.\n", "no mail that was saved whole"),
        (b"From: a@example.org\nSubject: nothing below\n\n", "no mail that was saved whole"),
        (b"<html><body>From: x</body></html>", "no mail that was saved whole"),
        (b"MZ\x90\x00 program", "the content is"),
        (b"From: a@example.org\nSubject: x\nContent-Type: application/pkcs7-mime\n\nAAAA", "encrypted"),
        (
            b"From: a@example.org\nSubject: x\nContent-Type: application/ms-tnef; name=winmail.dat\n\nAAAA",
            "winmail.dat",
        ),
        (b"From: a@example.org\nSubject: x\nContent-Type: text/plain; charset=nonsense; name=a.txt\n\nAA", "no mail"),
    ],
)
def test_what_is_no_mail(content: bytes, reason: str) -> None:
    assert reason in refused(content, "a.eml")


def test_mails_in_mails_and_parts_come_to_an_end() -> None:
    many = mail(*[(f"{number}.txt", b"x") for number in range(MOST_PARTS)])
    assert "too many" in refused(many, "a.eml")
    deep = mail()
    for _ in range(MOST_DEPTH + 1):
        around = EmailMessage()
        around["From"], around["Subject"] = "a@example.org", "Fwd"
        around.set_content("x")
        around.add_attachment(samples.read(deep))
        deep = around.as_bytes()
    assert "too many" in refused(deep, "a.eml")
    endless = b"From: a@example.org\nSubject: x\n" + b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 5_000
    assert refused(endless, "a.eml")
