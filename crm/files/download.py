"""A file on its way out: saved, never shown as a page of ours, whatever is in it."""

from __future__ import annotations

import io

from flask import Response, send_file

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
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Download-Options"] = "noopen"
    return response
