"""Which parts of a mail are read as its text."""

from __future__ import annotations

from email.message import EmailMessage

from crm.capture.rules.message import read


def _mail(text: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["Subject"] = "officer@mfa.example.org", "A call"
    made.set_content(text)
    return made


def _page(words: str) -> EmailMessage:
    made = EmailMessage()
    made.set_content(f"<p>{words}</p>", subtype="html")
    return made


def test_each_part_that_says_something_of_its_own_is_read() -> None:
    forwarding = _mail("FYI\n")
    forwarding.add_attachment(_page("We will accede in May."))
    assert read(forwarding.as_bytes()).text == "FYI\n\n\nWe will accede in May."
    footed = EmailMessage()
    footed.make_mixed()
    for one in (_page("The note itself."), _mail("Scanned for viruses.\n")):
        del one["From"], one["Subject"]
        footed.attach(one)
    assert read(footed.as_bytes()).text == "The note itself.\n\nScanned for viruses."


def test_what_is_said_in_several_ways_is_read_once() -> None:
    both = _mail("Plain words.\n")
    both.add_alternative("<p>Painted words.</p>", subtype="html")
    both.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="note.pdf")
    assert read(both.as_bytes()).text == "Plain words."
    outer = _mail("See below.\n")
    outer.add_attachment(both)
    found = read(outer.as_bytes())
    assert found.text == "See below.\n\n\nPlain words." and [one.name for one in found.files] == ["note.pdf"]
    blank = _mail(" \n\xa0\n")
    blank.add_alternative("<p>Painted words.</p>", subtype="html")
    assert read(blank.as_bytes()).text == "Painted words."
    around = _mail("Before. After.\n")
    around.make_alternative()
    pages = EmailMessage()
    pages.make_mixed()
    pages.attach(_page("Before."))
    pages.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="note.pdf")
    pages.add_attachment(_page("A mail in it."))
    around.attach(pages)
    found = read(around.as_bytes())
    assert found.text == "Before. After.\n\n\nA mail in it." and len(found.files) == 1
