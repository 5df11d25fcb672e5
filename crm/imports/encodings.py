"""In which encoding a text file was saved, when nobody says."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from pathlib import Path

from charset_normalizer import from_bytes

ENCODINGS = {
    "utf-8-sig": "Unicode (UTF-8)",
    "utf-16": "Unicode (UTF-16)",
    "utf-16-le": "Unicode (UTF-16, without a mark)",
    "utf-16-be": "Unicode (UTF-16, turned round)",
    "cp1252": "Western European (Windows-1252)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp1256": "Arabic (Windows-1256)",
}
_ENOUGH = 64 * 1024
_CHUNK = 1 << 20
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")


def guess_encoding(path: Path) -> str:
    """The encoding of a file, one of ENCODINGS: by its mark, by what it cannot be, by its letters at last."""
    with path.open("rb") as source:
        head = source.read(4096)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
    if _is_utf8(path):
        return "utf-8-sig"
    return _by_letters(b"\n".join(_telling(path)))


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as source:
            while chunk := source.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _telling(path: Path) -> Iterable[bytes]:
    """Lines with letters beyond the English ones, as many as are enough."""
    left = _ENOUGH
    with path.open("rb") as source:
        while left > 0 and (line := source.readline(_ENOUGH)):
            if not line.isascii():
                left -= len(line)
                yield line


def _by_letters(sample: bytes) -> str:
    """Accents stand within words of English letters; other scripts make words of their own."""
    words = [one for one in _WORD.findall(sample) if not one.isascii()]
    whole = sum(1 for one in words if len(one) > 1 and not re.search(rb"[A-Za-z]", one))
    if whole * 2 <= len(words):
        return "cp1252"
    best = from_bytes(sample, cp_isolation=["cp1251", "cp1256"]).best()
    return best.encoding if best and best.encoding in ENCODINGS else "cp1251"
