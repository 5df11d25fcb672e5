"""A stream of parts, each with its size and its SHA-256: what was cut off or changed is told from what is whole.

A line of JSON says what the whole is and when it was taken; one begins each part and one ends it; between them stand
pieces of bytes, each after its length, the last of length 0. A last line counts the parts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import IO, Any

from crm.backup.refusals import CannotOpen

LONGEST_LINE = 1 << 20
PIECE = 1 << 20


class Writer:
    """Writes the parts one after the other."""

    def __init__(self, target: IO[bytes], whole: dict[str, Any]) -> None:
        self._target, self._number, self.size = target, 0, 0
        self._line(whole)

    def part(self, head: dict[str, Any], pieces: Iterable[bytes]) -> None:
        """One part."""
        self._line(head)
        found, size = hashlib.sha256(), 0
        for piece in pieces:
            piece = bytes(piece)
            for start in range(0, len(piece), PIECE):
                short = piece[start : start + PIECE]
                self._target.write(len(short).to_bytes(4, "big") + short)
            found.update(piece)
            size += len(piece)
        self._target.write(bytes(4))
        self._line({"sha256": found.hexdigest(), "size": size})
        self._number, self.size = self._number + 1, self.size + size

    def end(self) -> None:
        """Nothing follows."""
        self._line({"parts": self._number})

    def _line(self, words: dict[str, Any]) -> None:
        self._target.write(json.dumps(words, separators=(",", ":")).encode() + b"\n")


class Reader:
    """Reads them again; raises CannotOpen for whatever is not as it was written."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._number = source, 0
        self.whole = self._line()

    def parts(self) -> Iterator[tuple[dict[str, Any], Iterator[bytes]]]:
        """Each part with its pieces, which are to be read to their end before the next is asked for."""
        while True:
            head = self._line()
            if "parts" in head:
                if head["parts"] != self._number or self._source.read(1):
                    raise CannotOpen("It is not whole.")
                return
            yield head, self._pieces()
            self._number += 1

    def _pieces(self) -> Iterator[bytes]:
        found, size = hashlib.sha256(), 0
        while length := int.from_bytes(self._exactly(4), "big"):
            if length > PIECE:
                raise CannotOpen("It is damaged.")
            piece = self._exactly(length)
            found.update(piece)
            size += length
            yield piece
        if self._line() != {"sha256": found.hexdigest(), "size": size}:
            raise CannotOpen("It is damaged: a part is not what was written.")

    def _exactly(self, length: int) -> bytes:
        piece = self._source.read(length)
        if len(piece) != length:
            raise CannotOpen("It is cut off.")
        return piece

    def _line(self) -> dict[str, Any]:
        raw = self._source.readline(LONGEST_LINE)
        try:
            words = json.loads(raw)
        except ValueError:
            raise CannotOpen("It is damaged or cut off.") from None
        if not isinstance(words, dict):
            raise CannotOpen("It is damaged.")
        return words
