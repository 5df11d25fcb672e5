"""Lists of acts as CSV: both layouts, and every way in which a row or a file can be wrong."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm.states.acts_csv import ActList, ListUnreadable, read_acts, write_acts
from crm.states.rules import Act, ActKind, GivenAct

TODAY = date(2026, 11, 23)
KNOWN = {"LAO": "LAO", "BTN": "BTN", "Bhutan": "BTN", "Netherlands (Kingdom of the)": "NLD", "Japan": "JPN"}


def read(text: str | bytes) -> ActList:
    content = text.encode() if isinstance(text, str) else text
    return read_acts(content, find_state=lambda name: KNOWN.get(name) or KNOWN.get(name.upper()), today=TODAY)


def test_our_own_layout() -> None:
    found = read(
        "iso3,act,deposited_on,effective_on,note,confidence,source\n"
        "LAO,signature,2008-12-03,,,found,press\n"
        "btn,Accession,2026-10-05,2027-04-01,113th,,\n"
    )
    assert found.layout == "acts"
    assert found.problems == []
    assert found.rows == [
        GivenAct(2, "LAO", ActKind.SIGNATURE, date(2008, 12, 3), None, None, "found", "press"),
        GivenAct(3, "BTN", ActKind.ACCESSION, date(2026, 10, 5), date(2027, 4, 1), "113th", None, None),
    ]


@pytest.mark.parametrize("name", ["Bhutan", "Bhutan 1", "Bhutan 1, 2", "Bhutan1 , 12 3", "Bhutan\u00a0 4"])
def test_the_numbers_of_footnotes_are_no_part_of_a_name(name: str) -> None:
    found = read(f'Participant,Signature,"Ratification, Accession(a)"\n"{name}",,5 Oct 2026 a\n')
    assert [one.state_iso3 for one in found.rows] == ["BTN"]


def test_s36_a_name_of_digits_takes_no_longer_than_its_length() -> None:
    found = read(f"Participant,Signature,Ratification\nBhutan {'1' * 5_000}x,,5 Oct 2026\n")
    assert [one.message for one in found.problems] == ["No State has this name."]


@pytest.mark.parametrize(
    "text",
    [
        "iso3,act,deposited_on\nBTN,accession,2026-10-05\n",
        "act;deposited_on;iso3\naccession;2026-10-05;Bhutan\n",
        "iso3\tact\tdeposited_on\nBTN\taccession\t2026-10-05\n",
        "\ufeffiso3,act,deposited_on\r\nBTN,accession,5 Oct 2026\r\n",
        '"iso3","act","deposited_on"\n\n"BTN"," accession ","5 October 2026"\n\n',
    ],
)
def test_what_spreadsheets_make_of_it(text: str) -> None:
    (row,) = read(text).rows
    assert (row.state_iso3, row.kind, row.deposited_on) == ("BTN", ActKind.ACCESSION, date(2026, 10, 5))


def test_the_depositarys_own_table() -> None:
    found = read(
        'Participant,Signature,"Ratification, Acceptance(A), Approval(AA), Accession(a)"\n'
        "Bhutan,,5 Oct 2026 a\n"
        "Japan,3 Dec 2008,14 Jul 2009 A\n"
        "Netherlands (Kingdom of the) 2,3 Dec 2008,\n"
        "Atlantis,3 Dec 2008,\n"
        "LAO,3 Dec 2008,18 Mar 2009 x\n"
    )
    assert found.layout == "depositary"
    assert [(one.line, one.state_iso3, one.kind.value) for one in found.rows] == [
        (2, "BTN", "accession"),
        (3, "JPN", "signature"),
        (3, "JPN", "acceptance"),
        (4, "NLD", "signature"),
        (6, "LAO", "signature"),
    ]
    assert [(one.line, one.column) for one in found.problems] == [(5, "Participant"), (6, "Ratification")]


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("ZZZ,accession,2020-01-01", "iso3", "No State has the code “ZZZ”"),
        (",accession,2020-01-01", "iso3", "The State is missing"),
        ("BTN,adhesion,2020-01-01", "act", "“adhesion” is not an act"),
        ("BTN,,2020-01-01", "act", "is not an act"),
        ("BTN,accession,03/12/2008", "deposited_on", "“03/12/2008” is not a day"),
        ("BTN,accession,2020-02-30", "deposited_on", "is not a day"),
        ("BTN,accession,", "deposited_on", "is missing"),
        ("BTN,accession", "deposited_on", "is missing"),
        ("BTN,accession,2026-11-24", "deposited_on", "has not come yet"),
        ("BTN,accession,2020-01-01,soon", "effective_on", "is not a day"),
        ("BTN,accession,2020-01-01,,,rumour", "confidence", "found, memory or nothing"),
        ("BTN,accession,2020-01-01,," + "x" * 501, "note", "longer than 500"),
        ("BTN,accession,2020-01-01,,a\u202eb", "note", "invisible or control"),
        ("BTN,accession,2020-01-01,,,,,,,", "", "The row has 10 cells, the heading 7"),
    ],
)
def test_a_broken_row_says_why_with_its_line(row: str, column: str, message: str) -> None:
    heading = "iso3,act,deposited_on,effective_on,note,confidence,source"
    found = read(f"{heading}\nLAO,signature,2008-12-03\n{row}\n")
    assert [one.line for one in found.rows] == [2]
    (problem, *_) = [one for one in found.problems if one.column == column]
    assert problem.line == 3
    assert message in problem.message


def test_lines_count_on_through_blank_lines_and_cells_of_several_lines() -> None:
    found = read('iso3,act,deposited_on,note\n\nBTN,accession,2020-01-01,"two\nlines"\nZZZ,accession,2020-01-01,\n')
    assert [(one.line, one.column) for one in found.problems] == [(3, "note"), (5, "iso3")]


def test_a_row_that_repeats_another() -> None:
    found = read("iso3,act,deposited_on\nBTN,accession,2020-01-01\nBhutan,accession,2020-01-01\n")
    (problem,) = found.problems
    assert problem.message == "Line 2 of this list says the same act of this State already."
    assert (problem.line, problem.text) == (3, "BTN accession 2020-01-01")
    assert [one.line for one in found.rows] == [2]


def test_a_broken_row_says_which_state_it_is_about_where_that_can_be_read() -> None:
    found = read("iso3,act,deposited_on\nBhutan,accession,soon\nZZZ,accession,2020-01-01\n,accession,2020-01-01\n")
    assert [(one.line, one.state_iso3) for one in found.problems] == [(2, "BTN"), (3, ""), (4, "")]
    table = read("Participant,Signature,Ratification\nBhutan,soon,\nAtlantis,3 Dec 2008,\n")
    assert [(one.line, one.state_iso3) for one in table.problems] == [(2, "BTN"), (3, "")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"  \n \n", "empty"),
        (b"iso3,act,deposited_on\n", "heading and no rows"),
        (b"iso3,act\nBTN,accession\n", "lacks deposited_on"),
        (b"iso3,act,deposited_on,colour\nBTN,accession,2020-01-01,red\n", "not known or stand twice"),
        (b"iso3,act,act,deposited_on\nBTN,accession,x,2020-01-01\n", "not known or stand twice"),
        (b"Participant,Signature\nBhutan,3 Dec 2008\n", "Participant, Signature and Ratification"),
        (b"\xff\xfe\x00i", "not UTF-8"),
        ("iso3,act\nCôte".encode("latin-1"), "not UTF-8"),
        (b"PK\x03\x04 a workbook", "not a text file"),
        (b"iso3,act,deposited_on\nBTN\x00,accession,2020-01-01\n", "not a text file"),
        (b'iso3,act,deposited_on\n"BTN,accession,2020-01-01\n', "Line "),
        (b"iso3,act,deposited_on\n" + b"BTN,accession,2020-01-01\n" * 5001, "more than 5000 rows"),
        (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
        (b"iso3,act,deposited_on\n" + b"B" * 200_000 + b",accession,2020-01-01\n", "cannot be read as CSV"),
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(content: bytes, said: str) -> None:
    with pytest.raises(ListUnreadable, match=said):
        read(content)


def test_problems_are_bounded() -> None:
    rows = "".join(f"Z{number},accession,2020-01-01\n" for number in range(1000))
    assert len(read("iso3,act,deposited_on\n" + rows).problems) == 200


@given(
    st.binary(max_size=400)
    | st.text(max_size=400).map(lambda text: f"iso3,act,deposited_on\n{text}".encode("utf-8", "replace"))
)
@example(b",")
def test_no_file_is_a_crash(content: bytes) -> None:
    with contextlib.suppress(ListUnreadable):
        assert read(content).layout in ("acts", "depositary")


def test_what_is_written_can_be_read_again(reference) -> None:
    text = write_acts(reference.acts)
    found = read_acts(text.encode(), find_state=lambda code: code, today=TODAY)
    assert found.problems == []
    assert {(one.state_iso3, one.kind, one.deposited_on, one.effective_on, one.note or "") for one in found.rows} == {
        (one.state_iso3, one.kind, one.deposited_on, one.effective_on, one.note) for one in reference.acts
    }


def test_no_cell_is_a_formula() -> None:
    act = Act("BTN", ActKind.ACCESSION, date(2020, 1, 1), None, '=HYPERLINK("x")', "found", "@source")
    line = write_acts([act]).splitlines()[1]
    assert "\"'=HYPERLINK" in line
    assert "'@source" in line
