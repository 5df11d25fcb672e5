"""The register: loaded with few statements, true as long as nothing changed."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from crm.core import access
from crm.core.db import db, unit_of_work
from crm.core.errors import NotFound
from crm.states import queries
from crm.states.models import State
from crm.states.queries import register
from crm.states.rules import Status
from crm.states.service.acts import locked_reference, mark_changed
from tests.support.statements import recorded

DECK = date(2011, 6, 1)


def test_it_costs_four_statements_then_one_then_none(app: Flask) -> None:
    queries._known.clear()
    db.session.rollback()
    with recorded() as cold:
        register()
    assert len(cold) == 4
    with recorded() as again:
        assert register() is register()
    assert again == []
    db.session.rollback()
    with recorded() as warm:
        register()
    assert len(warm) == 1
    assert "treaty_reference" in warm[0].sql


def test_a_new_token_has_it_read_again(app: Flask) -> None:
    before = register()
    with unit_of_work():
        db.session.get(State, "BTN").name = "Druk Yul"
        mark_changed(locked_reference("ccm"))
    assert register() is not before
    assert register().name_today("BTN") == "Druk Yul"


class _Stop(Exception):
    """Ends a unit of work before it is done."""


def _rename_and_stop() -> None:
    with unit_of_work():
        db.session.get(State, "BTN").name = "Druk Yul"
        mark_changed(locked_reference("ccm"))
        assert register().name_today("BTN") == "Druk Yul"
        raise _Stop


def test_what_is_rolled_back_is_not_remembered(app: Flask) -> None:
    with pytest.raises(_Stop):
        _rename_and_stop()
    assert register().name_today("BTN") == "Bhutan"


def test_anybody_may_read_it(app: Flask) -> None:
    queries._known.clear()
    db.session.rollback()
    with access.looking_as(access.ANONYMOUS):
        assert register().counts(DECK).total == 195


def test_without_reference_data_it_says_so(app: Flask) -> None:
    with pytest.raises(NotFound, match="no reference data of the treaty tpnw"):
        register("tpnw")


@pytest.mark.parametrize(
    ("iso3", "on", "language", "name"),
    [
        ("SWZ", "2011-06-01", "en", "Swaziland"),
        ("SWZ", "2018-04-18", "en", "Swaziland"),
        ("SWZ", "2018-04-19", "en", "Eswatini"),
        ("TUR", "2011-06-01", "fr", "Turquie"),
        ("TUR", "2022-06-01", "fr", "Türkiye"),
        ("MKD", "2011-06-01", "en", "The former Yugoslav Republic of Macedonia"),
        ("LBY", "2011-06-01", "en", "Libyan Arab Jamahiriya"),
        ("LBY", "2011-09-16", "en", "Libya"),
        ("CPV", "2011-06-01", "fr", "Cap-Vert"),
        ("CZE", "2011-06-01", "en", "Czech Republic"),
        ("BTN", "2011-06-01", "zh", "Bhutan"),
    ],
)
def test_names_of_the_day(app: Flask, iso3: str, on: str, language: str, name: str) -> None:
    day = date.fromisoformat(on)
    assert register().name(iso3, day, language) == name
    if language != "zh":
        assert db.session.get(State, iso3).name_on(day, language) == name


@pytest.mark.parametrize(
    ("iso3", "on", "language", "name"),
    [
        ("SWZ", "2011-06-01", "en", "the Kingdom of Swaziland"),
        ("SWZ", "2011-06-01", "fr", "le Royaume du Swaziland"),
        ("LBY", "2013-01-01", "en", "Libya"),
        ("LBY", "2018-01-01", "en", "the State of Libya"),
        ("HUN", "2011-12-31", "en", "the Republic of Hungary"),
        ("HUN", "2012-01-01", "en", "Hungary"),
        ("GMB", "2016-06-01", "en", "the Islamic Republic of the Gambia"),
    ],
)
def test_formal_names_of_the_day(app: Flask, iso3: str, on: str, language: str, name: str) -> None:
    assert register().formal_name(iso3, date.fromisoformat(on), language) == name


def test_capitals_of_the_day(app: Flask) -> None:
    known = register()
    assert [known.capital("KAZ", date(year, 1, 1)) for year in (2011, 2020, 2024)] == [
        "Astana",
        "Nur-Sultan",
        "Astana",
    ]
    assert known.capital("BDI", DECK) == "Bujumbura"


def test_a_state_that_did_not_exist_yet(app: Flask) -> None:
    known = register()
    assert known.in_universe("SSD", DECK) is False
    assert known.status("SSD", DECK) is None
    assert known.standing("SSD", DECK) is None
    assert "SSD" not in known.universe(DECK)
    assert "SSD" not in dict(known.options(DECK))
    with pytest.raises(NotFound):
        known.status("XXX", DECK)


def test_states_with_a_status_come_by_name(app: Flask) -> None:
    found = register().states_with_status({Status.STATE_PARTY}, DECK)
    assert len(found) == 57
    names = [register().name(iso3, DECK) for iso3 in found]
    assert names[:3] == ["Albania", "Antigua and Barbuda", "Austria"]
    assert register().states_with_status({"signatory", "non_signatory"}, DECK)[0] == "AFG"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("lao", "LAO"), ("Laos", "LAO"), ("LA", "LAO"), ("418", "LAO"), ("vientiane", "LAO"), ("swaz", "SWZ"),
        ("cote d'ivoire", "CIV"), ("CÔTE D’I", "CIV"), ("cote divoire", "CIV"), ("ivory coast", "CIV"),
        ("turkey", "TUR"), ("turkiye", "TUR"), ("Turquie", "TUR"), ("suazi", "SWZ"), ("south korea", "KOR"),
        ("vietnam", "VNM"), ("sao tome", "STP"), ("principe", "STP"), ("macedonia", "MKD"), ("zzz", None),
    ],
)  # fmt: skip
def test_search(app: Flask, typed: str, first: str | None) -> None:
    found = register().search(typed)
    assert (found[0] if found else None) == first


def test_find_takes_whole_names_only(app: Flask) -> None:
    known = register()
    assert known.find("Netherlands (Kingdom of the)") == "NLD"
    assert known.find("republic of korea") == "KOR"
    assert known.find("Korea") is None
    assert known.find("Korea, Republic of") == known.find("Rep. of Korea") == "KOR"
    assert known.find("Bhutan (Kingdom of)") == "BTN"
    assert known.find("Gambia, The") == "GMB"
    assert known.find("Congo, The Democratic Republic of the") == "COD"
    assert known.find("Macedonia (FYROM)") == "MKD"
    assert known.find("Canada, Republic of") is None
    assert known.find("Congo") == "COG"
    assert known.find("") is None
