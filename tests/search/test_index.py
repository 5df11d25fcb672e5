"""The index answers as the rules on values do, on both databases, and passes over what is not for the viewer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update

from crm.activities.models import Activity
from crm.core import access
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.fulltext import Word, kept, places
from crm.search import keeping
from crm.search.models import SearchText
from crm.search.rules.asking import Asked, Term, asked
from crm.search.rules.audience import asked_by
from crm.search.rules.folding import words
from crm.search.rules.places import HIGHEST, LOWEST
from tests.support.people import Person
from tests.support.records import logged
from tests.support.worlds import generated

People = Callable[[str], Person]
VOCABULARY = [
    "cost",
    "costly",
    "treaty",
    "Côte",
    "l'accord",
    "条約",
    "条約の",
    "اتفاقية",
    "الاتفاقية",
    "2026",
    "CCM/2026",
]


def answers(question: Asked, viewer: Viewer = SYSTEM) -> set[int]:
    wanted = [Word(one.words, one.goes_on) for one in question.wanted]
    unwanted = [Word(one.words, one.goes_on) for one in question.unwanted]
    asked_ = asked_by(viewer, wanted, unwanted)
    with looking_as(viewer):
        return set(places(asked_, above=LOWEST, below=HIGHEST, most=100_000))


def _row(place: int, text: list[str]) -> dict[str, object]:
    return {
        "place": place, "kind": "person", "part": "note", "precision": "day", "about": "", "office": "", "title": "",
        "body": "", "words": kept([text], []), "fingerprint": "", "of_sample": False,
    }  # fmt: skip


def test_it_finds_what_the_words_say(app: Flask) -> None:
    draw = Random(7)
    texts = {place: " ".join(draw.choices(VOCABULARY, k=draw.randint(1, 9))) for place in range(1, 121)}
    with looking_as(SYSTEM), unit_of_work() as session:
        session.execute(insert(SearchText), [_row(place, words(text)) for place, text in texts.items()])
    questions = [*VOCABULARY, '"cost treaty"', "cos", "treaty -costly", "cost 条", '"l\'accord 2026"', "約", "CCM 20"]
    questions += [" ".join(draw.choices(VOCABULARY, k=2)) for _ in range(40)]
    for typed in questions:
        question = asked(typed)
        assert answers(question) == {place for place, text in texts.items() if question.matches(words(text))}, typed


def test_the_newest_come_first_and_no_more_than_asked(app: Flask) -> None:
    with looking_as(SYSTEM), unit_of_work() as session:
        session.execute(insert(SearchText), [_row(place, ["cost"]) for place in range(1, 60)])
        found = places(Word(("cost",)), above=10, below=40, most=5)
    assert found == [39, 38, 37, 36, 35]


def test_a_viewer_is_answered_with_everything_that_is_theirs(app: Flask) -> None:
    """Forty viewers of every cut: whatever the rule of visibility shows, the index has answered with, and of what
    is hidden it answers with little.
    """
    world = generated(2012, activities=120, viewers=40)
    world.insert()
    assert keeping.rebuild(lambda _line: None) > 120
    everything = Asked((Term(("d",), True),))  # démarche
    anything = answers(everything)
    with looking_as(SYSTEM):
        record: dict[int, Any] = dict(db.session.execute(select(SearchText.place, SearchText.activity_id)).all())
    in_vain = 0
    for viewer in world.viewers:
        found = answers(everything, viewer)
        with looking_as(viewer):
            db.session.rollback()
            wanted = select(SearchText.place).where(SearchText.kind == "activity")
            seen, shown = set(db.session.scalars(wanted)), set(db.session.scalars(select(Activity.id)))
            theirs = set(db.session.scalars(select(SearchText.place).where(SearchText.kind != "activity")))
        assert theirs & anything <= found, viewer
        if viewer.may("activities:read"):
            assert {record[place] for place in found & seen} == {record[place] for place in seen} == shown, viewer
            in_vain += len(found - seen - theirs)
        else:
            assert not seen
    assert in_vain < len(record) * len(world.viewers) / 20


def test_rows_follow_their_record(person: People) -> None:
    officer = person("officer").viewer
    key = logged(officer, reply="Firstword")
    with looking_as(SYSTEM), unit_of_work():
        db.session.get_one(Activity, key).reply = "Secondword"
    assert (len(answers(asked("firstword"))), len(answers(asked("secondword")))) == (0, 2)
    with looking_as(SYSTEM), unit_of_work():
        db.session.get_one(Activity, key).held_on = date(2020, 1, 1)
    with looking_as(SYSTEM):
        assert set(db.session.scalars(select(SearchText.on_day))) == {date(2020, 1, 1)}
    with looking_as(SYSTEM), unit_of_work():
        db.session.execute(delete(Activity).where(Activity.id == key))
    assert answers(asked("secondword")) == set()


def test_what_is_undone_leaves_no_words(person: People) -> None:
    officer = person("officer").viewer
    key = logged(officer, reply="Firstword")

    def fail() -> None:
        with looking_as(SYSTEM), unit_of_work():
            db.session.get_one(Activity, key).reply = "Secondword"
            db.session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert answers(asked("secondword")) == set()
    assert len(answers(asked("firstword"))) == 2


def test_rebuilding_finds_what_slipped_through_and_changes_nothing_else(person: People) -> None:
    officer = person("officer").viewer
    key = logged(officer, reply="Firstword")
    logged(officer, reply="Otherword")
    with looking_as(SYSTEM), unit_of_work():
        db.session.execute(update(Activity).where(Activity.id == key).values(reply="Secondword"))
    assert answers(asked("secondword")) == set()
    keeping.rebuild(lambda _line: None)
    assert len(answers(asked("secondword"))) == 2 and answers(asked("firstword")) == set()
    assert keeping.rebuild(lambda _line: None) == 0


def test_an_installation_that_had_no_search_gets_it(person: People) -> None:
    officer = person("officer").viewer
    logged(officer, reply="Firstword")
    with looking_as(SYSTEM), unit_of_work():
        db.session.execute(delete(SearchText))
    said: list[str] = []
    keeping.begin(said.append)
    assert answers(asked("firstword")) and "activity: 1" in said
    said.clear()
    keeping.begin(said.append)
    assert said == []


def test_two_records_that_want_one_place(person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "wished", lambda day, key, second=False: 5 + second)
    officer = person("officer").viewer
    for number in range(3):
        logged(officer, reply=f"Sameplace {number}")
    assert len(answers(asked("sameplace"))) == 6


def test_nobody_gets_keys_while_nobody_looks(app: Flask, person: People, database: str) -> None:
    if database == "postgresql":
        logged(person("officer").viewer, reply="Secretword")
        with looking_as(access.ANONYMOUS):
            assert places(Word(("secretword",)), above=LOWEST, below=HIGHEST, most=5) == []
