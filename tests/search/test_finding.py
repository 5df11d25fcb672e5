"""What is written can be found in the same moment, by whom it is meant for, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm.activities.models import Activity, Attachment
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotFound
from crm.core.fulltext import Every, Word, places
from crm.core.visibility import Attribution
from crm.core.widening import widening
from crm.followups.service import finish, open_follow_up
from crm.people.rules import Gender, OfficeKind
from crm.people.service import record_holder
from crm.reach.service import emergency, restricted
from crm.search import finding
from crm.search.finding import Filters, Found, find
from crm.search.models import SearchText
from crm.search.rules.asking import asked
from crm.search.rules.audience import asked_by
from crm.search.rules.places import HIGHEST, LOWEST
from tests.activities.test_attachments import kept
from tests.followups.opening import opened
from tests.support.met import known
from tests.support.people import Person
from tests.support.records import anew, logged
from tests.support.statements import recorded

People = Callable[[str], Person]


A_DAY = timedelta(days=1)


def found(viewer: Viewer, text: str, **filters: Any) -> Found:
    with looking_as(viewer):
        db.session.rollback()
        return find(asked(text), viewer, Filters(**filters))


def titles(viewer: Viewer, text: str, **filters: Any) -> list[str]:
    results = found(viewer, text, **filters).results
    return ["".join(piece.text for piece in one.title) for one in results if one.kind != "state"]


def test_what_was_just_logged_is_found(person: People) -> None:
    officer = person("officer").viewer
    logged(officer, reply="They asked for a moratorium on production.", occasion="First Committee")
    assert titles(officer, "moratorium") == ["Démarche, Lao People's Democratic Republic"]
    assert titles(officer, "MORATORIUM first") == ["Démarche, Lao People's Democratic Republic"]
    assert titles(officer, '"moratorium on production"') != []
    assert titles(officer, '"production moratorium"') == []
    assert titles(officer, "moratorium -production") == []
    assert titles(officer, "moratorium -elephant prod") != []
    assert titles(officer, "prod") != []
    assert titles(officer, "karma lao") != []


def test_states(person: People) -> None:
    officer = person("officer").viewer
    for text in ("Swaziland", "swz", "eswatini"):
        assert [one.about for one in found(officer, text).results] == [("SWZ",)], text
    assert ("CIV",) in [one.about for one in found(officer, "cote d'ivoire").results]


def test_attribution(person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    logged(
        officer, reply="Canaryreply", occasion="Canaryoccasion", officer_comment="Canarycomment",
        person_name="Canaryperson", handling=Handling.STATES, attribution=Attribution.REGION_ONLY,
    )  # fmt: skip
    for word in ("Canaryreply", "Canaryoccasion", "Canarycomment", "Canaryperson"):
        assert len(titles(officer, word)) == 1, word
    assert titles(other, "canaryreply") == ["Démarche"]
    for text in ("Canaryoccasion", "Canarycomment", "Canaryperson", "canaryreply lao"):
        assert titles(other, text) == [], text
    assert titles(other, "canaryreply", state_iso3="LAO") == []


def hidden_from(viewer: Viewer, word: str) -> bool:
    """Not found, not counted, not in the address of a further page, and not even looked at."""
    nothing = found(viewer, word)
    with looking_as(viewer):
        keys = places(asked_by(viewer, [Word((word,))]), above=LOWEST, below=HIGHEST, most=5)
    return (nothing.results, nothing.counts, nothing.more, nothing.further, keys) == ([], {}, False, None, [])


@pytest.mark.parametrize(("handling", "who"), [(Handling.ORIGINATOR, "other_officer"), (Handling.STATES, "observer")])
def test_what_is_hidden_costs_nothing(person: People, handling: Handling, who: str) -> None:
    officer, other = person("officer").viewer, person(who).viewer
    logged(officer, reply="Canaryword", handling=handling)
    assert hidden_from(other, "canaryword")
    with looking_as(other):
        assert db.session.scalars(select(SearchText.place)).all() == []
    assert len(titles(officer, "canaryword")) == 1


def test_what_is_widened_is_found_from_then_on(person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = logged(officer, reply="Canaryword", handling=Handling.ORIGINATOR)
    assert hidden_from(other, "canaryword")
    with looking_as(SYSTEM), widening(), unit_of_work():
        db.session.get_one(Activity, key).handling = Handling.STATES.value
    assert len(titles(other, "canaryword")) == 1


def test_a_restricted_state_is_not_found(person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    logged(officer, reply="Canaryword", handling=Handling.PUBLIC)
    with looking_as(SYSTEM), unit_of_work():
        open_follow_up(actor=officer, what="Canarycall", state_iso3="LAO", due_on=date(2026, 12, 1))
    assert len(titles(officer, "canaryword")) == len(titles(officer, "canarycall")) == 1
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    for viewer in (anew(officer), person("other_officer").viewer, person("observer").viewer):
        assert hidden_from(anew(viewer), "canaryword"), viewer.name
        assert hidden_from(anew(viewer), "canarycall"), viewer.name
    assert len(titles(anew(coordinator), "canaryword")) == 1


def test_an_emergency_opens_the_search_of_its_state(person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    logged(officer, reply="Canaryword", officer_comment="Canarycomment", handling=Handling.ORIGINATOR)
    assert hidden_from(coordinator, "canaryword")
    with looking_as(coordinator), unit_of_work():
        emergency.begin(actor=coordinator, state_iso3="LAO", reason="The vote is this afternoon, nobody answers.")
    assert len(titles(anew(coordinator), "canaryword")) == 1
    assert titles(anew(coordinator), "canarycomment") == []


def test_a_mission_finds_what_is_about_its_states(person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    logged(officer, "LAO", reply="Canaryword", handling=Handling.STATES)
    logged(officer, "PER", reply="Canaryword", handling=Handling.STATES)
    bound = replace(other, states=frozenset({"PER"}))
    assert titles(bound, "canaryword") == ["Démarche, Peru"]
    assert titles(replace(other, states=frozenset()), "canaryword") == []


def test_a_kind_is_for_those_to_whom_it_is_open(person: People) -> None:
    officer = person("officer").viewer
    with looking_as(officer), unit_of_work():
        open_follow_up(
            actor=officer, what="Canarycall", state_iso3="LAO", due_on=date(2026, 12, 1), handling=Handling.PUBLIC
        )
    assert len(titles(officer, "canarycall")) == 1
    assert hidden_from(replace(officer, permissions=officer.permissions - {"followups:read"}), "canarycall")
    assert hidden_from(replace(officer, permissions=frozenset()), "canarycall")
    assert hidden_from(person("observer").viewer, "canarycall")


def test_what_is_hidden_takes_no_place_from_what_is_not(person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "BLOCK", 3)
    officer, observer = person("officer").viewer, person("observer").viewer
    logged(officer, reply="Canarycall", handling=Handling.PUBLIC, held_on=date(2020, 1, 1))
    with looking_as(officer), unit_of_work():
        for day in range(1, 8):
            open_follow_up(
                actor=officer, what="Canarycall", state_iso3="LAO", due_on=date(2026, 12, day), handling=Handling.PUBLIC
            )
    seen = found(observer, "canarycall")
    assert (len(seen.results), seen.counts, seen.more, seen.further) == (1, {"activity": 1}, False, None)


def test_a_page_goes_on_from_what_was_shown_even_where_the_index_knows_more(
    person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "BLOCK", 3)
    monkeypatch.setattr(finding, "asked_by", lambda _viewer, parts, but=(): Every(tuple(parts), tuple(but)))
    officer, other = person("officer").viewer, person("other_officer").viewer
    for day in range(1, 9):
        logged(officer, reply="Canaryword", handling=Handling.ORIGINATOR, held_on=date(2026, 1, day))
    seen = found(other, "canaryword")
    assert (seen.results, seen.counts, seen.more, seen.further) == ([], {}, False, None)
    logged(other, reply="Canaryword", held_on=date(2025, 12, 1))
    seen = found(other, "canaryword")
    assert (len(seen.results), seen.more, seen.further) == (1, False, None)


def test_follow_ups_and_people(person: People) -> None:
    coordinator = person("coordinator").viewer
    with looking_as(coordinator), unit_of_work():
        call = open_follow_up(actor=coordinator, what="Send the ratification kit", state_iso3="LAO",
                              due_on=date(2026, 12, 1))  # fmt: skip
        record_holder(
            actor=coordinator, state_iso3="LAO", kind=OfficeKind.FOREIGN_MINISTER, name="Thongloun Sisoulith",
            gender=Gender.MALE, from_on=date(2024, 1, 1),
        )  # fmt: skip
    assert titles(coordinator, "ratification lao") == ["Send the ratification kit"]
    assert titles(coordinator, "thongloun foreign minister") == ["Thongloun Sisoulith"]
    with looking_as(coordinator), unit_of_work():
        finish(actor=coordinator, followup_id=call.id, done_note="Handed over in Vientiane.")
    assert titles(coordinator, "handed vientiane") == ["Send the ratification kit"]


def test_kinds_days_and_states_narrow(person: People) -> None:
    officer = person("officer").viewer
    for number, state in enumerate(("LAO", "PER", "KEN")):
        logged(officer, state, reply="Canaryword", held_on=date(2020 + number, 5, 1))
    with looking_as(officer), unit_of_work():
        open_follow_up(actor=officer, what="Canaryword", state_iso3="LAO", due_on=date(2026, 12, 1))
    assert len(titles(officer, "canaryword")) == 4
    assert titles(officer, "canaryword", kind="follow_up") == ["Canaryword"]
    assert titles(officer, "canaryword", state_iso3="PER") == ["Démarche, Peru"]
    assert titles(officer, "canaryword", since=date(2021, 5, 1), until=date(2021, 5, 1)) == ["Démarche, Peru"]
    assert titles(officer, "canaryword", until=date(2020, 12, 31), kind="activity") != []
    assert found(officer, "canaryword", kind="follow_up").counts == {"activity": 3, "follow_up": 1}
    assert found(officer, "lao", kind="state").results[0].about == ("LAO",)
    assert found(officer, "lao", since=date(2020, 1, 1)).results[0].kind == "activity"


def test_page_after_page_everything_is_found_once(person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "BLOCK", 14)
    monkeypatch.setattr(finding, "PAGE", 5)
    officer = person("officer").viewer
    keys = {logged(officer, reply=f"Canaryword {n}", held_on=date(2026, 1, 1 + n)) for n in range(23)}
    seen: list[Any] = []
    cursor: str | None = None
    with looking_as(officer):
        db.session.rollback()
        while True:
            page = find(asked("canaryword"), officer, cursor=cursor)
            seen += [one.key for one in page.results]
            if (cursor := page.further) is None:
                break
    assert len(seen) == len(keys) and set(seen) == keys


def test_a_file_is_of_the_day_that_its_reader_had_when_it_came(person: People) -> None:
    officer = person("officer").viewer
    key = logged(officer)
    file = kept(officer, key)
    with looking_as(SYSTEM), unit_of_work():
        db.session.get_one(Attachment, file).added_at = datetime(2026, 11, 19, 18, 6, tzinfo=UTC)
    for zone, day in (("Asia/Tokyo", date(2026, 11, 20)), ("UTC", date(2026, 11, 19))):
        (one,) = found(replace(officer, time_zone=zone), "memoire").results
        assert (one.kind, one.on_day) == ("attachment", day)


def test_the_days_of_files_are_asked_for_as_its_reader_has_them(person: People) -> None:
    officer = person("officer").viewer
    file = kept(officer, logged(officer))
    for hour, zone, day in ((18, "Asia/Tokyo", date(2026, 11, 20)), (2, "America/New_York", date(2026, 11, 18))):
        with looking_as(SYSTEM), unit_of_work():
            db.session.get_one(Attachment, file).added_at = datetime(2026, 11, 19, hour, 6, tzinfo=UTC)
        there = replace(officer, time_zone=zone)
        for of, wanted in ((there, day), (officer, date(2026, 11, 19))):
            for days in ({"since": wanted, "until": wanted}, {"since": wanted}, {"until": wanted}):
                assert len(found(of, "memoire", **days).results) == 1, (zone, days)
            for days in ({"since": wanted + A_DAY}, {"until": wanted - A_DAY}):
                assert not found(of, "memoire", **days).results, (zone, days)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_no_day_is_too_far_to_ask_for(person: People, day: date) -> None:
    officer = replace(person("officer").viewer, time_zone="Pacific/Apia")
    kept(officer, logged(officer))
    assert len(found(officer, "memoire", since=day).results) == (day == date.min)
    assert len(found(officer, "memoire", until=day).results) == (day == date.max)


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.2.3", "-1.0", "9" * 19 + ".0", "1.-1"])
def test_a_page_that_was_not_made_here_is_none(person: People, cursor: str) -> None:
    officer = person("officer").viewer
    with looking_as(officer), pytest.raises(NotFound):
        find(asked("word"), officer, cursor=cursor)


def test_as_many_statements_for_many_as_for_few(person: People) -> None:
    officer = person("officer").viewer
    for number in range(3):
        logged(officer, reply=f"Canaryword {number}")
    numbers = set()
    for _ in range(2):
        with looking_as(officer):
            db.session.rollback()
            find(asked("canaryword"), officer)
            with recorded() as seen:
                find(asked("canaryword"), officer, Filters(kind="activity"))
            numbers.add(len(seen))
        for number in range(30):
            logged(officer, reply=f"Canaryword {number}")
    assert len(numbers) == 1 and numbers.pop() <= 6


@pytest.mark.parametrize(
    ("state", "name"), [("SWZ", "Swaziland"), ("MMR", "Burma"), ("COD", "Zaïre"), ("TUR", "turkey"), ("CZE", "czech")]
)
def test_what_is_about_a_state_is_found_by_the_name_that_it_had(person: People, state: str, name: str) -> None:
    viewer = person("coordinator").viewer
    logged(viewer, state, reply="They asked for a moratorium.")
    opened(viewer, what="Send the note", state_iso3=state)
    known(viewer, "Karma Example", state)
    assert len(titles(viewer, name)) == 3
    assert titles(viewer, f"{name} moratorium") != []
