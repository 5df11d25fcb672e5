"""What a part of a document would fetch or start when the document is opened.

Source of the names: ISO/IEC 29500-1, 17.16 (fields), 18.14 (external links), 18.13 (connections); 29500-2
(relationships); OASIS OpenDocument 1.3 part 3. A reader finds parts by what points at them and not by their
names, so every part that is XML is looked at; those that hold none of the telling words are not taken apart.
"""

from __future__ import annotations

import codecs
import re
from xml.parsers import expat

from crm.files.rules import formulas
from crm.files.rules.kinds import FileRefused

DAMAGED = "The document is damaged. Open it, save it anew and try again."
MACROS = "The document holds macros or other programs. Save it without them, or as PDF."
FETCHES = "The document fetches something from elsewhere when it is opened. Save it as PDF."
FORMULAS = (
    "A formula in the document fetches something from elsewhere or starts another program. Replace it by its value, "
    "or save as PDF."
)
MOST_TAKEN_APART = 24 * 1024 * 1024
"""Bytes of the parts of one document that are taken apart: reading them as XML costs time."""

_OVERLAP = 64
_TELLING = re.compile(
    rb"(?:\binstr|[iI]nstrText|ddeLink|oleLink|webPr|refreshOnLoad|event-listener|execute-macro|href)\b"
    rb"|\b(?:src|althref|link)\s*="
    rb"|<!ENTITY|\bdde-|<(?:[^\s<>/]{1,40}:)?script(?![A-Za-z])"
)
_WORDS = (
    b"instr", b"nstrText", b"ddeLink", b"oleLink", b"webPr", b"refreshOnLoad", b"event-listener", b"execute-macro",
    b"href", b"<!ENTITY", b"dde-", b"script", b"src", b"link",
)  # fmt: skip
"""What stands in whatever is telling; looked for first, because it costs little."""

_CALCULATED = re.compile(
    rb"<(?:[^\s<>/]{1,40}:)?(?:f|formula[12]?|definedName|calculatedColumnFormula|totalsRowFormula)[\s>]"
    rb"|\b(?:formula|expression|condition)\s*="
)
"""Where formulas stand: elements of the one family of workbooks, attributes of the other."""

