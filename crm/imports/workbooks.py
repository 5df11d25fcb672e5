"""Workbooks (ISO/IEC 29500), row by row. Time and memory go by what is in one, not by the numbers that it gives its
rows and columns: openpyxl reads the parts, but its own walk makes up a row for each number that is left out.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS_MAX_SIZE, builtin_format_code
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from crm.imports.bounds import MOST_IN_CELL, TOO_LONG, Meter, TableUnreadable

MOST_ROWS = 1_048_576
"""Rows of a sheet, as the programs have them."""

MOST_SHEETS = 200
MOST_PARTS = 2_000
MOST_BESIDE = 4 * 1024 * 1024
"""Bytes of a part that is read whole: styles, the list of sheets. Cells and texts have other bounds."""

MOST_IN_LINE = 200_000
"""Elements of one row, or of one text: 16,384 cells, each with what it says and what it reckons, are 49,152."""

MOST_DEPTH = 60
MOST_NAMES = 1_000
"""What elements and attributes of a part are called: the format has some dozens of names for a sheet, and a reader of
XML remembers each.
"""

_SHEETS = "xl/worksheets/"
_SHARED, _TEXT, _RUN = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "t", "r"))
_NO_SIGN = re.compile(r'"[^"]*"|\[[^\]]*\]|[\\_*].')
"""What a format shows as it stands, and what it says of colours and languages."""

_TEXTS = re.compile(r"(?i)xl/\w*strings?\d*\.xml")
_TOO_MUCH = "The workbook holds more than can be read here. Save it as CSV."
_AGAIN = "Save the workbook anew and try again."
_DAMAGED = "The sheet is damaged. Save the workbook anew and try again."
_BROKEN = (KeyError, ValueError, ParseError, zipfile.BadZipFile, TypeError, EOFError, IndexError, AttributeError)


def check(path: Path, most_unpacked: int) -> None:
    """A workbook says beforehand how large its parts are; what would fill the memory is refused before it is read."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = {one.filename for one in parts}
            if sum(one.file_size for one in parts) > most_unpacked or len(parts) > MOST_PARTS:
                raise TableUnreadable(
                    "The workbook unpacks to more than can be read here. Split it, or save it as CSV."
                )
            if any(one.flag_bits & 0x1 for one in parts):
                raise TableUnreadable("The workbook is encrypted. Save it without a password.")
            if "[Content_Types].xml" not in names or not any(re.match(r"xl/workbook", one) for one in names):
                raise TableUnreadable("The file is no Excel workbook. Save it as .xlsx or as CSV.")
            for one in parts:
                if one.filename.endswith((".xml", ".rels")):
                    _weigh(one, most_unpacked)
                    with archive.open(one) as part:
                        if b"<!DOCTYPE" in part.read(4096):
                            raise TableUnreadable("The workbook is damaged. Save it anew and try again.")
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        raise TableUnreadable("The file is no Excel workbook, or is damaged. Save it anew and try again.") from None


def _weigh(part: zipfile.ZipInfo, most_unpacked: int) -> None:
    if _TEXTS.fullmatch(part.filename):
        if part.file_size > most_unpacked // 16:
            raise TableUnreadable("The workbook holds more text than can be read here. Save it as CSV.")
    elif part.file_size > MOST_BESIDE and not part.filename.startswith((_SHEETS, *_UNREAD)):
        raise TableUnreadable(_TOO_MUCH)


_UNREAD = (
    "xl/drawings/", "xl/charts/", "xl/media/", "xl/pivotCache/", "xl/pivotTables/", "xl/comments",
    "xl/threadedComments/", "xl/externalLinks/", "xl/calcChain.xml", "xl/tables/", "xl/queryTables/",
    "xl/customXml/", "customXml/", "xl/embeddings/", "xl/model/", "docProps/",
)  # fmt: skip
"""Parts that are not opened here, however large."""


