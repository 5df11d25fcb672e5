"""The parts of a PDF that are packed, unpacked within bounds that hold for all checks of one file together."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from crm.files.rules.kinds import FileRefused

MOST_UNPACKED = 16 * 1024 * 1024
MOST_STREAMS = 20_000
"""Streams of one PDF. A thick book has some thousand."""

MOST_PACKED = 5_000
_MOST_ESCAPES = 500_000
_CHUNK = 1 << 14
_BEFORE = 600
"""Bytes before a stream in which its dictionary stands."""

_STREAM = re.compile(rb"\bstream\r?\n")
_OBJECT_STREAM = re.compile(rb"/ObjStm(?![A-Za-z0-9])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_SIGNS = {one.encode(): bytes([int(one, 16)]) for one in map("".join, product("0123456789ABCDEFabcdef", repeat=2))}
_TOO_MUCH = "The PDF unpacks to far more than it should. Print it into a new PDF and add that."
_UNREADABLE = "Parts of the PDF cannot be looked at. Print it into a new PDF and add that."


@dataclass(frozen=True)
class Stream:
    """One stream: the dictionary before it, its names in plain, and where in the file it begins."""

    dictionary: bytes
    start: int

    @property
    def is_packed(self) -> bool:
        """Whether anything was done to its bytes."""
        return b"/Filter" in self.dictionary


@dataclass(frozen=True)
class Part:
    """The file itself or one object stream, names in plain. `dictionary` is empty for the file itself."""

    body: bytes
    dictionary: bytes = b""


class Parts:
    """A PDF and what it packs. Whatever is unpacked, for whichever check, counts towards one sum."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._left, self._escapes = MOST_UNPACKED, _MOST_ESCAPES
        self.whole = Part(self._plain(content))
        if sum(1 for _ in _STREAM.finditer(content)) > MOST_STREAMS:
            raise FileRefused("The PDF has more parts than can be looked at. Print it into a new PDF and add that.")

    def streams(self) -> Iterator[Stream]:
        """Every stream, in the order of the file."""
        for found in _STREAM.finditer(self._content):
            before = self._content[max(0, found.start() - _BEFORE) : found.start()]
            yield Stream(self._plain(before).rpartition(b" obj")[2], found.end())

    def packed(self) -> Iterator[Part]:
        """What the object streams hold. Raises FileRefused when it is more than any paper needs, or when one of
        them is packed so that it cannot be looked at.
        """
        announced, seen = len(_OBJECT_STREAM.findall(self.whole.body)), 0
        for stream in self.streams() if announced else ():
            if not _OBJECT_STREAM.search(stream.dictionary):
                continue
            seen += 1
            if not stream.is_packed:
                continue
            if seen > MOST_PACKED:
                raise FileRefused(_TOO_MUCH)
            part = b"" if b"/DecodeParms" in stream.dictionary else self._begun(stream, self._left + 1)
            if not part:
                raise FileRefused(_UNREADABLE)
            yield Part(self._plain(part), stream.dictionary)
            self._count(part)
        if seen != announced:
            raise FileRefused(_UNREADABLE)

    def unpacked(self, stream: Stream, most: int) -> bytes:
        """A packed stream; nothing for what is not packed. Raises FileRefused when it holds more than `most`."""
        part = self._begun(stream, min(most, self._left) + 1) if stream.is_packed else b""
        if len(part) > most:
            raise FileRefused(_TOO_MUCH)
        self._count(part)
        return part

    def _count(self, part: bytes) -> None:
        self._left -= len(part)
        if self._left < 0:
            raise FileRefused(_TOO_MUCH)

    def _plain(self, part: bytes) -> bytes:
        """Names without the escapes behind which one could hide."""
        self._escapes -= part.count(b"#")
        if self._escapes < 0:
            raise FileRefused(_UNREADABLE)
        return _ESCAPED.sub(lambda found: _SIGNS[found[1]], part)

    def _begun(self, stream: Stream, most: int) -> bytes:
        """A stream from its beginning, at most so many bytes of it; nothing for what is not packed so.

        It ends where the packing says so, not at the word for the end, which could stand within it.
        """
        inflate, parts, left, start = zlib.decompressobj(), [], most, stream.start
        try:
            while left > 0 and not inflate.eof and start < len(self._content):
                given = inflate.unconsumed_tail + self._content[start : start + _CHUNK]
                start += _CHUNK
                parts.append(inflate.decompress(given, left))
                left -= len(parts[-1])
        except zlib.error:
            return b""
        return b"".join(parts)
