"""The kinds of file that are taken, told by their content; the name must then say the same."""

from __future__ import annotations

from enum import Enum

from crm.files.rules.names import ending

PDF_MARK, PNG_MARK, JPEG_MARK, ZIP_MARK = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04"
_KNOWN_OTHERS = {
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"#!": "a program",
    b"\xd0\xcf\x11\xe0": "a document of the old Office formats, which can hold macros",
    b"{\\rtf": "an RTF document, which can hold other files",
    b"GIF8": "a GIF picture",
    b"RIFF": "a picture or recording of another kind",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"BM": "a BMP picture",
    b"7z\xbc\xaf": "an archive",
    b"Rar!": "an archive",
    b"\x1f\x8b": "an archive",
}
TAKEN = "PDF, Word, Excel, PowerPoint and OpenDocument files, PNG and JPEG pictures, saved mails (.eml), and plain text"


class FileRefused(ValueError):
    """A file is not taken; the message says why and what to do, in words for whoever sent it."""


class Kind(Enum):
    """A kind of file: media type, endings that fit, and what people call it."""

    PDF = ("application/pdf", ("pdf",), "PDF")
    PNG = ("image/png", ("png",), "PNG picture")
    JPEG = ("image/jpeg", ("jpg", "jpeg", "jpe"), "JPEG picture")
    DOCX = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",), "Word document")
    XLSX = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",), "Excel workbook")
    PPTX = (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ("pptx",),
        "PowerPoint presentation",
    )
    ODT = ("application/vnd.oasis.opendocument.text", ("odt",), "OpenDocument text")
    ODS = ("application/vnd.oasis.opendocument.spreadsheet", ("ods",), "OpenDocument spreadsheet")
    ODP = ("application/vnd.oasis.opendocument.presentation", ("odp",), "OpenDocument presentation")
    TEXT = ("text/plain", ("txt",), "Text")
    CSV = ("text/csv", ("csv",), "CSV table")
    MAIL = ("message/rfc822", ("eml",), "Mail")

    def __init__(self, media_type: str, endings: tuple[str, ...], label: str) -> None:
        self.media_type = media_type
        self.endings = endings
        self.label = label

    @property
    def is_document(self) -> bool:
        """Whether it is a ZIP archive inside."""
        return self in DOCUMENTS


DOCUMENTS = (Kind.DOCX, Kind.XLSX, Kind.PPTX, Kind.ODT, Kind.ODS, Kind.ODP)
TEXTS = (Kind.TEXT, Kind.CSV, Kind.MAIL)
"""Kinds without a mark of their own at the beginning."""

LABELS = {one.media_type: one.label for one in Kind}


def kind_of(content: bytes, name: str) -> Kind:
    """The kind that content and name agree on; raises FileRefused when they do not or it is none we take.

    Whether the rest of the content holds what its beginning promises, the checks of the kind decide.
    """
    named = next((kind for kind in Kind if ending(name) in kind.endings), None)
    if named is None:
        end = ending(name)
        what = f"Files ending in .{end} are not taken" if end else "The name has no ending that says what it is"
        raise FileRefused(f"{what}. Taken are: {TAKEN}.")
    if not content:
        raise FileRefused("The file is empty.")
    found = _by_content(content)
    if found is None or named not in found:
        raise FileRefused(f"The name says {named.label}, but the content is {_described(content, found)}.")
    return named


def _by_content(content: bytes) -> tuple[Kind, ...] | None:
    """The kinds whose mark stands at the very beginning; text has none and is looked at as a whole."""
    for mark, kinds in (
        (PDF_MARK, (Kind.PDF,)),
        (PNG_MARK, (Kind.PNG,)),
        (JPEG_MARK, (Kind.JPEG,)),
        (ZIP_MARK, DOCUMENTS),
    ):
        if content.startswith(mark):
            return kinds
    if any(content.startswith(mark) for mark in _KNOWN_OTHERS if mark not in (b"BM", b"MZ", b"#!", b"RIFF")):
        return None
    return None if b"\x00" in content[:4096] else TEXTS


def _described(content: bytes, found: tuple[Kind, ...] | None) -> str:
    if found == TEXTS:
        return "text"
    if found:
        return f"a {found[0].label}" if len(found) == 1 else "an archive or a document of another kind"
    return next((what for mark, what in _KNOWN_OTHERS.items() if content.startswith(mark)), "something else")
