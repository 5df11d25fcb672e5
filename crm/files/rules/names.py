"""Names of files: what came is cut down to one that every system can keep and that says what it says."""

from __future__ import annotations

import re
import unicodedata

from crm.core.text import composed

LONGEST = 100
"""Characters of a name, its ending included."""

LONGEST_BYTES = 200
"""Bytes of the same in UTF-8: common file systems take 255."""

_UNKEPT = re.compile(r'[<>:"|?*%]')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
"""Names that mean a device on Windows, whatever ending follows."""


def plain_name(given: str, *, otherwise: str = "file") -> str:
    """The last part of a path, without control characters and without signs that are invisible or turn the
    direction of writing; `otherwise` when nothing is left. The ending is kept when a long name is cut.
    """
    last = re.split(r"[/\\]", composed(given))[-1]
    shown = "".join(char for char in last if unicodedata.category(char)[0] != "C" and char not in "\u2028\u2029")
    flat = _UNKEPT.sub("_", " ".join(shown.split())).strip(". ")
    stem, dot, end = flat.rpartition(".")
    if not dot:
        stem, end = flat, ""
    stem = stem.rstrip(". ") or otherwise
    if _DEVICES.match(f"{stem}."):
        stem = f"_{stem}"
    tail = f".{end[:10]}" if end else ""
    stem = stem[: LONGEST - len(tail)]
    while len(f"{stem}{tail}".encode()) > LONGEST_BYTES and len(stem) > 1:
        stem = stem[:-1]
    return f"{stem.rstrip('. ') or otherwise}{tail}"


def ending(name: str) -> str:
    """What stands after the last dot, in lower case; "" for nothing."""
    return name.rpartition(".")[2].lower() if "." in name else ""
