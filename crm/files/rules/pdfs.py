"""PDF files: one file from its first byte to its last, that starts nothing and carries no other file.

A PDF keeps parts of itself packed in object streams, so those are unpacked and looked at too, within bounds.
Source of the names: ISO 32000-2, sections 7.6 (encryption), 12.6.4 (actions) and 12.7 (forms).
"""

from __future__ import annotations

import re
from collections import Counter

from crm.files.rules.kinds import FileRefused
from crm.files.rules.pdf_opening import check_opening
from crm.files.rules.pdf_parts import Part, Parts
from crm.files.rules.texts import check_text

MOST_CARRIED = 16
"""Files inside one PDF. Our letters carry one."""

_TAIL = 1024
"""Bytes at the end among which a reader looks for the end mark."""

_MOST_OF_ONE = 1024 * 1024
_MOST_TOGETHER = 4 * 1024 * 1024

# Long names alone: a short one like /JS stands by chance in packed bytes, and never without the long one.
_ENCRYPTS = {b"Encrypt"}
_STARTS = {
    b"JavaScript", b"Launch", b"RichMedia", b"SubmitForm", b"ImportData", b"NeedsRendering", b"GoToR", b"GoToE",
    b"Rendition",
}  # fmt: skip
_CARRIES = {b"EmbeddedFile", b"EmbeddedFiles", b"FileAttachment", b"Collection"}
_NAMES = re.compile(rb"/(" + b"|".join([*_ENCRYPTS, *_STARTS, *_CARRIES, b"EF"]) + rb")(?![A-Za-z0-9])")
# Short names with what must follow them: a form with programs of its own, and what happens by itself.
_SHORT_STARTS = re.compile(
    rb"/(?:XFA[\x00\t\n\f\r ]*+(?:[\[%]|[0-9]+[\x00\t\n\f\r %]+[0-9%])"
    rb"|AA[\x00\t\n\f\r ]*+(?:<<|%|[0-9]+[\x00\t\n\f\r %]+[0-9]+[\x00\t\n\f\r ]+R))"
)
_CARRIED = re.compile(rb"/EmbeddedFile(?![A-Za-z0-9])")
_PROGRAM = "The PDF holds a program or starts something. Print it into a new PDF and add that."
_OTHER_FILES = "The PDF has other files inside. Add those files one by one instead."


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
    parts = Parts(content)
    names, packed = _names_in(parts.whole), []
    for part in parts.packed():
        names += _names_in(part)
        packed.append(part)
    check_opening(parts.whole, packed)
    if any(names[one] for one in _CARRIES):
        _check_carried(parts, names)


def _names_in(part: Part) -> Counter[bytes]:
    """How often each telling name stands in a part. Raises FileRefused for those that must not."""
    names = Counter(_NAMES.findall(part.body))
    if any(names[one] for one in _ENCRYPTS):
        raise FileRefused("The PDF is encrypted, so nobody can tell what it holds. Save it without a password.")
    if any(names[one] for one in _STARTS) or _SHORT_STARTS.search(part.body):
        raise FileRefused(_PROGRAM)
    return names


def _check_carried(parts: Parts, names: Counter[bytes]) -> None:
    """A PDF may carry its own content as plain data, as our letters do, and no other file.

    Every file that it names (`/EF`) must be a stream that says it is one, and that stream plain text.
    """
    said = names[b"EmbeddedFile"]
    if names[b"Collection"] or said < names[b"EF"]:
        raise FileRefused(_OTHER_FILES)
    harmless, left = 0, _MOST_TOGETHER
    for stream in parts.streams():
        if not _CARRIED.search(stream.dictionary):
            continue
        harmless += 1
        if harmless > MOST_CARRIED:
            raise FileRefused(f"The PDF has more than {MOST_CARRIED} files inside. Add those files one by one instead.")
        carried = parts.unpacked(stream, min(_MOST_OF_ONE, left))
        left -= len(carried)
        if not _is_text(carried):
            raise FileRefused(_OTHER_FILES)
    if harmless != said:
        raise FileRefused(_OTHER_FILES)


def _is_text(content: bytes) -> bool:
    try:
        check_text(content)
    except FileRefused:
        return False
    return bool(content)
