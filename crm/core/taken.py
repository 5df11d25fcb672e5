"""A list taken along as a file: written to the disk first, so memory does not grow with it and its bytes are known."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO
from urllib.parse import quote
from uuid import UUID

from flask import Response

CHUNK = 1 << 16


class Taken(Response):
    """An answer whose bytes stand in a file, with what the audit is told of it: `sha256` of the bytes; of what is made
    of many records also how many are of which party, and the States if it was asked for some. Of a list it is told
    what was asked for; of what is none (`asked_for` is None), which States the records of each party are about.
    """

    sha256 = ""
    rows_of: Mapping[UUID, int] | None = None
    states_of: Mapping[UUID, str] = {}
    asked_for: str | None = None
    about_states = ""


def taken(write: Callable[[IO[bytes]], None], *, name: str, media_type: str) -> Taken:
    """What `write` writes as a download under this name."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed when the answer has gone
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    answer = Taken(_chunks(file), content_type=media_type)
    answer.sha256, size = _digest(file)
    answer.headers["Content-Disposition"] = f"attachment; {_named(name)}"
    answer.headers["Content-Length"] = str(size)
    answer.call_on_close(file.close)
    return answer


def _named(name: str) -> str:
    """A name as headers say it (RFC 6266): plain, and where it is none that is plain, as it is beside that."""
    plain = "".join(one for one in name if one.isascii() and one.isprintable() and one not in '"\\')
    return f'filename="{plain}"' if plain == name else f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _digest(file: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), file.tell()
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest(), size


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
