"""S31: no cell of a table that leaves this house is ever taken for a formula."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest

from crm.core.sheets import as_csv, harmless, unmarked
from crm.letters.archive import HEADINGS, Line, table
from crm.states.acts_csv import COLUMNS, write_acts
from crm.states.rules import Act, ActKind
from tests.architecture.imports import imported, offences, source_files, text_of
from tests.support.bounded import within_seconds

EVIL = {
    "=1+1": "'=1+1",
    "+1": "'+1",
    "-2+3": "'-2+3",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t'=1",
    "\n=1": "'\n'=1",
    " =1+1": "' =1+1",
    "\ufeff=1": "'\ufeff=1",
    "＝1": "'＝1",
    "|calc": "'|calc",
    "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0",
    "They agree;=cmd|' /C calc'!A0;and thank us": "They agree;'=cmd|' /C calc'!A0;and thank us",
    "x\t +1|@y": "x\t' +1|'@y",
    'They say:\n"=1", and\n- 2': "They say:\n'\"=1\", and\n'- 2",
}
"""What somebody writes, and how it leaves."""


@pytest.mark.parametrize("text", EVIL)
def test_s31_a_formula_becomes_text(text: str) -> None:
    assert harmless(text) == EVIL[text]
    cells = list(csv.reader(io.StringIO(as_csv([text], [[text, 1]]), newline="")))
    assert cells == [[EVIL[text]], [EVIL[text], "1"]]
    assert unmarked(EVIL[text]) == text


@pytest.mark.parametrize("divider", [",", ";", "\t", "|"])
@pytest.mark.parametrize("text", EVIL)
def test_s31_at_whatever_sign_a_program_divides_no_cell_is_a_formula(text: str, divider: str) -> None:
    """In much of Europe lists are divided at semicolons, and the programs go by that."""
    table = as_csv(["Note"], [["a, b", text, f"and {text}", "x"], [text]])
    for cells in csv.reader(io.StringIO(table, newline=""), delimiter=divider):
        assert not [one for one in cells if one.lstrip(' "\ufeff').startswith(("=", "+", "-", "@", "＝"))]


def test_s31_marks_are_set_and_taken_off_in_one_walk() -> None:
    for long in ("\n", "; ", ";'", ";' "):
        done = within_seconds(
            30, f"from crm.core.sheets import *; unmarked(harmless({long!r} * 300_000 + ' ' * 300_000))"
        )
        assert done


def test_s31_a_carriage_return_neither_ends_the_row_nor_begins_a_formula() -> None:
    assert as_csv(["a"], [["\r=1"], ["b\r\nc"]]) == 'a\n"\'\n\'=1"\n"b\nc"\n'


def test_s31_numbers_and_plain_words_stay_as_they_are() -> None:
    assert [harmless(one) for one in (-1.5, 3, None, "", "Lao PDR", "a=b", "2011-06-01")] == [
        -1.5, 3, None, "", "Lao PDR", "a=b", "2011-06-01",
    ]  # fmt: skip


@pytest.mark.parametrize("text", EVIL)
def test_s31_in_the_acts_and_in_the_table_of_an_archive(text: str) -> None:
    act = Act("LAO", ActKind.SIGNATURE, date(2008, 12, 3), note=text, source=text)
    written = next(csv.DictReader(io.StringIO(write_acts([act]), newline="")))
    assert tuple(written) == COLUMNS and written["note"] == written["source"] == EVIL[text]
    line = Line("L-1", "LAO", text, text, text, text, ["en"], "done", [text], [text])
    rows = list(csv.reader(io.StringIO(table([line]), newline="")))
    assert len(rows[0]) == len(HEADINGS) and rows[1].count(EVIL[text]) == 6


def test_s31_one_place_writes_tables() -> None:
    """Whoever imports what could write CSV reads it, or is the one place; workbooks have a place of their own, and
    what an import reads is written nowhere.
    """
    ours = list(source_files("crm", "tasks"))
    assert set(offences(ours, lambda path: re.findall(r"csv\.(?:DictWriter|writer)\(", text_of(path)))) == {
        "crm/core/sheets.py"
    }
    assert set(offences(ours, lambda path: _brings(path, "xlsxwriter", "pandas"))) == {"crm/core/workbooks.py"}
    assert set(offences(ours, lambda path: _brings(path, "openpyxl"))) == {"crm/imports/workbooks.py"}


def _brings(path: Path, *libraries: str) -> set[str]:
    return {name.split(".")[0] for _, name in imported(path)} & set(libraries)
