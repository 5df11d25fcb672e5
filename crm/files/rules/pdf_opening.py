"""What a PDF does by itself when it is opened: it may turn to one of its own pages, and nothing else.

Source of the names: ISO 32000-2, sections 7.5.7 (object streams), 7.7.2 (catalog) and 12.6 (actions).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from crm.files.rules.kinds import FileRefused
from crm.files.rules.pdf_parts import Part

_GAP = rb"[\x00\t\n\f\r ]*+"
_SPACE = rb"[\x00\t\n\f\r ]++"
_OPENING = re.compile(rb"/OpenAction(?![A-Za-z0-9])" + _GAP)
_REFERENCE = re.compile(rb"0*([0-9]{1,8})" + _SPACE + rb"[0-9]+" + _SPACE + rb"R(?![A-Za-z0-9])")
_PLACE = rb"(?:\[[^\[\]<>%]*+\]|\([^()\\%]*+\)|<[0-9A-Fa-f]*+>|/[^\x00\t\n\f\r \[\]()<>/%]++)"
_TURNS = re.compile(
    rb"<<(?:"
    + rb"|".join(
        _GAP + entry
        for entry in (
            rb"/Type" + _GAP + rb"/Action(?![A-Za-z0-9])",
            rb"/S" + _GAP + rb"/GoTo(?![A-Za-z0-9])",
            rb"/D" + _GAP + _PLACE,
        )
    )
    + rb")*+"
    + _GAP
    + rb">>"
)
_MOST_REFERENCES = 4
_MOST_OF_HEADS = 2 * 1024 * 1024
"""Bytes of the lists with which object streams begin, of all together."""

# A reader may follow a number to an object whose number and word stand on lines of their own; we would not find it.
_TORN = re.compile(rb"[\r\n][\x00\t\f ]*+(?:[0-9]++" + _SPACE + rb")?obj(?![A-Za-z0-9])")
_COUNT = re.compile(rb"/N" + _GAP + rb"([0-9]{1,8})(?![0-9])")
_FIRST = re.compile(rb"/First" + _GAP + rb"([0-9]{1,8})(?![0-9])")
_REFUSED = "The PDF does something by itself when it is opened. Print it into a new PDF and add that."


def check_opening(whole: Part, packed: Sequence[Part]) -> None:
    """Raise FileRefused when what happens at the opening is anything but turning to a page."""
    asked: set[int] = set()
    for part in (whole, *packed):
        for found in _OPENING.finditer(part.body):
            if _turns_to_a_page(part.body, found.end()):
                continue
            reference = _REFERENCE.match(part.body, found.end())
            if reference is None:
                raise FileRefused(_REFUSED)
            asked.add(int(reference[1]))
    if not asked:
        return
    if len(asked) > _MOST_REFERENCES or _TORN.search(whole.body):
        raise FileRefused(_REFUSED)
    known = dict.fromkeys(asked, False)
    for number, body, at in (*_plain_objects(asked, whole), *_packed_objects(asked, packed)):
        known[number] = True
        if not _turns_to_a_page(body, at):
            raise FileRefused(_REFUSED)
    if not all(known.values()):
        raise FileRefused(_REFUSED)


def _turns_to_a_page(body: bytes, at: int) -> bool:
    return body.startswith(b"[", at) or _TURNS.match(body, at) is not None


Place = tuple[int, bytes, int]
"""The number of an object, the part that it stands in, and where it begins there. A number may come twice."""


def _plain_objects(asked: Collection[int], whole: Part) -> Iterator[Place]:
    for number in asked:
        head = re.compile(rb"(?<![0-9])0*%d" % number + _SPACE + rb"[0-9]+" + _SPACE + rb"obj" + _GAP)
        for found in head.finditer(whole.body):
            yield number, whole.body, found.end()


def _packed_objects(asked: Collection[int], packed: Sequence[Part]) -> Iterator[Place]:
    left = _MOST_OF_HEADS
    for part in packed:
        count, first = _said(_COUNT, part.dictionary), _said(_FIRST, part.dictionary)
        left -= first
        if left < 0:
            raise FileRefused(_REFUSED)
        said = part.body[:first].split()[: 2 * count]
        for key, offset in zip(said[::2], said[1::2], strict=False):
            number = _number(key)
            if number in asked:
                yield number, part.body, first + _number(offset)


def _number(figures: bytes) -> int:
    if not figures.isdigit() or len(figures) > 10:
        raise FileRefused(_REFUSED)
    return int(figures)


def _said(pattern: re.Pattern[bytes], dictionary: bytes) -> int:
    found = pattern.findall(dictionary)
    if len(found) != 1:
        raise FileRefused(_REFUSED)
    return int(found[0])
