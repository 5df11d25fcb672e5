"""Recording, correcting and ending terms on both databases, and who is found on which day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core import access, clock
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation, Stale
from crm.people import queries, service
from crm.people.board import board
from crm.people.models import Office, OfficeHolder
from crm.people.rules import Attention, Gender, OfficeKind
from tests.support.people import Person
from tests.support.racing import at_once, slowly
from tests.support.statements import recorded

MINISTER = OfficeKind.FOREIGN_MINISTER
People = Callable[[str], Person]


@pytest.fixture
def record(person: People) -> Callable[..., OfficeHolder]:
    """Record somebody as Foreign Minister of Bhutan, as a mission officer."""

    def recorded(name: str, from_on: date, **more: Any) -> OfficeHolder:
        actor = person("officer").viewer
        given = {"state_iso3": "BTN", "kind": MINISTER, "gender": Gender.FEMALE, **more}
        with unit_of_work():
            return service.record_holder(actor=actor, name=name, from_on=from_on, **given)

    return recorded


def _names(day: date) -> str | None:
    found = queries.holder_on("BTN", MINISTER, day)
    return found.name if found else None


def _events() -> list[tuple[str, str | None]]:
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_kind.in_(["office_holder", "office"])))
    return sorted((one.event, one.details.get("until_on")) for one in rows)


def test_a_successor_takes_over_on_the_very_day(record: Callable[..., OfficeHolder]) -> None:
    record("Deki Example", date(2020, 1, 1))
    record("Karma Example", date(2024, 1, 28))
    assert _names(date(2019, 12, 31)) is None
    assert _names(date(2024, 1, 27)) == "Deki Example"
    assert _names(date(2024, 1, 28)) == "Karma Example"
    assert _events() == [
        ("holder_recorded", None),
        ("holder_recorded", None),
        ("holder_term_ended", "2024-01-28"),
    ]


def test_two_at_once_are_refused_beside_the_field(record: Callable[..., OfficeHolder]) -> None:
    record("Deki Example", date(2020, 1, 1))
    with pytest.raises(RuleViolation) as refused:
        record("Karma Example", date(2024, 1, 28), ends_predecessor=False)
    assert list(refused.value.errors) == ["from_on"]
    with pytest.raises(RuleViolation) as refused:
        record("Earlier Example", date(2018, 1, 1))
    assert list(refused.value.errors) == ["until_on"]
    assert "1 January 2020" in refused.value.errors["until_on"][0]
    record("Earlier Example", date(2018, 1, 1), until_on=date(2020, 1, 1))
    record("Acting Example", date(2024, 1, 28), ends_predecessor=False, acting=True)
    assert _names(date(2024, 6, 1)) == "Deki Example"
    assert [one.name for one in queries.terms_of("BTN", MINISTER)] == [
        "Acting Example", "Deki Example", "Earlier Example",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"honorific": "H.E."}, "honorific"),
        ({"until_on": date(2020, 1, 1)}, "until_on"),
        ({"until_on": date(2019, 1, 1)}, "until_on"),
        ({"from_on": date(1900, 1, 1)}, "from_on"),
        ({"from_on": date(2220, 1, 1)}, "from_on"),
        ({"verified_on": date(2220, 1, 1)}, "verified_on"),
    ],
)
def test_what_cannot_be_is_refused(record: Callable[..., OfficeHolder], given: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        record(**{"name": "Deki Example", "from_on": date(2020, 1, 1), **given})
    assert list(refused.value.errors) == [field]
    assert db.session.scalars(select(OfficeHolder)).all() == []


def test_who_may_and_where(app: Flask, person: People, record: Callable[..., OfficeHolder]) -> None:
    with pytest.raises(NotFound):
        record("Nobody", date(2020, 1, 1), state_iso3="XXX")
    kept = record("Deki Example", date(2020, 1, 1))
    for who in ("observer", "administrator"):
        actor = person(who).viewer
        with pytest.raises(NotAllowed), unit_of_work():
            service.verify_holder(actor=actor, holder_id=kept.id)


def test_correcting_needs_the_version_that_was_read(person: People, record: Callable[..., OfficeHolder]) -> None:
    kept, actor = (
        record("Deki Exampel", date(2020, 1, 1), gender=Gender.UNKNOWN),
        person("coordinator").viewer,
    )
    holder_id, version = kept.id, kept.version
    with unit_of_work():
        service.correct_holder(
            actor=actor, holder_id=holder_id, version=version, name="Deki Example", gender=Gender.FEMALE,
            from_on=date(2020, 1, 1),
        )  # fmt: skip
    with pytest.raises(Stale), unit_of_work():
        service.correct_holder(
            actor=actor, holder_id=holder_id, version=version, name="Other Example", gender=Gender.MALE,
            from_on=date(2020, 1, 1),
        )  # fmt: skip
    found = queries.holder_value(holder_id)
    assert (found.name, found.gender, found.version) == ("Deki Example", Gender.FEMALE, version + 1)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "holder_corrected")).one()
    assert entry.details["changed"] == ["name", "gender"]
    assert entry.actor_id == actor.user_id


def test_saving_without_a_change_leaves_no_trace(person: People, record: Callable[..., OfficeHolder]) -> None:
    kept = record("Deki Example", date(2020, 1, 1))
    holder_id, version, actor = kept.id, kept.version, person("officer").viewer
    with unit_of_work():
        service.correct_holder(
            actor=actor, holder_id=holder_id, version=version, name="Deki Example",
            gender=Gender.FEMALE, from_on=date(2020, 1, 1),
        )  # fmt: skip
    assert queries.get_holder(holder_id).version == version
    assert _events() == [("holder_recorded", None)]


def test_a_term_ends_once(person: People, record: Callable[..., OfficeHolder]) -> None:
    kept, actor = record("Deki Example", date(2020, 1, 1)), person("officer").viewer
    holder_id, version = kept.id, kept.version
    with pytest.raises(RuleViolation), unit_of_work():
        service.end_term(actor=actor, holder_id=holder_id, until_on=date(2020, 1, 1), version=version)
    with unit_of_work():
        service.end_term(actor=actor, holder_id=holder_id, until_on=date(2024, 1, 28), version=version)
    with pytest.raises(Stale), unit_of_work():
        service.end_term(actor=actor, holder_id=holder_id, until_on=date(2024, 1, 29), version=version)
    with pytest.raises(RuleViolation), unit_of_work():
        service.end_term(actor=actor, holder_id=holder_id, until_on=date(2024, 1, 29), version=version + 1)
    assert _names(date(2024, 1, 27)) == "Deki Example"
    assert _names(date(2024, 1, 28)) is None


def test_verifying_twice_a_day_counts_once(person: People, record: Callable[..., OfficeHolder]) -> None:
    kept, actor = record("Deki Example", date(2020, 1, 1)), person("officer").viewer
    holder_id = kept.id
    for _ in range(2):
        with unit_of_work():
            service.verify_holder(actor=actor, holder_id=holder_id)
    assert queries.get_holder(holder_id).verified_on == clock.today(actor.time_zone)
    assert _events() == [("holder_recorded", None), ("holder_verified", None)]


def test_titles_follow_the_gender_and_the_state(person: People, record: Callable[..., OfficeHolder]) -> None:
    record("Deki Example", date(2020, 1, 1))
    assert queries.holder_on("BTN", MINISTER, date(2021, 1, 1)).titles == {
        "en": "Minister for Foreign Affairs",
        "fr": "Ministre des Affaires étrangères",
        "es": "Ministra de Relaciones Exteriores",
    }
    actor = person("officer").viewer
    with pytest.raises(Stale), unit_of_work():
        service.set_titles(actor=actor, state_iso3="BTN", kind=MINISTER, version=0, title_en_feminine="X")
    version = queries.office_of("BTN", MINISTER).version
    with unit_of_work():
        service.set_titles(
            actor=actor, state_iso3="BTN", kind=MINISTER, version=version,
            title_fr_masculine="Conseiller", title_fr_feminine="Conseillère",
            title_es_feminine="Consejera",
        )  # fmt: skip
    titles = queries.holder_on("BTN", MINISTER, date(2021, 1, 1)).titles
    assert titles == {"en": "Minister for Foreign Affairs", "fr": "Conseillère", "es": "Consejera"}
    with unit_of_work():
        service.set_titles(actor=actor, state_iso3="BTN", kind=OfficeKind.HEAD_OF_STATE, version=0)


def test_a_sample_office_becomes_real_when_somebody_writes_about_it(
    app: Flask, record: Callable[..., OfficeHolder]
) -> None:
    with unit_of_work():
        office = Office(state_iso3="BTN", kind=MINISTER.value, sample=True)
        db.session.add(office)
        db.session.flush()
        db.session.add(
            OfficeHolder(office_id=office.id, name="Invented", gender="male", from_on=date(2008, 1, 1), sample=True)
        )
    record("Deki Example", date(2020, 1, 1), ends_predecessor=False)
    assert _names(date(2019, 1, 1)) == "Invented"
    assert _names(date(2021, 1, 1)) == "Deki Example"
    assert queries.office_of("BTN", MINISTER).sample is False


def test_all_states_at_once_in_one_statement(app: Flask, record: Callable[..., OfficeHolder]) -> None:
    for iso3 in ("BTN", "LAO", "LBN", "NOR", "JPN"):
        record(f"Minister of {iso3}", date(2020, 1, 1), state_iso3=iso3)
    record("Ended", date(2010, 1, 1), state_iso3="KOR", until_on=date(2021, 1, 1))
    with recorded() as seen:
        found = queries.holders_on(MINISTER, date(2021, 1, 1))
    assert sorted(found) == ["BTN", "JPN", "LAO", "LBN", "NOR"]
    assert len([one for one in seen if one.asks]) == 1
    assert queries.holders_on(OfficeKind.HEAD_OF_STATE, date(2021, 1, 1)) == {}


def test_the_board_counts_every_state_and_filters(app: Flask, record: Callable[..., OfficeHolder]) -> None:
    day = date(2026, 11, 23)
    record("Deki Example", date(2020, 1, 1), verified_on=day - timedelta(days=10))
    record("Somphone Example", date(2020, 1, 1), state_iso3="LAO", gender=Gender.UNKNOWN, verified_on=day)
    record("Nadim Example", date(2020, 1, 1), state_iso3="LBN", verified_on=day - timedelta(days=366))

    def codes(**given: Any) -> list[str]:
        return [line.iso3 for line in board(kind=MINISTER, on=day, **given).lines]

    whole = board(kind=MINISTER, on=day)
    assert (whole.total, whole.recorded, whole.by_attention[Attention.VACANT]) == (197, 3, 194)
    assert codes(attention="gender_unknown") == ["LAO"]
    assert codes(attention="not_verified") == ["LBN"]
    assert len(codes(attention="any")) == 196
    assert codes(text="deki example") == ["BTN"]
    assert codes(text="Bhoutan") == ["BTN"]
    assert codes(text="Lao", attention="vacant") == []
    assert codes(status="not_joined", attention="not_verified") == []
    assert codes(sort="-verified")[:3] == ["LAO", "BTN", "LBN"]
    assert board(kind=MINISTER, on=date(2011, 6, 1)).total == 195


def test_a_stranger_sees_the_facts_and_changes_nothing(app: Flask, record: Callable[..., OfficeHolder]) -> None:
    record("Deki Example", date(2020, 1, 1))
    access.look_as(access.ANONYMOUS)
    assert _names(date(2021, 1, 1)) == "Deki Example"
    with pytest.raises(NotAllowed):
        service.record_holder(
            actor=access.ANONYMOUS, state_iso3="BTN", kind=MINISTER, name="X", gender=Gender.MALE,
            from_on=date(2022, 1, 1),
        )  # fmt: skip


def test_two_who_record_at_the_same_moment_take_turns(
    app: Flask, person: People, record: Callable[..., OfficeHolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    record("Deki Example", date(2020, 1, 1), until_on=date(2024, 1, 28))
    actor, read = person("officer").viewer, queries.terms_in
    monkeypatch.setattr(queries, "terms_in", slowly(read))

    def follow(name: str) -> None:
        with unit_of_work():
            service.record_holder(
                actor=actor, state_iso3="BTN", kind=MINISTER, name=name, gender=Gender.MALE,
                from_on=date(2024, 1, 28), ends_predecessor=False,
            )  # fmt: skip

    outcomes = at_once(app, [lambda: follow("Karma Example"), lambda: follow("Pema Example")])
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "RuleViolation"]
    assert len(db.session.scalars(select(OfficeHolder)).all()) == 2


def test_two_who_are_the_first_to_write_about_an_office_take_turns(app: Flask, person: People) -> None:
    actor = person("officer").viewer

    def title(version: int) -> None:
        with unit_of_work():
            service.set_titles(
                actor=actor, state_iso3="BTN", kind=MINISTER, version=version, title_en_masculine="Chancellor"
            )

    outcomes = at_once(app, [lambda: title(0), lambda: title(0)])
    assert {type(one).__name__ for one in outcomes} <= {"NoneType", "Stale"}
    assert len(db.session.scalars(select(Office)).all()) == 1
