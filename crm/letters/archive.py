"""All letters of a campaign in one ZIP, with a table of what is in it and what is not. Pure."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from crm.core.sheets import as_csv

HEADINGS = (
    "reference", "iso3", "state", "status", "verb", "addressee", "languages", "drafting", "files", "reasons",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One State in the table."""

    reference: str
    iso3: str
    state: str
    status: str
    verb: str
    addressee: str
    languages: Sequence[str]
    drafting: str
    files: Sequence[str]
    reasons: Sequence[str]


def bundle(files: Iterable[tuple[str, bytes]], lines: Iterable[Line], letter_date: date) -> bytes:
    """The archive: `index.csv` first, then the files as they are stored; the same input, the same bytes."""
    moment = (letter_date.year, letter_date.month, letter_date.day, 0, 0, 0)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        _add(archive, "index.csv", table(lines).encode("utf-8-sig"), moment, zipfile.ZIP_DEFLATED)
        for name, content in files:
            # PDF and DOCX are compressed already; packing them again costs time and gains nothing.
            _add(archive, name, content, moment, zipfile.ZIP_STORED)
    return stream.getvalue()


def table(lines: Iterable[Line]) -> str:
    """The table as CSV; a cell that a spreadsheet would take for a formula is marked as text."""
    rows = (
        (
            one.reference, one.iso3, one.state, one.status, one.verb, one.addressee, " ".join(one.languages),
            one.drafting, " ".join(one.files), " ".join(one.reasons),
        )
        for one in lines
    )  # fmt: skip
    return as_csv(HEADINGS, rows, line_end="\r\n")


def _add(
    archive: zipfile.ZipFile, name: str, content: bytes, moment: tuple[int, int, int, int, int, int], how: int
) -> None:
    entry = zipfile.ZipInfo(name, moment)
    entry.compress_type = how
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)
