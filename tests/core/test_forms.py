"""The JSON door builds the page's own form and refuses what a page could not send."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Optional

from crm.core.doors import local_path
from crm.core.errors import RuleViolation
from crm.core.forms import Form, clean_text, options, plain_characters


class Example(Form):
    """One field of each kind."""

    text = StringField(filters=[clean_text], validators=[Optional(), plain_characters])
    day = DateField(validators=[Optional()])
    number = IntegerField(validators=[Optional()])
    yes = BooleanField()
    many = SelectMultipleField(choices=options([("a", "A"), ("b", "B")]))
    kept = StringField(default="as it was")


@pytest.fixture
def web(app: Flask):
    with app.test_request_context():
        yield


def test_values_become_those_of_the_form(web: None) -> None:
    form = Example.from_json({"text": " é ", "day": "2026-11-23", "number": 7, "yes": True, "many": ["a"]})
    assert form.validate(), form.errors
    assert form.text.data == "é" and form.number.data == 7 and form.yes.data and form.many.data == ["a"]
    assert form.day.data.isoformat() == "2026-11-23" and form.kept.data == "as it was"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"unknown": 1}, {"unknown"}),
        ({"text": 1, "yes": "true", "many": "a", "number": "7"}, {"text", "yes", "many", "number"}),
        ({"number": True}, {"number"}),
        ({"number": 10**400}, {"number"}),
        ({"many": [1]}, {"many"}),
        ({"text": {"a": 1}}, {"text"}),
        ({"csrf_token": "x"}, {"csrf_token"}),
        ({"from_json": "x"}, {"from_json"}),
    ],
)
def test_wrong_types_and_unknown_keys_are_named(web: None, body: dict[str, object], names: set[str]) -> None:
    with pytest.raises(RuleViolation) as refused:
        Example.from_json(body)
    assert set(refused.value.errors) == names


@pytest.mark.parametrize("body", [None, [], "text", 1, True])
def test_only_an_object_is_read(web: None, body: object) -> None:
    with pytest.raises(RuleViolation):
        Example.from_json(body)


@pytest.mark.parametrize("char", ["\x00", "\x07", "\u202e", "\u2066", "\ue000", "\ufffe", "\ud800"])
def test_characters_that_deceive_are_refused(web: None, char: str) -> None:
    form = Example.from_json({"text": f"a{char}b"})
    assert not form.validate() and form.text.errors


@given(st.text())
def test_clean_text_is_stable(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once and "\r" not in once


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/states?as_of=2011-06-01", "/states?as_of=2011-06-01"),
        ("/states?", "/states"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("///evil.example/x", "/"),
        ("/\\/evil.example", "/"),
        ("/\\\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_only_paths_of_this_site_are_followed(target: str, leads_to: str) -> None:
    assert local_path(target) == leads_to


class Choosing(Form):
    """One field of each kind of choice."""

    one = SelectField(choices=options([("a", "First"), ("b", "Second")], "Choose"), default="a")
    other = RadioField(choices=options([("a", "First"), ("b", "Second")]), default="a")
    many = SelectMultipleField(choices=options([("a", "First"), ("b", "Second")]))
    long = SelectField(choices=options((f"c{one:02}", f"Choice {one}") for one in range(40)), default="c00")
    wanted = SelectField(choices=options([("a", "First")]), validators=[DataRequired("Choose it.")], default="a")
    empty = SelectField(choices=[], default="", validate_choice=True, validators=[Optional()])


@pytest.mark.parametrize(
    ("name", "value", "words", "codes"),
    [
        ("one", "x", "Choose one of these: First; Second.", "Choose one of these: a; b."),
        ("other", "x", "Choose one of these: First; Second.", "Choose one of these: a; b."),
        ("many", ["a", "x"], "Choose among these: First; Second.", "Choose among these: a; b."),
        ("long", "x", "Choose from the list.", "Choose one of these 40: c00; c01; c02 and so on."),
        ("wanted", "", "Choose it.", "Choose it."),
        ("empty", "x", "There is nothing that you may choose here.", "There is nothing that you may choose here."),
    ],
)
def test_a_wrong_choice_says_what_may_be_chosen(
    web: None, name: str, value: str | list[str], words: str, codes: str
) -> None:
    plain = {"one": "a", "other": "a", "long": "c00", "wanted": "a"}
    page = Choosing(formdata=MultiDict({**plain, name: value}), meta={"csrf": False})
    assert not page.validate() and page.errors == {name: [words]}
    door = Choosing.from_json({name: value})
    assert not door.validate() and door.errors == {name: [codes]}
