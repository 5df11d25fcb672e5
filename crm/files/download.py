"""A file on its way out: saved, never shown as a page of ours, whatever is in it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO

from flask import Response, send_file

from crm.core.taken import taken

POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""Should a browser show the file all the same, nothing in it runs, loads or stands in a frame."""


def sent(content: bytes, *, name: str, media_type: str) -> Response:
    """The bytes as a download under this name. The edge adds `nosniff` and `no-store`; no mark is sent by which
    a later request could learn whether the content is still the same.
    """
    response = send_file(
        io.BytesIO(content),
        mimetype=media_type,
        as_attachment=True,
        download_name=name,
        conditional=False,
        etag=False,
    )
    return _saved_alone(response)


def written(write: Callable[[IO[bytes]], None], *, name: str, media_type: str) -> Response:
    """The same of what `write` writes, however much it is: it goes out of a file."""
    return _saved_alone(taken(write, name=name, media_type=media_type))


def _saved_alone(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Download-Options"] = "noopen"
    return response
