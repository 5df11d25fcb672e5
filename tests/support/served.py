"""An application behind a real port, for tests with a browser that need no worker."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.support.databases import opened

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def whole(app: WSGIApplication) -> WSGIApplication:
    """The same application, whose answers are read to their end before the first byte leaves.

    Werkzeug forgets to close what it was sending when a browser goes away in the middle.
    """

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = app(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            if close := getattr(answer, "close", None):
                close()

    return call


@contextmanager
def serving(app: Flask, host: str = "localhost", port: int = 0, *, threaded: bool = False) -> Iterator[str]:
    """The address of the application for as long as the block lasts."""
    server = make_server(host, port, whole(app), threaded=threaded)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The address of a second application on the same database as `app`; one request at a time."""
    with opened(app.extensions["settings"]) as second, serving(second) as address:
        yield address