_FORMULA = {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula"}
_NO_WORKBOOK = ("math", "vml")
_FORMULA_GIVEN = ("formula", "expression", "condition")
_DRAWN = {"imagedata", "fill", "stroke", "textpath", "shadow", "path"}
"""Elements of VML whose addresses are loaded with the drawing; those of the shapes around them are clicked."""

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']{1,40})[\"']")
_READ = {b"utf-8", b"utf-16", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252"}
_FIELDS = {
    "DDE", "DDEAUTO", "INCLUDE", "INCLUDEPICTURE", "INCLUDETEXT", "IMPORT", "LINK", "DATABASE", "RD", "EMBED",
    "CONTROL", "HTMLCONTROL",
}  # fmt: skip
"""Fields of a text that fetch a file or another program's data when they are brought up to date."""

_OPEN = ("urn:oasis:names:tc:opendocument:xmlns:", "urn:org:documentfoundation:names:")
_CLICKED = {"a", "area-rectangle", "area-circle", "area-polygon"}
"""Elements of OpenDocument whose address is followed by being clicked."""

_OUTSIDE = re.compile(r"\s*(?:[a-zA-Z][a-zA-Z0-9+.-]*:|[/\\]|\.\.[/\\])")
_OWN_DISK = re.compile(r"(?i)file:///[a-z]:[/\\][^/\\]")
"""A template on the disk of whoever wrote it: most documents of an office name one, and nothing is fetched for it."""


class Part:
    """One part of a document, read chunk by chunk; its bytes are kept only where they have to be taken apart."""

    def __init__(self, name: str, left: int) -> None:
        self._relations = name.casefold().endswith(".rels")
        self._left, self._kept, self._size = left, list[bytes](), 0
        self._telling, self._tail, self._xml = self._relations, b"", False
        self._calculated = self._risky = False

    def add(self, chunk: bytes) -> None:
        """The next bytes. Raises FileRefused for more telling ones than are taken apart."""
        if not self._size:
            self._xml = self._relations or _is_xml(chunk)
            declared = _DECLARED.search(chunk[:600].replace(b"\x00", b""))
            if self._xml and declared and declared[1].lower() not in _READ:
                raise FileRefused(DAMAGED)
        self._size += len(chunk)
        if not self._xml:
            return
        plain = self._tail + chunk.replace(b"\x00", b"")
        self._telling = self._telling or (any(one in plain for one in _WORDS) and bool(_TELLING.search(plain)))
        self._calculated = self._calculated or bool(_CALCULATED.search(plain))
        self._risky = self._risky or bool(formulas.RISKY.search(plain))
        self._telling = self._telling or (self._calculated and self._risky)
        self._tail = plain[-_OVERLAP:]
        if self._size <= self._left:
            self._kept.append(chunk)
        else:
            self._kept.clear()
        if self._telling and self._size > self._left:
            raise FileRefused("The document has more in it than can be looked at. Save it as PDF.")

    def check(self) -> int:
        """Take it apart where that has to be; how many bytes that were. Raises FileRefused for what it must not do."""
        if not self._telling:
            return 0
        body = b"".join(self._kept)
        if b"<!ENTITY" in body.replace(b"\x00", b""):
            raise FileRefused(DAMAGED)
        _Reading(self._relations).read(body)
        return self._size


def _is_xml(beginning: bytes) -> bool:
    plain = beginning[:200]
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        plain = plain.removeprefix(mark)
    return plain.lstrip(b"\x00\t\r\n ").startswith(b"<")


class _Reading:
    """One part, taken apart element by element."""

    def __init__(self, relations: bool) -> None:
        self._relations = relations
        self._fields: list[list[str]] = [[]]
        self._in_field = False
        self._formula: list[str] | None = None

    def read(self, body: bytes) -> None:
        """Raise FileRefused for what it must not do, or when it is no XML."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        parser.CharacterDataHandler = self._text
        parser.buffer_text = True
        try:
            parser.Parse(body, True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            if isinstance(error, FileRefused):
                raise
            raise FileRefused(DAMAGED) from None
        while self._fields:
            self._judge_field()

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        given = {key.rpartition(" ")[2]: value for key, value in attributes.items()} if attributes else attributes
        if self._relations:
            _check_relation(given)
        elif name in _FORMULA and not any(one in space for one in _NO_WORKBOOK):
            self._formula = []
        elif space.endswith("schemas-microsoft-com:vml"):
            _check_drawing(name, attributes)
        elif name.endswith(("blip", "Blip")) and given.get("link"):
            raise FileRefused(FETCHES)
        elif space.startswith(_OPEN) or name == "image":
            _check_open(space, name, given)
        elif name in ("instrText", "delInstrText"):
            self._in_field = True
        elif name == "fldSimple":
            _check_field(given.get("instr", ""))
        elif name == "fldChar":
            self._turn(given.get("fldCharType", ""))
        elif name in ("ddeLink", "oleLink", "webPr") or (name == "connection" and _is_on(given.get("refreshOnLoad"))):
            raise FileRefused(FETCHES)

    def _end(self, tag: str) -> None:
        if tag.endswith("nstrText"):
            self._in_field = False
        elif self._formula is not None and tag.rpartition(" ")[2] in _FORMULA:
            _check_formula("".join(self._formula))
            self._formula = None

    def _text(self, text: str) -> None:
        if self._formula is not None:
            self._formula.append(text)
        elif self._in_field and self._fields:
            self._fields[-1].append(text)

    def _turn(self, kind: str) -> None:
        """A field begins, shows its result, or ends; fields stand in fields, and their words in many pieces."""
        if kind == "begin":
            self._fields.append([])
        elif kind == "end" and len(self._fields) > 1:
            within = self._judge_field()
            if not self._fields[-1]:
                self._fields[-1].append(within)

    def _judge_field(self) -> str:
        words = "".join(self._fields.pop())
        _check_field(words)
        return words


def _check_field(words: str) -> None:
    if (words.split() or [""])[0].strip('"\\').upper() in _FIELDS:
        raise FileRefused(FETCHES)


def _check_formula(words: str) -> None:
    if formulas.fetches(words):
        raise FileRefused(FORMULAS)


def _check_drawing(name: str, attributes: dict[str, str]) -> None:
    """A drawing of the older kind: its picture comes out of the document itself."""
    for key, value in attributes.items():
        space, _, attribute = key.rpartition(" ")
        loaded = attribute in ("src", "althref") or (attribute == "href" and name in _DRAWN)
        by_relation = attribute == "href" and name in _DRAWN and "relationships" in space
        if loaded and value and (by_relation or (_OUTSIDE.match(value) and not value.startswith("data:"))):
            raise FileRefused(FETCHES)


def _is_on(value: str | None) -> bool:
    return (value or "").strip().lower() in ("1", "true", "on")


def _check_relation(given: dict[str, str]) -> None:
    """Links that a reader follows by being clicked may stay; what is fetched by itself may not."""
    kind = given.get("Type", "").rpartition("/")[2].lower()
    own = kind == "attachedtemplate" and _OWN_DISK.match(given.get("Target", ""))
    outside = given.get("TargetMode", "").strip().lower() == "external" and not own
    if kind.startswith("vba") or (outside and kind != "hyperlink"):
        raise FileRefused(FETCHES)


def _check_open(space: str, name: str, given: dict[str, str]) -> None:
    """OpenDocument, and pictures that are drawings: nothing by script, and no address but those that are clicked."""
    for key in _FORMULA_GIVEN:
        _check_formula(given.get(key, ""))
    if name in ("script", "execute-macro") or (name == "event-listener" and space.endswith(":script:1.0")):
        raise FileRefused(MACROS)
    if name == "event-listener":
        if given.get("action", "").strip() == "execute":
            raise FileRefused(MACROS)
        return
    address = given.get("href", "")
    if name.startswith("dde-"):
        raise FileRefused(FETCHES)
    if name in _CLICKED or address.startswith("data:") or not _OUTSIDE.match(address):
        return
    if name != "template" or not (_OWN_DISK.match(address) or re.match(r"\.\.[/\\]|/[^/\\]", address)):
        raise FileRefused(FETCHES)
