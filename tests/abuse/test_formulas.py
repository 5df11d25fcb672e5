"""S31: no cell of a table that leaves this house is ever taken for a formula."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest

from crm.core.sheets import as_csv, harmless
from crm.letters.archive import HEADINGS, Line, table
from crm.states.acts_csv import COLUMNS, write_acts
from crm.states.rules import Act, ActKind
from tests.architecture.imports import ROOT, dotted, imported, source_files

EVIL = [
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\n=1",
    " =1+1",
    "\ufeff=1",
    "＝1",
    "|calc",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("text", EVIL)
def test_s31_a_formula_becomes_text(text: str) -> None:
    assert harmless(text) == f"'{text}"
    cells = list(csv.reader(io.StringIO(as_csv([text], [[text, 1]]), newline="")))
    assert cells == [[f"'{text}"], [f"'{text}", "1"]]


def test_s31_a_carriage_return_neither_ends_the_row_nor_begins_a_formula() -> None:
    assert as_csv(["a"], [["\r=1"], ["b\r\nc"]]) == 'a\n"\'\n=1"\n"b\nc"\n'


def test_s31_numbers_and_plain_words_stay_as_they_are() -> None:
    assert [harmless(one) for one in (-1.5, 3, None, "", "Lao PDR", "a=b", "2011-06-01")] == [
        -1.5, 3, None, "", "Lao PDR", "a=b", "2011-06-01",
    ]  # fmt: skip


@pytest.mark.parametrize("text", EVIL)
def test_s31_in_the_acts_and_in_the_table_of_an_archive(text: str) -> None:
    act = Act("LAO", ActKind.SIGNATURE, date(2008, 12, 3), note=text, source=text)
    written = next(csv.DictReader(io.StringIO(write_acts([act]), newline="")))
    assert tuple(written) == COLUMNS and written["note"] == written["source"] == f"'{text}"
    line = Line("L-1", "LAO", text, text, text, text, ["en"], "done", [text], [text])
    rows = list(csv.reader(io.StringIO(table([line]), newline="")))
    assert len(rows[0]) == len(HEADINGS) and rows[1].count(f"'{text}") == 6


@pytest.mark.parametrize("path", list(source_files("crm", "tasks")), ids=dotted)
def test_s31_one_place_writes_tables(path: Path) -> None:
    """Whoever imports what could write CSV reads it, or is the one place."""
    written = re.findall(r"csv\.(?:DictWriter|writer)\(", path.read_text(encoding="utf-8"))
    assert not written or path == ROOT / "crm" / "core" / "sheets.py"
    assert not {name.split(".")[0] for _, name in imported(path)} & {"openpyxl", "xlsxwriter", "pandas"}
