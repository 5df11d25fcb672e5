"""How much of a table is held at once, and read at all: time and memory go by bounds, not by what somebody sent."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.imports import bounds, reading
from crm.imports.bounds import HELD_AT_ONCE, MOST_IN_CELL, WHILE_SOMEBODY_WAITS, Meter, TableUnreadable
from crm.imports.models import SpreadsheetRow
from crm.imports.reading import How
from crm.imports.rules.columns import letter
from tests.imports.sending import send
from tests.imports.workbooks import cell, sharing
from tests.support.people import Person

MEGABYTE = 1024 * 1024
HEADING = "".join(cell(f"{letter(at)}1", text) for at, text in enumerate(("State", "Date", "Kind", "Whom", "Reply")))


def _kept(folder: Path, content: bytes) -> Path:
    path = folder / "x"
    path.write_bytes(content)
    return path


def _rows(lines: int, cells: int) -> str:
    """So many lines of which each cell is the first of the texts that are shared."""
    one = "".join(f'<c r="{letter(at)}{{0}}" t="s"><v>0</v></c>' for at in range(cells))
    return "".join(f'<row r="{number}">{one.format(number)}</row>' for number in range(2, lines + 2))


def test_one_long_text_in_every_cell_of_every_line_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    """Some kilobytes of a workbook would become six megabytes a line."""
    content = sharing(f'<row r="1">{HEADING}</row>{_rows(12, 200)}', "A" * 31_500)
    assert len(content) < 60_000
    path = _kept(tmp_path, content)
    tracemalloc.start()
    try:
        with pytest.raises(TableUnreadable, match="longer than can be read"):
            reading.look(path, "xlsx", most_unpacked=1 << 30)
        with pytest.raises(TableUnreadable, match="longer than can be read"):
            list(reading.lines(path, How("xlsx", sheet="A")))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 24 * MEGABYTE, f"{most:,} bytes were held"


def test_lines_that_are_long_each_are_looked_at_as_far_as_somebody_waits(tmp_path: Path) -> None:
    """A line of half a megabyte is one; a hundred of them are more than a first look takes."""
    path = _kept(tmp_path, sharing(f'<row r="1">{HEADING}</row>{_rows(150, 20)}', "A" * 31_500))
    tracemalloc.start()
    try:
        looked = reading.look(path, "xlsx", most_unpacked=1 << 30)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 2 < len(looked.first["A"]) < 10 and most < 40 * MEGABYTE
    held = [len(one) for one in reading.batches(reading.lines(path, looked.how), 1_000)]
    assert sum(held) == 151 and max(held) <= HELD_AT_ONCE // (20 * 31_500) + 2


def _most_held(path: Path) -> int:
    tracemalloc.start()
    try:
        assert [number for number, _cells in reading.lines(path, How("xlsx", sheet="A"))] == [1, 2, 3]
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("strange", ["<x/>text", "<x><c/></x>"])
def test_nothing_is_held_of_what_stands_beside_the_lines_of_a_workbook(tmp_path: Path, strange: str) -> None:
    rows = [f'<row r="{n}">{cell(f"A{n}", "Bhutan")}</row>{strange * 15_000}' for n in (1, 2, 3)]
    assert _most_held(_kept(tmp_path, sharing("".join(rows)))) < 2 * MEGABYTE
    between = f"<extLst>{strange * 15_000}</extLst>"
    inside = f"<x>{''.join(rows)}</x>{between}"
    assert _most_held(_kept(tmp_path, sharing(inside))) < 2 * MEGABYTE


def test_nothing_is_held_of_what_stands_beside_the_texts_of_a_workbook(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in (1, 2, 3))
    assert _most_held(_kept(tmp_path, sharing(rows, f"Bhutan</t></si>{'<x/>' * 40_000}<si><t>"))) < 2 * MEGABYTE


@pytest.mark.parametrize(
    "strange",
    [
        f'<row r="2">{"<x/>" * 300_000}</row>',
        "<x><row/>" * 100 + "</x>" * 100,
        "".join(f"<row><x{n}/></row>" for n in range(2_000)),
        "".join(f'<row x{n}=""/>' for n in range(2_000)),
    ],
)
def test_a_line_of_endless_parts_a_well_and_endless_names_are_refused(tmp_path: Path, strange: str) -> None:
    with pytest.raises(TableUnreadable, match=r"The sheet is damaged|longer than can be read"):
        list(reading.lines(_kept(tmp_path, sharing(f'<row r="1">{HEADING}</row>{strange}')), How("xlsx", sheet="A")))


def test_a_table_has_an_end_however_often_its_texts_stand_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_TEXT", 2 * MEGABYTE)
    path = _kept(tmp_path, sharing(_rows(100, 10), "A" * 10_000))
    with pytest.raises(TableUnreadable, match="holds more text than can be read here"):
        list(reading.lines(path, How("xlsx", sheet="A")))


def test_a_file_that_holds_too_much_is_refused_in_words_and_nothing_of_it_is_kept(
    app: Flask, person: Callable[[str], Person]
) -> None:
    officer = person("officer").viewer
    long = sharing(f'<row r="1">{HEADING}</row>{_rows(3, 200)}', "A" * 31_500)
    with pytest.raises(RuleViolation) as refused:
        send(officer, long, "list.xlsx")
    assert refused.value.errors == {
        "file": ["A line of this table is longer than can be read. Save the table anew, or as CSV."]
    }
    with looking_as(SYSTEM):
        assert db.session.scalar(select(func.count()).select_from(SpreadsheetRow)) == 0


def test_a_long_line_far_down_refuses_the_whole_and_leaves_no_half(
    app: Flask, person: Callable[[str], Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LOOKED_AT", 3)
    told = (("A", "Bhutan"), ("B", "2026-03-12"), ("C", "visit"), ("D", "Karma"))
    good = "".join(
        f'<row r="{n}">{"".join(cell(f"{at}{n}", text) for at, text in told)}{cell(f"E{n}", f"Reply {n}")}</row>'
        for n in range(2, 12)
    )
    far = _rows(1, 200).replace('r="2"', 'r="40"')
    made = send(person("officer").viewer, sharing(f'<row r="1">{HEADING}</row>{good}{far}', "A" * 31_500), "list.xlsx")
    assert made.phase == "refused" and "longer than can be read" in made.problem
    assert (made.lines, made.ready) == (0, 0)
    with looking_as(SYSTEM):
        assert db.session.scalar(select(func.count()).select_from(SpreadsheetRow)) == 0


@pytest.mark.parametrize("content", [b"State,Reply\nPeru," + b"x" * 200_000, b"State,Reply\nPeru," + b"x" * 5_000_000])
def test_one_huge_cell_of_a_text_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = _kept(tmp_path, content)
    with pytest.raises(TableUnreadable, match=r"more than 131,072 characters|longer than can be read"):
        list(reading.lines(path, How("csv", "utf-8-sig", ",")))


def test_what_is_read_while_somebody_waits_ends_with_its_meter(tmp_path: Path) -> None:
    line = b"Peru," + b"x" * 60_000 + b"\n"
    path = _kept(tmp_path, b"State,Reply\n" + line * 100)
    meter = Meter(WHILE_SOMEBODY_WAITS)
    found = list(reading.lines(path, How("csv", "utf-8-sig", ","), meter))
    assert meter.over and len(found) < 75
    assert max(len(one) for _, cells in found for one in cells) == MOST_IN_CELL