def opens_quickly(path: Path) -> bool:
    """Whether a workbook has few enough texts that somebody can wait until they are read."""
    with zipfile.ZipFile(path) as archive:
        return all(one.file_size <= MOST_BESIDE for one in archive.infolist() if _TEXTS.fullmatch(one.filename))


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A workbook of which the cells can be read. Raises TableUnreadable."""
    with path.open("rb") as source, closing(_loaded(source)) as book:
        yield book


def base_of(book: Any) -> int:
    """The year from which the days of a workbook are counted."""
    return 1904 if book.epoch == CALENDAR_MAC_1904 else 1900


def rows_of(book: Any, sheet: str, meter: Meter, width: int) -> Iterator[tuple[int, list[str]]]:
    """The rows that are there with their numbers, blank ones too, so many columns of each. Raises TableUnreadable."""
    if sheet not in book.sheetnames:
        raise TableUnreadable("The workbook has no such sheet.")
    before, vaguely = 0, _shown_without_day(book)
    try:
        for number, cells in _walk(book, book[sheet], meter):
            if number > MOST_ROWS:
                raise TableUnreadable(f"The sheet numbers a row {number:,}, and no program has so many. {_AGAIN}")
            if number > before:
                yield number, _texts(cells, width, meter, vaguely)
            elif any(map(_says_something, cells)):
                meter.pass_by(rows=1)
            before = max(before, number)
            if not meter.goes_on():
                return
    except TableUnreadable:
        raise
    except _BROKEN:
        raise TableUnreadable(_DAMAGED) from None


def _walk(book: Any, sheet: Any, meter: Meter) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    with book._archive.open(sheet._worksheet_path) as source:
        parser = WorkSheetParser(
            None, sheet._shared_strings, data_only=True, epoch=book.epoch, date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )  # fmt: skip
        for element in _whole(_Metered(source, meter), ROW_TAG):
            if element.tag == ROW_TAG:
                yield parser.parse_row(element)
                parser.row_dimensions.clear()
            elif element.tag == DATA_TAG:
                return


def _whole(source: Any, wanted: str) -> Iterator[Any]:
    """The elements that are wanted with all that is in them, and what stands beside them, each as it ends. Nothing of
    one is held after that, in whatever it lies. Raises TableUnreadable.
    """
    path: list[Any] = []
    names: set[str] = set()
    since = within = 0
    for event, element in iterparse(source, ("start", "end")):
        if event == "start":
            path.append(element)
            names.add(element.tag)
            names.update(element.keys())
            if since:
                within += 1
            elif element.tag == wanted:
                since, within = len(path), 0
            if within > MOST_IN_LINE:
                raise TableUnreadable(TOO_LONG)
            if len(path) > MOST_DEPTH or len(names) > MOST_NAMES:
                raise TableUnreadable(_DAMAGED)
            continue
        path.pop()
        if len(path) >= since > 0:
            continue
        since = 0
        yield element
        for one in (element, *path[-1:]):
            one.clear()


class _Metered:
    """A source of which is counted what is read."""

    def __init__(self, source: Any, meter: Meter) -> None:
        self._source, self._meter = source, meter

    def read(self, size: int = -1) -> bytes:
        """Some bytes."""
        piece: bytes = self._source.read(size)
        self._meter.take(len(piece))
        return piece


def _shown_without_day(book: Any) -> dict[int, int]:
    """The styles in which a day is shown as its month or its year alone, each with how long that is here."""
    found = {}
    for at, style in enumerate(book._cell_styles):
        own = style.numFmtId - BUILTIN_FORMATS_MAX_SIZE
        there = own in range(len(book._number_formats))
        told = book._number_formats[own] if there else builtin_format_code(style.numFmtId)
        signs = set(_NO_SIGN.sub("", (told or "").split(";")[0]).lower())
        if signs & set("my") and not signs & set("dhs"):
            found[at] = len("2026-03" if "m" in signs else "2026")
    return found


def _texts(cells: list[dict[str, Any]], width: int, meter: Meter, vaguely: dict[int, int]) -> list[str]:
    """The cells of a line as texts. One text of the workbook may stand in many of them, and each becomes its own."""
    found = [""] * min(width, max((one["column"] for one in cells), default=0))
    for one in cells:
        if one["column"] <= width:
            text = _as_text(one["value"], vaguely.get(one["style_id"], len("2026-03-12")))[:MOST_IN_CELL]
            meter.fill(len(text))
            found[one["column"] - 1] = text
        elif _says_something(one):
            meter.pass_by(columns=one["column"])
    return found


def _says_something(cell: dict[str, Any]) -> bool:
    return cell["value"] is not None and bool(str(cell["value"]).strip())


def _as_text(value: Any, of_day: int) -> str:
    """A cell as one reads it; days in the form that has one meaning."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()[:of_day]
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


class _Sheet(ReadOnlyWorksheet):  # type: ignore[misc]  # openpyxl has no types
    """A sheet that is not walked through to learn its size, which it says wrong as often as not."""

    def _get_size(self) -> None:
        return


class _Reader(ExcelReader):  # type: ignore[misc]
    def read_all(self) -> Any:
        """What is needed to read cells, and no more."""
        self.read_manifest()
        for one in self.package.Override:
            if one.PartName.startswith(f"/{_SHEETS}") and not one.ContentType.endswith("worksheet+xml"):
                raise TableUnreadable(_TOO_MUCH)
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        self.read_worksheets()
        return self.wb

    def read_strings(self) -> None:
        """The texts of cells that several share, each by its number."""
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as source:
            for element in _whole(source, _SHARED):
                if element.tag == _SHARED:
                    said = (one if one.tag == _TEXT else one.find(_TEXT) for one in element if one.tag in (_TEXT, _RUN))
                    self.shared_strings.append("".join(one.text or "" for one in said if one is not None))

    def read_worksheets(self) -> None:
        """The sheets with cells."""
        for sheet, rel in self.parser.find_sheets():
            if rel.target in self.valid_files and "chartsheet" not in rel.Type and len(self.wb._sheets) < MOST_SHEETS:
                self.wb._sheets.append(_Sheet(self.wb, sheet.name, rel.target, self.shared_strings))


def _loaded(source: Any) -> Any:
    try:
        return _Reader(source, read_only=True, data_only=True, keep_links=False).read_all()
    except TableUnreadable:
        raise
    except (InvalidFileException, OSError, *_BROKEN):
        raise TableUnreadable("The workbook cannot be read. Save it anew as .xlsx, or as CSV.") from None
