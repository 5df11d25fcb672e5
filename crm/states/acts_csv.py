"""Lists of acts as CSV: our own layout, and the table of the depositary as it stands on its web page.

Nothing here is fatal for a single row: a row that cannot be read becomes a problem with its line, and
the caller decides. Only a file that is no such list at all is refused as a whole.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from crm.core.sheets import as_csv
from crm.core.text import composed
from crm.states.rules import Act, ActKind, GivenAct, fold

COLUMNS = ("iso3", "act", "deposited_on", "effective_on", "note", "confidence", "source")
REQUIRED = COLUMNS[:3]
MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5000
MAX_PROBLEMS = 200
_MAX_CELL = 500
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WRITTEN_DAY = re.compile(r"\[?(\d{1,2})\s+([A-Za-z]{3,9})\.?\s+(\d{4})\]?")
_FOOTNOTE = "0123456789, \t\n\r\f\v\xa0\u2009\u202f"
"""What stands behind the name of a participant: the numbers of its footnotes."""

_DEPOSITARY_CELL = re.compile(r"(?P<day>\[?\d{1,2}\s+[A-Za-z]{3,9}\.?\s+\d{4}\]?)\s*(?P<mark>[A-Za-z]{0,2})")
_DEPOSITARY_MARKS = {
    "": ActKind.RATIFICATION,
    "A": ActKind.ACCEPTANCE,
    "AA": ActKind.APPROVAL,
    "a": ActKind.ACCESSION,
}


class ListUnreadable(ValueError):
    """The file is no list of acts; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row cannot be taken. `line` counts from 1 with the heading; 0 where no single row is at fault.

    `state_iso3` is the State that the row is about, "" where that cannot be read.
    """

    line: int
    column: str
    message: str
    text: str = ""
    state_iso3: str = ""

    def as_record(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return {"line": self.line, "column": self.column, "message": self.message, "text": self.text}


@dataclass
class ActList:
    """What a file says: its layout (`acts` or `depositary`), its readable rows, its problems."""

    layout: str
    rows: list[GivenAct] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


FindState = Callable[[str], str | None]
Row = tuple[int, list[str]]


def read_acts(content: bytes, *, find_state: FindState, today: date) -> ActList:
    """Read a list of acts in either layout. `find_state` gives the code for a code or a name, or None.

    Raises ListUnreadable when the file as a whole is no list of acts.
    """
    heading, rows = _table(_text(content))
    names = [fold(cell) for cell in heading]
    if names[:1] == ["participant"]:
        found = _read_depositary(heading, rows, find_state, today)
    else:
        found = _read_own(heading, rows, find_state, today)
    if not found.rows and not found.problems:
        raise ListUnreadable("The file has a heading and no rows.")
    _name_repeated(found)
    found.problems.sort(key=lambda one: one.line)
    del found.problems[MAX_PROBLEMS:]
    return found


def write_acts(acts: Iterable[Act]) -> str:
    """Acts in our own layout, ready to be read again; ordered by day, State and kind."""
    ordered = sorted(acts, key=lambda one: (one.deposited_on, one.state_iso3, one.kind))
    return as_csv(COLUMNS, (_cells(act) for act in ordered))


def _cells(act: Act) -> tuple[str, ...]:
    effective = act.effective_on.isoformat() if act.effective_on else ""
    deposited = act.deposited_on.isoformat()
    return (act.state_iso3, act.kind.value, deposited, effective, act.note, act.confidence, act.source)


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise ListUnreadable("The file is larger than 2 MB. A list of acts has a few hundred rows.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ListUnreadable("The file is not UTF-8 text. Save it as “CSV UTF-8” and try again.") from None
    if "\x00" in text or content[:4] == b"PK\x03\x04":
        raise ListUnreadable("The file is not a text file. Save the sheet as “CSV UTF-8” and try again.")
    if not text.strip():
        raise ListUnreadable("The file is empty.")
    return text


def _table(text: str) -> tuple[list[str], list[Row]]:
    """The heading, and each row with the line on which it starts; blank rows are left out."""
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    line = 1
    try:
        for cells in reader:
            clean = [composed(cell).strip() for cell in cells]
            if any(clean):
                rows.append((line, clean))
            line = reader.line_num + 1
            if len(rows) > MAX_ROWS + 1:
                raise ListUnreadable(f"The file has more than {MAX_ROWS} rows.")
    except csv.Error as error:
        raise ListUnreadable(f"Line {reader.line_num} cannot be read as CSV: {error}.") from None
    if not rows:
        raise ListUnreadable("The file is empty.")
    (_line, heading), *rest = rows
    return heading, rest


def _day(text: str) -> date | None:
    """A day as 2011-06-01 or 1 Jun 2011; None for anything else, as 03/12/2008 has two meanings."""
    written = _WRITTEN_DAY.fullmatch(text)
    try:
        if written:
            month = _MONTHS.index(written[2][:3].lower()) + 1
            return date(int(written[3]), month, int(written[1]))
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None


def _unreadable_day(text: str) -> str:
    return f"“{text[:40]}” is not a day. Write it as year-month-day, such as 2011-06-01."


def _hidden(text: str) -> bool:
    return any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") for char in text)


def _read_own(heading: list[str], rows: list[Row], find_state: FindState, today: date) -> ActList:
    names = [cell.strip().lower() for cell in heading]
    missing = [name for name in REQUIRED if name not in names]
    unknown = [cell for cell in names if cell not in COLUMNS]
    if missing or unknown or len(set(names)) != len(names):
        said = f"lacks {', '.join(missing)}" if missing else f"has columns that are not known or stand twice: {names}"
        raise ListUnreadable(f"The heading {said}. The columns are: {', '.join(COLUMNS)}.")
    found = ActList("acts")
    for line, cells in rows:
        if len(cells) > len(names):
            message = f"The row has {len(cells)} cells, the heading {len(names)}."
            found.problems.append(RowProblem(line, "", message, ", ".join(cells)[:200]))
            continue
        row = dict(zip(names, [*cells, *[""] * (len(names) - len(cells))], strict=True))
        problems = list(_row_problems(line, row, find_state, today))
        state = find_state(row["iso3"]) if row["iso3"] else None
        found.problems += [replace(one, state_iso3=state or "") for one in problems]
        if not problems:
            found.rows.append(_given(line, row, find_state))
    return found


def _row_problems(line: int, row: dict[str, str], find_state: FindState, today: date) -> Iterator[RowProblem]:
    """Everything that is wrong with one row of our own layout, cell by cell."""
    for column, text in row.items():
        if len(text) > _MAX_CELL:
            yield RowProblem(line, column, f"The text is longer than {_MAX_CELL} characters.", text[:60] + "…")
        elif _hidden(text):
            yield RowProblem(line, column, "The text holds an invisible or control character.")
    if not row["iso3"]:
        yield RowProblem(line, "iso3", "The State is missing.")
    elif find_state(row["iso3"]) is None:
        yield RowProblem(line, "iso3", f"No State has the code “{row['iso3'][:40]}”.", row["iso3"][:60])
    if row["act"].lower() not in list(ActKind):
        known = ", ".join(ActKind)
        yield RowProblem(line, "act", f"“{row['act'][:40]}” is not an act. Acts are: {known}.", row["act"][:60])
    for column in ("deposited_on", "effective_on"):
        text = row.get(column, "")
        day = _day(text)
        if text and day is None:
            yield RowProblem(line, column, _unreadable_day(text), text[:60])
        elif column == "deposited_on" and not text:
            yield RowProblem(line, column, "The day of signature or deposit is missing.")
        elif column == "deposited_on" and day and day > today:
            yield RowProblem(line, column, "This day has not come yet.", text)
    if row.get("confidence", "") not in ("", "found", "memory"):
        yield RowProblem(line, "confidence", "Write found, memory or nothing.", row["confidence"][:60])


def _given(line: int, row: dict[str, str], find_state: FindState) -> GivenAct:
    """A row without problems as a value."""
    state, deposited = find_state(row["iso3"]), _day(row["deposited_on"])
    assert state is not None
    assert deposited is not None
    return GivenAct(
        line=line,
        state_iso3=state,
        kind=ActKind(row["act"].lower()),
        deposited_on=deposited,
        effective_on=_day(row.get("effective_on", "")),
        note=row.get("note") or None,
        confidence=row.get("confidence") or None,
        source=row.get("source") or None,
    )


def _read_depositary(heading: list[str], rows: list[Row], find_state: FindState, today: date) -> ActList:
    """The depositary's table: Participant, Signature, and one column for every kind of consent."""
    names = [fold(cell) for cell in heading]
    consent = next((place for place, name in enumerate(names) if name.startswith("ratification")), None)
    if "signature" not in names or consent is None:
        raise ListUnreadable("The depositary's table has the columns Participant, Signature and Ratification.")
    places = {"Signature": names.index("signature"), "Ratification": consent}
    found = ActList("depositary")
    for line, cells in rows:
        name = cells[0].rstrip(_FOOTNOTE)
        state = find_state(name)
        if state is None:
            found.problems.append(RowProblem(line, "Participant", "No State has this name.", cells[0][:60]))
            continue
        for column, place in places.items():
            text = cells[place] if place < len(cells) else ""
            if text:
                _add_cell(found, line, column, text, state, today)
    return found


