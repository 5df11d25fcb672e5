"""A mail divided into its parts (RFC 5322, RFC 2045). Whatever somebody puts into it, that takes no more time than its
size: the library alone goes as deep as it is led, and reads a long header again for each of its pieces.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.feedparser import BytesFeedParser
from email.message import Message
from email.policy import Policy, compat32
from functools import partial
from typing import Any

MOST_LINES = 400_000
"""Lines of one mail; 25 MB of files, as mails carry them, are 340,000."""

LONGEST_HEADER = 8_000
LONGEST_ABOUT_CONTENT = 2_000
"""Characters of a header that says what a part is; the longest name of a file takes 800."""

_CHUNK = 1 << 16


class _TooMany(Exception):
    """One part too many, or one too deep."""


@dataclass
class _Tally:
    most_parts: int
    most_depth: int
    met: list[Part] = field(default_factory=list)
    cut: bool = False


class Part(Message):
    """A part that knows how deep it lies; its headers end where no program writes on."""

    def __init__(self, tally: _Tally, policy: Policy = compat32) -> None:
        super().__init__(policy)
        if len(tally.met) >= tally.most_parts:
            raise _TooMany
        self.depth, self._tally = 0, tally
        tally.met.append(self)

    def attach(self, payload: Any) -> None:
        """Take a part in."""
        payload.depth = self.depth + 1
        if payload.depth > self._tally.most_depth:
            raise _TooMany
        super().attach(payload)

    def set_raw(self, name: str, value: Any) -> None:
        """Take a header as it was read."""
        about_content = name[:8].lower() == "content-"
        most = LONGEST_ABOUT_CONTENT if about_content else LONGEST_HEADER
        if len(value) > most:
            self._tally.cut = self._tally.cut or about_content
            value = value[:most]
        super().set_raw(name, value)


@dataclass(frozen=True)
class Divided:
    """A mail as far as it was divided. `whole`: nothing of it was left out. `cut`: a header that says what a part is
    was longer than what is read of it, so that others may read it otherwise.
    """

    mail: Part
    whole: bool
    cut: bool


def divided(content: bytes, *, most_parts: int, most_depth: int) -> Divided:
    """Divide a mail, as far as it has no more parts and lies no deeper than that."""
    tally = _Tally(most_parts, most_depth)
    parser: Any = BytesFeedParser(partial(Part, tally), policy=compat32)
    tally.met.clear()  # the parser has tried how parts are made
    read = _so_many_lines(content)
    try:
        for start in range(0, len(read), _CHUNK):
            parser.feed(read[start : start + _CHUNK])
        return Divided(parser.close(), len(read) == len(content), tally.cut)
    except _TooMany:
        return Divided(tally.met[0], False, tally.cut)


def _so_many_lines(content: bytes) -> bytes:
    """The content, cut where it has more lines than a mail: every line is asked by every part around it."""
    lines = content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")
    return content if lines <= MOST_LINES else content[:MOST_LINES]


def body_of(part: Message) -> bytes:
    """What lies in a part, decoded as it says; nothing for a part that holds others."""
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else b""


def charset_of(part: Message) -> str | None:
    """The charset that a part claims, None where it says none that can be read."""
    try:
        return part.get_content_charset()
    except (ValueError, LookupError, TypeError):
        return None
