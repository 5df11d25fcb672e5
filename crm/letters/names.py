"""Names of files and references. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

FORMATS: dict[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def reference(abbreviation: str, year: int, number: int) -> str:
    """The reference of a letter: "CCM/UNIV/2011/L-034"."""
    return f"{series(abbreviation, year)}/L-{number:03d}"


def series(abbreviation: str, year: int) -> str:
    """The register a reference belongs to: "CCM/UNIV/2011"."""
    return f"{abbreviation}/UNIV/{year}"


def file_name(treaty: str, letter_date: date, iso3: str, language: str, file_format: str) -> str:
    """The name of a letter's file: "CCM-2011-06-01-BTN-en.pdf"; nothing typed by anybody goes into it."""
    return f"{treaty.upper()}-{letter_date.isoformat()}-{iso3}-{language}.{file_format}"


def archive_name(treaty: str, letter_date: date, campaign: str) -> str:
    """The name of a campaign's archive, safe on every system: "CCM-2011-06-01-summer-letters.zip"."""
    plain = unicodedata.normalize("NFKD", campaign).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-")
    return "-".join(filter(None, (treaty.upper(), letter_date.isoformat(), words))) + ".zip"
