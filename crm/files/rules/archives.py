"""Documents that are ZIP archives inside: read within bounds, member by member, and never unpacked to a disk.

Macros and embedded programs are refused: [MS-OFFMACRO2], ISO/IEC 29500-2 (packages), OASIS OpenDocument 1.3
part 2 (packages). What their parts would fetch or start, `document_parts` says. Names of parts are compared
without case, as readers do.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from crm.files.rules.document_parts import DAMAGED, MACROS, MOST_TAKEN_APART, Part
from crm.files.rules.kinds import ZIP_MARK, FileRefused, Kind

MOST_MEMBERS = 2_000
MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 200
"""How many times its packed size a member may be; small ones, which pack well, are let off."""

_LET_OFF = 1024 * 1024
_DEEPEST = 1
"""A chart in a text holds its workbook: one document within another, and no more."""

_END = b"PK\x05\x06"
_END_LENGTH = 22
_CHUNK = 1 << 16
_MOST_XML = 4 * 1024 * 1024
_ACTIVE = re.compile(r"(?i)(^|/)(vbaproject[^/]*|vbadata[^/]*|activex/.*|oleobject[^/]*|basic/.*|scripts/.*)$")
_PROGRAM = re.compile(r"(?i)\.(exe|dll|js|vbs|bat|cmd|ps1|hta|jar|scr|lnk|html?)$")
_MAIN_PARTS = {
    b"wordprocessingml.document.main+xml": Kind.DOCX,
    b"spreadsheetml.sheet.main+xml": Kind.XLSX,
    b"presentationml.presentation.main+xml": Kind.PPTX,
}
_TOLD_BY = ("[content_types].xml", "mimetype", "meta-inf/manifest.xml")
"""Parts that say what the document is."""

_BOMB = "The document unpacks to far more than it should. Save it anew and try again."


def check_document(content: bytes, named: Kind) -> None:
    """Raise FileRefused unless the bytes are one sound document of that kind, harmless to open."""
    found = _look_through(content, depth=0)
    if found is None:
        raise FileRefused("The file is an archive. Add the documents in it one by one.")
    if found is not named:
        raise FileRefused(f"The name says {named.label}, but the content is a {found.label}.")


def _look_through(content: bytes, depth: int) -> Kind | None:
    """The kind of document in an archive, None for none, after every member was read."""
    if not content.startswith(ZIP_MARK) or content[-_END_LENGTH:][:4] != _END:
        raise FileRefused("Something else hangs before or behind the document. Save it anew and try again.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_list(members)
            if min(one.header_offset for one in members) != 0:
                raise FileRefused("Something else hangs before the document. Save it anew and try again.")
            return _read_members(archive, members, depth)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, FileRefused):
            raise
        raise FileRefused(DAMAGED) from None


def _check_list(members: list[zipfile.ZipInfo]) -> None:
    """What the list of members alone gives away, before anything is unpacked."""
    if not members:
        raise FileRefused(DAMAGED)
    if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_UNPACKED:
        raise FileRefused(_BOMB)
    names = [one.orig_filename for one in members]
    if len({name.casefold() for name in names}) != len(names) or not all(map(_stays_inside, names)):
        raise FileRefused("The document has parts under names that lead out of it. Save it anew and try again.")
    for one in members:
        if one.flag_bits & 0x41:
            raise FileRefused(
                "The document is encrypted, so nobody can tell what it holds. Save it without a password."
            )
        if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileRefused(DAMAGED)
        if one.file_size > _LET_OFF and one.file_size > MOST_RATIO * max(one.compress_size, 1):
            raise FileRefused(_BOMB)
        if _ACTIVE.search(one.filename) or _PROGRAM.search(one.filename):
            raise FileRefused(MACROS)


def _stays_inside(name: str) -> bool:
    """Whether a member's name is a plain path below the document."""
    parts = name.rstrip("/").split("/")
    return not ("\\" in name or ":" in name or any(ord(char) < 32 for char in name) or {"", ".", ".."} & set(parts))


def _read_members(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], depth: int) -> Kind | None:
    """Read every member to its end, so that sizes and checks that lie come out, and judge the telling ones."""
    left, taken_apart, kind = MOST_UNPACKED, MOST_TAKEN_APART, None
    for one in members:
        size, head, name = 0, b"", one.filename.casefold()
        telling = name in _TOLD_BY
        kept, part = list[bytes](), Part(name, taken_apart)
        with archive.open(one) as member:
            while chunk := member.read(_CHUNK):
                head, size = head or chunk[:8], size + len(chunk)
                if size > left or (telling and size > _MOST_XML):
                    raise FileRefused(_BOMB)
                if telling or head.startswith(ZIP_MARK):
                    kept.append(chunk)
                part.add(chunk)
        left -= size
        if head.startswith(ZIP_MARK):
            _check_inner(b"".join(kept), depth)
            continue
        if telling:
            kind = _judged(name, b"".join(kept)) or kind
        taken_apart -= part.check()
    return kind


def _check_inner(content: bytes, depth: int) -> None:
    if depth >= _DEEPEST:
        raise FileRefused("The document has archives within archives. Save it without them, or as PDF.")
    if _look_through(content, depth + 1) is None:
        raise FileRefused("The document has an archive inside. Save it without that, or as PDF.")


def _judged(name: str, body: bytes) -> Kind | None:
    """What a telling member says: the kind of the document, or nothing. Raises FileRefused for what it must not."""
    if name == "mimetype":
        return next((kind for kind in Kind if kind.media_type.encode() == body.strip()), None)
    if b"\x00" in body or re.search(rb"<!(DOCTYPE|ENTITY)", body, re.IGNORECASE):
        raise FileRefused(DAMAGED)
    if name == "meta-inf/manifest.xml" and b"encryption-data" in body:
        raise FileRefused("The document is encrypted, so nobody can tell what it holds. Save it without a password.")
    if name == "[content_types].xml":
        if re.search(rb"macroEnabled|vbaProject|activeX|oleObject", body, re.IGNORECASE):
            raise FileRefused(MACROS)
        return next((kind for mark, kind in _MAIN_PARTS.items() if mark in body), None)
    return None
