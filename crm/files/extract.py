"""The text in a file, read by a process of its own that has little memory and time: `reading.py` starts it.

It imports nothing of ours, gets the kind as its argument and the bytes on its standard input, and writes the text in
UTF-8. Whatever goes wrong in it, nothing but this reading fails.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser
from typing import IO
from xml.etree import ElementTree

MOST_SIGNS = 500_000
MOST_PAGES = 400
MOST_SECONDS = 30
MOST_MEMORY = 768 * 1024 * 1024

PARTS = {
    "DOCX": r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml",
    "PPTX": r"ppt/(slides/slide\d+|notesSlides/notesSlide\d+)\.xml",
    "XLSX": r"xl/(sharedStrings|worksheets/sheet\d+|comments\d*)\.xml",
    "ODT": r"content\.xml",
    "ODS": r"content\.xml",
    "ODP": r"content\.xml",
}
ENDINGS = {
    "pdf": "PDF", "docx": "DOCX", "pptx": "PPTX", "xlsx": "XLSX", "odt": "ODT", "ods": "ODS", "odp": "ODP",
    "txt": "TEXT", "csv": "CSV",
}  # fmt: skip
"""The kind of a file in a mail."""

HEADS = ("subject", "from", "to", "cc", "date")
"""What is read of the head of a mail."""

_ENDS = frozenset({"p", "h", "si", "is", "br", "cr", "tab", "s", "table-cell"})


def text_of(kind: str, content: bytes) -> Iterator[str]:
    """The text in a file of that kind, piece by piece."""
    if kind == "PDF":
        yield from _of_pdf(content)
    elif kind == "MAIL":
        yield from _of_mail(BytesParser(policy=policy.default).parsebytes(content))
    elif kind in PARTS:
        yield from _of_archive(content, re.compile(PARTS[kind]), whole=kind.startswith("OD"))
    else:
        yield content.decode("utf-8-sig", errors="replace")


def _of_pdf(content: bytes) -> Iterator[str]:
    from pypdf import PdfReader

    for page in PdfReader(io.BytesIO(content)).pages[:MOST_PAGES]:
        yield page.extract_text()
        yield "\n"


def _of_archive(content: bytes, wanted: re.Pattern[str], *, whole: bool) -> Iterator[str]:
    """The parts of a document in their order; `whole`: all text in them, else that of its own elements alone."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = sorted((one for one in archive.namelist() if wanted.fullmatch(one)), key=lambda one: (len(one), one))
        for name in names:
            with archive.open(name) as part:
                yield from _of_xml(part, whole=whole)
            yield "\n"


def _of_mail(mail: EmailMessage) -> Iterator[str]:
    """Head, text and files of a mail, then those of the mails in it."""
    for name in HEADS:
        if value := mail[name]:
            yield f"{value}\n"
    body = mail.get_body(("plain", "html"))
    if body is not None:
        text = str(body.get_content())
        yield _without_markup(text) if body.get_content_type() == "text/html" else text
        yield "\n"
    for part in mail.iter_attachments() if mail.is_multipart() else ():
        yield from _of_file(part)


def _of_file(part: EmailMessage) -> Iterator[str]:
    inner = part.get_content() if part.get_content_type() == "message/rfc822" else None
    if isinstance(inner, EmailMessage):
        yield from _of_mail(inner)
        return
    name = part.get_filename() or ""
    yield f"{name}\n"
    kind, body = ENDINGS.get(name.rpartition(".")[2].lower()), part.get_payload(decode=True)
    if kind and isinstance(body, bytes):
        yield from text_of(kind, body)
        yield "\n"


_BLOCKS = frozenset({"p", "div", "li", "tr", "td", "th", "br", "h1", "h2", "h3", "h4", "blockquote", "title", "hr"})


class _Shown(HTMLParser):
    """Hears a web page and keeps what it would show."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.heard, self.hidden = list[str](), 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("style", "script")
        self._apart(tag)

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "script") and self.hidden > 0
        self._apart(tag)

    def _apart(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.heard.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.heard.append(data)


def _without_markup(text: str) -> str:
    shown = _Shown()
    shown.feed(text)
    shown.close()
    return "".join(shown.heard)


class _Words:
    """Hears an XML document and keeps what is text in it."""

    def __init__(self, *, whole: bool) -> None:
        self.whole, self.heard = whole, list[str]()
        self.names: list[str] = []

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self.names.append(tag.rpartition("}")[2])

    def data(self, text: str) -> None:
        if self.whole or self.names[-1] == "t":
            self.heard.append(text)

    def end(self, _tag: str) -> None:
        if self.names.pop() in _ENDS:
            self.heard.append("\n")

    def taken(self) -> str:
        text = "".join(self.heard)
        self.heard.clear()
        return text


def _of_xml(part: IO[bytes], *, whole: bool) -> Iterator[str]:
    words = _Words(whole=whole)
    parser = ElementTree.XMLParser(target=words)
    while some := part.read(1 << 16):
        parser.feed(some)
        yield words.taken()
    parser.close()
    yield words.taken()


def _within_limits() -> None:
    """Where the system knows such limits."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))


def main() -> None:
    """Read one file and write its text, as much as is kept of it."""
    _within_limits()
    left = MOST_SIGNS
    for piece in text_of(sys.argv[1], sys.stdin.buffer.read()):
        sys.stdout.buffer.write(piece[:left].encode("utf-8", errors="replace"))
        left -= len(piece)
        if left <= 0:
            break


if __name__ == "__main__":
    main()
