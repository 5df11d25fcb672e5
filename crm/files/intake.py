"""The one way in for a file: read within bounds, looked at, made harmless or refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import IO

from crm.files.pictures import redrawn
from crm.files.rules import (
    MOST_BYTES,
    FileRefused,
    Kind,
    check_document,
    check_pdf,
    check_text,
    ending,
    files_in,
    in_words,
    kind_of,
    plain_name,
)

_CHUNK = 1 << 16
_GIF = b"GIF8"


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be kept: its name and kind, and its bytes as they will be kept."""

    name: str
    kind: Kind
    content: bytes

    @property
    def media_type(self) -> str:
        """The media type, as the content bears it out."""
        return self.kind.media_type


def read_within(source: IO[bytes], most: int = MOST_BYTES) -> bytes:
    """All bytes of a source; raises FileRefused at the first one too many, without reading on."""
    chunks, left = [], most + 1
    while left > 0 and (chunk := source.read(min(left, _CHUNK))):
        chunks.append(chunk)
        left -= len(chunk)
    if left <= 0:
        raise FileRefused(f"The file is larger than {in_words(most)}. Make it smaller or split it.")
    return b"".join(chunks)


def check(
    content: bytes, given_name: str, *, only: Collection[Kind] = tuple(Kind), most: int = MOST_BYTES
) -> CheckedFile:
    """Look at a file as it came; raises FileRefused with the reason. Pictures come back drawn anew."""
    if len(content) > most:
        raise FileRefused(f"The file is larger than {in_words(most)}. Make it smaller or split it.")
    name = plain_name(given_name)
    kind = kind_of(content, name)
    if kind not in only:
        raise FileRefused(f"Taken here: {', '.join(one.label for one in only)}.")
    if kind in (Kind.PNG, Kind.JPEG):
        content = redrawn(content, kind)
        if len(content) > most:
            raise FileRefused(f"Drawn anew, the picture is larger than {in_words(most)}. Make it smaller.")
    elif kind.is_document:
        check_document(content, kind)
    elif kind is Kind.PDF:
        check_pdf(content)
    elif kind is Kind.MAIL:
        _check_mail(content)
    else:
        check_text(content, table=kind is Kind.CSV)
    return CheckedFile(name, kind, content)


def _check_mail(content: bytes) -> None:
    """A mail is kept as it came, so what lies in it must stand the test by itself; a GIF is often a signature."""
    for part in files_in(content):
        if ending(part.name) == "gif" and part.content.startswith(_GIF):
            continue
        try:
            check(part.content, part.name, only=[one for one in Kind if one is not Kind.MAIL])
        except FileRefused as refused:
            raise FileRefused(f"“{part.name}” in the mail: {refused}") from None
