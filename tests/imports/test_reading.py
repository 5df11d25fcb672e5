"""Files as a whole: what is no table, what is too large, and how what is one is read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from crm.imports import heads, reading
from crm.imports.bounds import TableUnreadable
from crm.imports.columns import HEADINGS
from crm.imports.naming import Names
from crm.imports.reading import How
from crm.imports.rules.columns import find_heading, guess, letter, place_of
from crm.imports.rules.lines import clean_cell
from crm.states.queries import register

PLENTY = 1 << 30


def _kept(folder: Path, content: bytes) -> Path:
    path = folder / "x"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_any_sign_and_any_encoding(tmp_path: Path, sign: str, encoding: str) -> None:
    text = sign.join(["Pays", "Réponse"]) + "\r\n" + sign.join(["Pérou", '"Été;\r\n, |\t"']) + "\r\n"
    path = _kept(tmp_path, text.encode(encoding))
    how, sheets = reading.find_out(path, "csv", most_unpacked=PLENTY)
    assert how.delimiter == sign and sheets == []
    assert list(reading.lines(path, how)) == [(1, ["Pays", "Réponse"]), (2, ["Pérou", "Été;\n, |"])]


def test_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    path = _kept(tmp_path, b'State,Reply\nPeru,"never closed\n' + b"x" * 200_000)
    with pytest.raises(TableUnreadable, match="From line 2 on"):
        list(reading.lines(path, How("csv", "utf-8-sig", ",")))


def test_letters_that_cannot_be_read(tmp_path: Path) -> None:
    path = _kept(tmp_path, "State\nPérou\n".encode("cp1252"))
    with pytest.raises(TableUnreadable, match="another encoding"):
        list(reading.lines(path, How("csv", "utf-8-sig", ",")))


def _zip(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 no archive",
        _zip(**{"word/document.xml": b"<x/>"}),
        _zip(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<!DOCTYPE x [<!ENTITY y 'z'>]><x/>"}),
        _zip(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}),
    ],
)
def test_what_is_no_sound_workbook(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(TableUnreadable):
        reading.find_out(_kept(tmp_path, content), "xlsx", most_unpacked=PLENTY)


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    bomb = _zip(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b" " * 3_000_000})
    with pytest.raises(TableUnreadable, match="unpacks to more"):
        reading.find_out(_kept(tmp_path, bomb), "xlsx", most_unpacked=1_000_000)


@pytest.mark.parametrize(("at", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ")])
def test_columns_are_called_as_in_a_spreadsheet(at: int, name: str) -> None:
    assert letter(at) == name and place_of(name) == at


def test_headings_in_three_languages_and_nearly_right() -> None:
    assert guess(["Pays", "Date du contact", "Interlocuteur", "Réponse"], {}, HEADINGS) == {
        "state": 0, "held_on": 1, "person_name": 2, "reply": 3,
    }  # fmt: skip
    assert guess(["País", "Fecha", "Obstáculo principal"], {}, HEADINGS) == {"state": 0, "held_on": 1, "obstacle": 2}
    assert guess(["Contry", "Outcomes", "Favourite colour"], {}, HEADINGS) == {"state": 0, "reply": 1}


def test_what_a_party_has_said_before_goes_first() -> None:
    assert guess(["Wer", "Country"], {"wer": "person_name", "country": ""}, HEADINGS) == {"person_name": 0}


def test_the_heading_is_the_line_that_names_the_most() -> None:
    found = find_heading(
        [["Our list"], ["Date printed", "x"], ["State", "Date", "Reply"], ["Peru", "2026", "Yes"]], {}, HEADINGS
    )
    assert (found.last, found.names) == (2, ("State", "Date", "Reply"))


def test_a_cell_that_was_marked_as_text_comes_back_as_it_was() -> None:
    assert clean_cell("'=1+1") == "=1+1" and clean_cell("'tis so") == "'tis so"
    assert clean_cell(" a\u00a0b\u200b\r\nc ") == "a b\nc"


@pytest.mark.parametrize("cells", [["No", "No", "Yes"], ["Nr", "Nr", "Nr"], ["no", "NA", "sí"], ["1", "2", "3"]])
def test_a_column_of_answers_or_numbers_is_none_of_states(app: Flask, cells: list[str]) -> None:
    lines = [(1, ["Anything", "Besides", "Further"]), *((n, [one, "Karma", "x"]) for n, one in enumerate(cells, 2))]
    head = heads.head_of(lines, How("csv"), [], {}, register())
    assert "state" not in head["guessed"] and head["naming"] == []


@pytest.mark.parametrize(
    "text",
    [
        "-",
        "?",
        "*",
        "—",
        "…",
        "🤷",
        "/",
        "(1)",
        "¹",
        "A",
        "B",
        "Ka",
        "TU",
        "id.",
        "N/A",
        "A/B",
        '"',
        "〃",
        "ditto",
        "l’",
    ],
)
def test_a_sign_or_a_letter_names_no_state(app: Flask, text: str) -> None:
    names = Names(register())
    assert names.states(text) == () and not names.nothing_else(text)


def test_a_name_is_known_without_its_article_and_a_code_with_nothing_before_it(app: Flask) -> None:
    names = Names(register())
    asked = (
        "LA",
        "LBN",
        "004",
        "Gambia",
        "Republic of the Congo",
        "Union des Comores",
        "the Philippines",
        "ID",
        "Burma¹",
    )
    assert [names.state(one) for one in asked] == [
        "LAO", "LBN", "AFG", "GMB", "COG", "COM", "PHL", "IDN", "MMR"
    ]  # fmt: skip


def test_a_column_of_priorities_is_none_of_states(app: Flask) -> None:
    lines = [(1, ["Anything", "Besides", "Reply"]), *((n, [one, "Karma", "x"]) for n, one in enumerate("ABCA", 2))]
    head = heads.head_of(lines, How("csv"), [], {}, register())
    assert "state" not in head["guessed"] and head["naming"] == [] and head["named"] == [""]


def test_a_column_that_says_ditto_is_one_of_states(app: Flask) -> None:
    cells = ("Bhutan", '"', "ditto", "–", "Peru", "〃")
    lines = [(1, ["Anything", "Reply"]), *((n, [one, "x"]) for n, one in enumerate(cells, 2))]
    head = heads.head_of(lines, How("csv"), [], {}, register())
    assert head["naming"] == [0] and head["named"] == ["BTN", "PER"]


def test_a_column_of_codes_is_one_of_states_though_some_are_words(app: Flask) -> None:
    lines = [(1, ["Anything", "Reply"]), *((n, [one, "x"]) for n, one in enumerate(("NO", "BT", "PE", "FJ"), 2))]
    assert heads.head_of(lines, How("csv"), [], {}, register())["guessed"] == {"reply": 1, "state": 0}
