"""The data files themselves: complete, consistent, and read the way they are written."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest

from crm.states.reference import ReferenceData, fingerprint, read_reference
from crm.states.rules import REGION_ORDER, NameKind, Scheme, entry_into_force
from tests.states.conftest import FOLDER, rows_of


def test_every_state_has_every_column(reference: ReferenceData) -> None:
    assert len(reference.states) == 197
    for iso3, row in reference.states.items():
        assert re.fullmatch("[A-Z]{3}", iso3)
        assert re.fullmatch("[A-Z]{2}", row["iso2"])
        assert re.fullmatch(r"\d{3}", row["iso_numeric"])
        for column in (
            "name",
            "name_fr",
            "name_es",
            "formal_name",
            "formal_name_fr",
            "formal_name_es",
            "capital",
        ):
            assert row[column].strip() == row[column] != "", (iso3, column)
        assert -90 <= row["latitude"] <= 90
        assert -180 <= row["longitude"] <= 180
        assert row["official_un_language"] in {"ar", "en", "es", "fr", "ru", "zh"}
        for scheme in Scheme:
            assert row[scheme.value] in REGION_ORDER[scheme]
        assert (row["region"] == row["seed_region"]) == (row["seed_region_basis"] == "plain")


def test_codes_are_nobody_elses(reference: ReferenceData) -> None:
    for column in ("iso2", "iso_numeric", "name"):
        assert len({row[column] for row in reference.states.values()}) == 197
    groups = Counter(row["un_group"] for row in reference.states.values())
    assert groups == {
        "Africa": 54,
        "Asia-Pacific": 55,
        "Eastern Europe": 23,
        "GRULAC": 33,
        "WEOG": 29,
        "none": 3,
    }


def test_every_state_has_a_tile_of_its_own(reference: ReferenceData) -> None:
    tiles = [(row["tile_column"], row["tile_row"]) for row in reference.states.values()]
    assert None not in {part for tile in tiles for part in tile}
    assert len(set(tiles)) == 197
    assert 26 <= max(column for column, _row in tiles) + 1 <= 30
    assert min(column for column, _row in tiles) == min(row for _column, row in tiles) == 0


@pytest.mark.parametrize(
    ("west", "east"),
    [("PRT", "ESP"), ("MEX", "CUB"), ("MAR", "EGY"), ("IND", "CHN"), ("CHL", "ARG"), ("AUS", "FJI")],
)
def test_tiles_keep_west_and_east(reference: ReferenceData, west: str, east: str) -> None:
    assert reference.states[west]["tile_column"] < reference.states[east]["tile_column"]


@pytest.mark.parametrize(
    ("north", "south"), [("NOR", "ITA"), ("CAN", "MEX"), ("EGY", "ZAF"), ("CHN", "AUS"), ("COL", "CHL")]
)
def test_tiles_keep_north_and_south(reference: ReferenceData, north: str, south: str) -> None:
    assert reference.states[north]["tile_row"] < reference.states[south]["tile_row"]


def test_names_say_how_sure_they_are(reference: ReferenceData) -> None:
    for iso3, one in reference.names:
        assert one.confidence in {"found", "memory"}, iso3
        assert one.language in {"en", "fr", "es"}
        assert one.text.strip() == one.text != ""
        if one.kind is NameKind.ALIAS:
            assert one.used_until is None
        else:
            assert one.used_until is not None, (iso3, one.text)
            assert one.precision in {"day", "year"}
            year_end = (one.used_until.month, one.used_until.day) == (12, 31)
            assert one.precision == "day" or year_end


def test_a_known_day_takes_the_place_of_the_years_end(reference: ReferenceData) -> None:
    swaziland = [
        one for iso3, one in reference.names if iso3 == "SWZ" and one.text == "Swaziland" and one.language == "en"
    ]
    assert [(one.used_until, one.precision) for one in swaziland] == [(date(2018, 4, 18), "day")]


def test_there_are_names_for_every_renaming_since_the_treaty(reference: ReferenceData) -> None:
    known = {(iso3, one.kind, one.language) for iso3, one in reference.names}
    for iso3 in ("SWZ", "MKD", "TUR", "LBY", "BOL"):
        for kind in (NameKind.SHORT, NameKind.FORMAL):
            assert {(iso3, kind, "en"), (iso3, kind, "fr")} <= known
    assert {("CPV", NameKind.SHORT, "fr"), ("CZE", NameKind.SHORT, "fr")} <= known


def test_acts_say_how_sure_they_are_and_follow_article_17(reference: ReferenceData, ccm) -> None:
    assert len(reference.acts) == 222
    kinds = Counter(act.kind.value for act in reference.acts)
    assert kinds == {"signature": 108, "ratification": 94, "accession": 17, "acceptance": 2, "withdrawal": 1}
    for act in reference.acts:
        assert act.confidence == "found"
        assert act.source
        assert all(code in ccm.sources for code in act.source.split(";"))
        if act.kind.value not in ("signature", "withdrawal"):
            assert act.effective_on == entry_into_force(act.deposited_on, ccm)


@pytest.mark.parametrize("row", rows_of("effective_checks.csv"), ids=lambda row: row["iso3"])
def test_published_entry_into_force(reference: ReferenceData, row: dict[str, str]) -> None:
    consents = [
        act.effective_on.isoformat()
        for act in reference.acts
        if act.state_iso3 == row["iso3"] and act.kind.value not in ("signature", "withdrawal")
    ]
    assert consents == [row["effective_on"]], row["source"]


def test_the_fingerprint_sees_every_file(own_data) -> None:
    folder = own_data / "ccm"
    before = fingerprint(folder)
    assert before == fingerprint(FOLDER)
    for name in ("treaty.toml", "states.csv", "names.csv", "tile_grid.csv", "treaty_actions.csv"):
        original = (folder / name).read_bytes()
        (folder / name).write_bytes(original + b"\n")
        assert fingerprint(folder) != before, name
        (folder / name).write_bytes(original)


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        (
            "treaty_actions.csv",
            "ZZZ,accession,2020-01-01,,,found,press",
            "treaty_actions.csv, line 224: no State",
        ),
        ("treaty_actions.csv", "BTN,adhesion,2020-01-01,,,found,press", "line 224: 'adhesion'"),
        ("treaty_actions.csv", "BTN,accession,2020-13-01,,,found,press", "line 224: "),
        ("tile_grid.csv", "ZZZ,0,0", "no State has the code ZZZ"),
        ("tile_grid.csv", "BTN,0,9", "share a tile"),
        ("names.csv", "ZZZ,short,en,Old,2010-01-01,day,memory,", "no State has the code ZZZ"),
        ("names.csv", "BTN,nickname,en,Old,2010-01-01,day,memory,", "'nickname'"),
    ],
)
def test_a_wrong_file_names_its_line(own_data, name: str, line: str, said: str) -> None:
    with (own_data / "ccm" / name).open("a", encoding="utf-8") as target:
        target.write(line + "\n")
    with pytest.raises(ValueError, match=re.escape(said)):
        read_reference(own_data / "ccm")
