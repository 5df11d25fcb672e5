"""Spreadsheets line by line, as texts, whatever their size: CSV in any shape, and workbooks."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from crm.imports import workbooks
from crm.imports.bounds import (
    HELD_AT_ONCE,
    MOST_AT_ONCE,
    MOST_IN_CELL,
    WHILE_SOMEBODY_WAITS,
    Meter,
    TableUnreadable,
)
from crm.imports.encodings import guess_encoding
from crm.imports.rules.lines import clean_cell

MOST_COLUMNS = 200
LOOKED_AT = 200
"""Lines that are looked at to learn how a table is built."""

_MOST_SHEETS = 20
"""Sheets that are looked at to find the one that is meant."""

_FULL_LOOKS = 4
"""So many sheets are looked at as far as one alone would be; of more, each is looked at less far."""

DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
Line = tuple[int, list[str]]


@dataclass(frozen=True)
class How:
    """How a file is read. `sheet` is "" in a text; `encoding` and `delimiter` are "" in a workbook; `base`: the
    year from which its days are counted.
    """

    kind: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    base: int = 1900

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Looked:
    """What a first look at a file shows. `first`: by sheet the lines at its top, "" in a text."""

    how: How
    sheets: Sequence[str]
    first: Mapping[str, Sequence[Line]]


def find_out(path: Path, kind: str, *, encoding: str = "", most_unpacked: int) -> tuple[How, list[str]]:
    """How a file is to be read, and the names of its sheets (none of a text). Raises TableUnreadable."""
    if kind == "csv":
        how = How("csv", encoding=encoding or guess_encoding(path), delimiter=",")
        return How("csv", encoding=how.encoding, delimiter=_delimiter(path, how.encoding)), []
    workbooks.check(path, most_unpacked)
    with workbooks.opened(path) as book:
        sheets = [one.title for one in book.worksheets]
        if not sheets:
            raise TableUnreadable("The workbook has no sheet with cells.")
        return How("xlsx", sheet=sheets[0], base=workbooks.base_of(book)), sheets


def look(path: Path, kind: str, *, most_unpacked: int) -> Looked:
    """A first look at a file that has just come. Raises TableUnreadable."""
    how, sheets = find_out(path, kind, most_unpacked=most_unpacked)
    if kind == "csv":
        return Looked(how, sheets, {"": first_lines(path, how)})
    looked_at = sheets[:_MOST_SHEETS]
    most = WHILE_SOMEBODY_WAITS * _FULL_LOOKS // max(len(looked_at), _FULL_LOOKS)
    with workbooks.opened(path) as book:
        return Looked(how, sheets, {name: _first(_of_workbook(book, name, Meter(most))) for name in looked_at})


def opens_quickly(path: Path, how: How) -> bool:
    """Whether somebody can wait until the first lines are read."""
    return how.kind == "csv" or workbooks.opens_quickly(path)


def lines(path: Path, how: How, meter: Meter | None = None) -> Iterator[Line]:
    """Every line that is not blank, with its number in the file, as far as the meter goes. Raises TableUnreadable
    where it cannot go on.
    """
    if how.kind == "csv":
        yield from _of_text(path, how, meter or Meter())
        return
    with workbooks.opened(path) as book:
        yield from _of_workbook(book, how.sheet, meter or Meter())


def lines_below(path: Path, head: Mapping[str, Any], meter: Meter | None = None) -> Iterator[Line]:
    """The lines below the heading of a table, as far as the meter goes. Raises TableUnreadable."""
    heading, how = int(head["heading_line"]), How(**head["how"])
    return (one for one in lines(path, how, meter) if one[0] > heading)


def first_lines(path: Path, how: How) -> list[Line]:
    """Those by which one learns how a table is built."""
    return _first(lines(path, how, Meter(WHILE_SOMEBODY_WAITS)))


def _first(found: Iterator[Line]) -> list[Line]:
    return list(islice(found, LOOKED_AT))


def batches(source: Iterable[Line], size: int) -> Iterator[list[Line]]:
    """Lines, so many at a time, and fewer where they are long."""
    batch: list[Line] = []
    weight = 0
    for line, cells in source:
        batch.append((line, cells))
        weight += sum(map(len, cells))
        if len(batch) == size or weight > HELD_AT_ONCE:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _of_workbook(book: Any, sheet: str, meter: Meter) -> Iterator[Line]:
    for number, cells in workbooks.rows_of(book, sheet, meter, MOST_COLUMNS):
        if cleaned := _cleaned(cells):
            yield number, cleaned


def _of_text(path: Path, how: How, meter: Meter) -> Iterator[Line]:
    began = 1
    try:
        with path.open(encoding=how.encoding, newline="") as source:
            reader = csv.reader(_pieces(source, meter), delimiter=how.delimiter)
            for cells in reader:
                if beyond := [at for at, cell in enumerate(cells[MOST_COLUMNS:], 1) if cell.strip()]:
                    meter.pass_by(columns=MOST_COLUMNS + beyond[-1])
                if cleaned := _cleaned(cells):
                    yield began, cleaned
                began = reader.line_num + 1
                if not meter.goes_on():
                    return
    except csv.Error:
        raise TableUnreadable(
            f"From line {began} on nothing can be read. A quotation mark is opened there and never closed, or a cell "
            f"holds more than {csv.field_size_limit():,} characters."
        ) from None
    except UnicodeError:
        raise TableUnreadable(
            "The letters of this file cannot be read. Choose another encoding, or save it as “CSV UTF-8”."
        ) from None


def _pieces(source: IO[str], meter: Meter) -> Iterator[str]:
    while piece := source.readline(MOST_AT_ONCE + 1):
        meter.take(len(piece))
        yield piece.replace("\x00", "")


def _cleaned(cells: Sequence[str]) -> list[str]:
    """The cells of a line without blank ones at its end; nothing for a blank line."""
    found = [clean_cell(one[:MOST_IN_CELL]) if one else "" for one in cells[:MOST_COLUMNS]]
    while found and not found[-1]:
        found.pop()
    return found


def _delimiter(path: Path, encoding: str) -> str:
    """The sign that divides the first lines the most evenly."""

    def evenness(sign: str) -> tuple[float, int]:
        try:
            widths = [
                len(cells)
                for _, cells in islice(lines(path, How("csv", encoding, sign), Meter(WHILE_SOMEBODY_WAITS)), 60)
            ]
        except TableUnreadable:
            return 0.0, 0
        wide = [one for one in widths if one > 1]
        if not wide:
            return 0.0, 0
        usual = max(set(wide), key=wide.count)
        return len(wide) / len(widths) * (0.5 + wide.count(usual) / len(wide)), usual

    best = max(DELIMITERS, key=evenness)
    return best if evenness(best)[1] else ","
