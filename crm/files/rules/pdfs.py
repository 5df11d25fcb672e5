"""PDF files: one file from its first byte to its last, that starts nothing and carries no other file.

A PDF keeps parts of itself packed in object streams, so those are unpacked and looked at too, within bounds.
Source of the names: ISO 32000-2, sections 7.5.7 (object streams), 7.6 (encryption) and 12.6.4 (actions).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from crm.files.rules.kinds import FileRefused
from crm.files.rules.texts import check_text

_TAIL = 1024
"""Bytes at the end among which a reader looks for the end mark."""

_MOST_UNPACKED = 32 * 1024 * 1024
_MOST_CARRIED = 1024 * 1024
_MOST_STREAMS = 5_000
_CHUNK = 1 << 14
_BEFORE = 600
"""Bytes before a stream in which its dictionary stands."""

_STREAM = re.compile(rb"\bstream\r?\n")
_OBJECT_STREAM = re.compile(rb"/ObjStm(?![A-Za-z0-9])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
# Long names alone: a short one like /JS stands by chance in packed bytes, and never without the long one.
_STARTS = re.compile(rb"/(JavaScript|Launch|RichMedia|SubmitForm|ImportData|NeedsRendering)(?![A-Za-z0-9])")
_CARRIES = re.compile(rb"/(EmbeddedFiles?|FileAttachment|Collection)(?![A-Za-z0-9])")
_CARRIED = re.compile(rb"/EmbeddedFile(?![A-Za-z0-9])")
_NAMED = re.compile(rb"/EF(?![A-Za-z0-9])")
_PORTFOLIO = re.compile(rb"/Collection(?![A-Za-z0-9])")
_ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")


def check_pdf(content: bytes) -> None:
    """Raise FileRefused for a PDF that is cut off, has something else after it, is encrypted, or would do more
    than show itself.
    """
    tail = content[-_TAIL:]
    if b"%%EOF" not in tail or b"startxref" not in content[-4 * _TAIL :]:
        raise FileRefused("The PDF is cut off or damaged. Save it anew and try again.")
    after = tail[tail.rindex(b"%%EOF") + 5 :]
    if after.strip(b"\r\n \x00") or b"PK\x05\x06" in content[-66_000:]:
        raise FileRefused("Something else hangs behind the PDF. Print it into a new PDF and add that.")
    parts = [_plain(part) for part in (content, *_unpacked(content))]
    for part in parts:
        _check_part(part)
    if any(_CARRIES.search(part) for part in parts):
        _check_carried(content, parts)


def _plain(part: bytes) -> bytes:
    """Names without the escapes behind which one could hide."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part)


def _check_part(part: bytes) -> None:
    if _ENCRYPTED.search(part):
        raise FileRefused("The PDF is encrypted, so nobody can tell what it holds. Save it without a password.")
    if _STARTS.search(part):
        raise FileRefused("The PDF holds a program or starts something. Print it into a new PDF and add that.")


def _check_carried(content: bytes, parts: list[bytes]) -> None:
    """A PDF may carry its own content as plain data, as our letters do, and no other file.

    Every file that it names (`/EF`) must be a stream that says it is one, and that stream plain text.
    """
    harmless = 0
    for found in _STREAM.finditer(content):
        around = _dictionary_before(content, found)
        if _CARRIED.search(around):
            harmless += _is_text(_inflated(content, found.end(), _MOST_CARRIED) if b"/Filter" in around else b"")
    named = sum(len(_NAMED.findall(part)) for part in parts)
    said = sum(len(_CARRIED.findall(part)) for part in parts)
    if not harmless == said >= named or any(_PORTFOLIO.search(part) for part in parts):
        raise FileRefused("The PDF has other files inside. Add those files one by one instead.")


def _is_text(content: bytes) -> bool:
    try:
        check_text(content)
    except FileRefused:
        return False
    return bool(content)


def _dictionary_before(content: bytes, stream: re.Match[bytes]) -> bytes:
    """What stands between the beginning of an object and its stream."""
    return _plain(content[max(0, stream.start() - _BEFORE) : stream.start()]).rpartition(b" obj")[2]


def _unpacked(content: bytes) -> Iterator[bytes]:
    """What the object streams hold. Raises FileRefused when it is more than any paper needs, or when one of
    them is packed so that it cannot be looked at.
    """
    left, announced, seen = _MOST_UNPACKED, len(_OBJECT_STREAM.findall(_plain(content))), 0
    for found in _STREAM.finditer(content) if announced else ():
        around = _dictionary_before(content, found)
        if not _OBJECT_STREAM.search(around):
            continue
        seen += 1
        if b"/Filter" not in around:
            continue
        if seen > _MOST_STREAMS or left <= 0:
            raise FileRefused("The PDF unpacks to far more than it should. Print it into a new PDF and add that.")
        part = _inflated(content, found.end(), left) if b"/DecodeParms" not in around else b""
        if not part:
            break
        left -= len(part)
        yield part
    else:
        if seen == announced:
            return
    raise FileRefused("Parts of the PDF cannot be looked at. Print it into a new PDF and add that.")


def _inflated(content: bytes, start: int, most: int) -> bytes:
    """A packed stream from its beginning, at most so many bytes of it; nothing for what is not packed so.

    It ends where the packing says so, not at the word for the end, which could stand within it.
    """
    inflate, parts, left = zlib.decompressobj(), [], most
    try:
        while left > 0 and not inflate.eof and start < len(content):
            given = inflate.unconsumed_tail + content[start : start + _CHUNK]
            start += _CHUNK
            parts.append(inflate.decompress(given, left))
            left -= len(parts[-1])
    except zlib.error:
        return b""
    return b"".join(parts)
