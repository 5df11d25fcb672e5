"""The first look at a spreadsheet, and the next one in another way, before anything is kept of it: no transaction that
others wait for is open meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from flask import current_app

import config
from crm.core.errors import RuleViolation
from crm.imports import reading, storing
from crm.imports.bounds import WHILE_SOMEBODY_WAITS, Meter, TableUnreadable
from crm.imports.models import SpreadsheetImport
from crm.imports.reading import How, Line, Looked
from crm.imports.rules.course import BEFORE, GONE_ON
from crm.imports.rules.unread import Unread
from crm.imports.storing import SentSheet

IN_A_REQUEST = 500
"""So many lines are looked through while somebody waits; the rest is left to a worker."""

_UNPACKED = 16
"""How many times its packed size a workbook may be."""


def limits() -> config.Settings:
    """The settings of this installation, which say how large a spreadsheet may be."""
    found: config.Settings = current_app.extensions["settings"]
    return found


def at(file: SentSheet) -> Looked:
    """Look at a file. Raises RuleViolation for what cannot be read."""
    with storing.on_disk(file.source) as (path, _size, _sha256):
        try:
            return reading.look(path, file.kind, most_unpacked=limits().import_most_bytes * _UNPACKED)
        except TableUnreadable as unreadable:
            raise RuleViolation("file", str(unreadable)) from None


@dataclass(frozen=True)
class Anew:
    """The file of an import, looked at in another way: how, the lines at its top, and where its heading is said to
    stand, 0 for a guess.
    """

    how: How
    first: Sequence[Line]
    heading_line: int = 0


def anew(made: SpreadsheetImport, *, sheet: str = "", encoding: str = "", heading_line: int = 0) -> Anew:
    """Look at the file of an import again: at another sheet, in another encoding, with another line of the heading.
    Raises RuleViolation beside what it cannot be read with.
    """
    if made.phase not in BEFORE:
        raise RuleViolation("", GONE_ON)
    before, field = How(**made.head["how"]), "heading_line"
    try:
        with storing.put_together(made.id) as path:
            if encoding and encoding != before.encoding:
                field = "encoding"
                how, _ = reading.find_out(path, made.kind, encoding=encoding, most_unpacked=0)
            else:
                how = replace(before, sheet=sheet or before.sheet)
            first = reading.first_lines(path, how)
    except TableUnreadable as unreadable:
        raise RuleViolation(field, str(unreadable)) from None
    return Anew(how, first, heading_line if how.sheet == before.sheet else 0)


@dataclass(frozen=True)
class Beginning:
    """The first lines below the heading of a table, as far as somebody waits for them. `head`: how the file was read;
    `whole`: there are no others, and then `unread` stays behind; `problem`: why it cannot be read, "" where it can.
    """

    head: dict[str, Any]
    lines: Sequence[Line] = ()
    whole: bool = False
    unread: Unread = field(default_factory=Unread)
    problem: str = ""

    def is_of(self, made: SpreadsheetImport) -> bool:
        """Whether the import is still read in that way."""
        return all(self.head[one] == made.head[one] for one in ("how", "heading_line"))


def beginning(made: SpreadsheetImport) -> Beginning:
    """Look at the first lines of an import that are to be looked through. Raises RuleViolation for one that has gone
    on meanwhile.
    """
    if made.phase not in BEFORE:
        raise RuleViolation("", GONE_ON)
    head = made.head
    with storing.put_together(made.id) as path:
        if not reading.opens_quickly(path, How(**head["how"])):
            return Beginning(head)
        meter = Meter(WHILE_SOMEBODY_WAITS)
        source = reading.lines_below(path, head, meter)
        try:
            lines = list(islice(source, IN_A_REQUEST))
            whole = next(source, None) is None and not meter.over
            return Beginning(head, lines, whole, meter.unread)
        except TableUnreadable as unreadable:
            return Beginning(head, problem=str(unreadable))
