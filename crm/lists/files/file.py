"""A list as a file: what is shown, in its order and its columns, and all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any
from uuid import UUID

from werkzeug.datastructures import MultiDict

from crm.core import access
from crm.core.listing import Column, ListForm, Listing
from crm.core.lists import every_line
from crm.core.sheets import write_csv
from crm.core.taken import Taken, taken
from crm.core.workbooks import Sheet, write_xlsx

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file_of(listing: Listing, suffix: str, given: MultiDict[str, str]) -> Taken:
    """The list that an address asks for as a file, without restricted States, whoever asks; raises RuleViolation for
    a filter that it cannot read.
    """
    form = listing.read(given)
    columns = form.shown_columns()
    headings = [one.heading(access.viewer().time_zone) for one in columns]
    whose: Counter[UUID] = Counter()
    ways: dict[str, tuple[str, Callable[[IO[bytes]], None]]] = {
        "csv": (CSV, lambda target: write_csv(target, headings, rows)),
        "xlsx": (XLSX, lambda target: write_xlsx(target, Sheet(listing.label, headings, rows))),
    }
    media_type, write = ways[suffix]
    with access.looking_as(access.viewer().not_named()):
        rows = _rows(listing, form, columns, whose)
        answer = taken(write, name=f"{listing.key}-{form.day().isoformat()}.{suffix}", media_type=media_type)
    answer.rows_of, answer.asked_for = whose, listing.asked_for(form)
    answer.about_states = form.about_state()
    return answer


def _rows(listing: Listing, form: ListForm, columns: Sequence[Column], whose: Counter[UUID]) -> Iterator[Sequence[Any]]:
    """The rows of the file, counted by the party whose they are; what is nobody's counts for whoever takes it."""
    read: list[UUID | None] = []
    for number, line in enumerate(every_line(listing.question(form, True), read.append)):
        party = read.pop() or access.viewer().party_id
        if number == listing.most:
            yield [f"Cut off after {listing.most} rows: narrow the list.", *[""] * (len(columns) - 1)]
            return
        yield [one.cell(line, access.viewer().time_zone) for one in columns]
        if party:
            whose[party] += 1  # now that another is asked for: what was read to see whether more follow is not given
