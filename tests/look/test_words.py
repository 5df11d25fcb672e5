"""Pages speak in the words of those who work with them, not in those of the software."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from crm.health.views import LABELS
from tests.support.forms import every_form, without_a_viewer
from tests.support.pages import check_page

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
OF_THE_SOFTWARE = re.compile(
    r"(?i)\bjson\b|\bbeat\b|\bbroker\b|\bworkers?\b|\bcelery\b|\bredis\b|\bqueue\b|\bcron\b|\bendpoint|\bpayload"
    r"|\bcursor\b|\bboolean\b|\bbackend\b|second wall|e-mail|email address"
)
_UNSEEN = re.compile(r"{#.*?#}|{%(?!-? ?call|-? ?block).*?%}|<[^>]*>|href=\S+", re.DOTALL)
_CODE = re.compile(r"{{[^}]*}}|{%[^%]*%}")
_TEXT = re.compile(r"\"([^\"]*)\"")


def _shown(source: str) -> str:
    """What of a template people read: its text, and the texts within its expressions that hold a space."""
    plain = _UNSEEN.sub(" ", source)
    told = [text for code in _CODE.findall(plain) for text in _TEXT.findall(code) if " " in text]
    return " ".join([_CODE.sub(" ", plain), *told])


def test_templates_hold_no_words_of_the_software() -> None:
    for page in sorted([*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt")]):
        found = OF_THE_SOFTWARE.findall(_shown(page.read_text(encoding="utf-8")))
        assert not found, f"{page.name}: {found}"


def test_labels_and_hints_hold_none(app: Flask) -> None:
    with app.test_request_context():
        for form in without_a_viewer(every_form()):
            for field in form:
                words = f"{field.label.text} {field.description or ''}"
                assert not OF_THE_SOFTWARE.search(words), f"{type(form).__name__}.{field.name}: {words}"


def test_the_page_health_speaks_to_people() -> None:
    for name, words in LABELS.items():
        assert not OF_THE_SOFTWARE.search(" ".join(words).split(" See ")[0]), name


def test_the_sign_in_asks_for_an_email(app: Flask) -> None:
    browser = app.test_client()
    page = check_page(browser.get("/sign-in"))
    assert re.search(r"<label[^>]*>\s*Email\s*<", page) and "Email Address" not in page