def _add_cell(found: ActList, line: int, column: str, text: str, state: str, today: date) -> None:
    """One cell of the depositary's table: a day, with a letter for what is not a ratification."""
    match = _DEPOSITARY_CELL.fullmatch(text)
    day = _day(match["day"]) if match else None
    if match is None or day is None:
        found.problems.append(RowProblem(line, column, _unreadable_day(text), text[:60], state))
    elif day > today:
        found.problems.append(RowProblem(line, column, "This day has not come yet.", text[:60], state))
    elif column == "Signature":
        found.rows.append(GivenAct(line, state, ActKind.SIGNATURE, day))
    elif match["mark"] not in _DEPOSITARY_MARKS:
        message = f"The letter “{match['mark']}” is not known: A acceptance, AA approval, a accession."
        found.problems.append(RowProblem(line, column, message, text[:60], state))
    else:
        found.rows.append(GivenAct(line, state, _DEPOSITARY_MARKS[match["mark"]], day))


def _name_repeated(found: ActList) -> None:
    """A row that says again what an earlier one said becomes a problem."""
    first: dict[tuple[str, ActKind, date], int] = {}
    kept = []
    for row in found.rows:
        key = (row.state_iso3, row.kind, row.deposited_on)
        if key in first:
            message = f"Line {first[key]} of this list says the same act of this State already."
            text = f"{row.state_iso3} {row.kind} {row.deposited_on.isoformat()}"
            found.problems.append(RowProblem(row.line, "", message, text, row.state_iso3))
        else:
            first[key] = row.line
            kept.append(row)
    found.rows = kept
