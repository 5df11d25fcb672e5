"""The application behind a real port, for tests with a browser that need no worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.serving import make_server

from crm import create_app
from crm.core.db import db


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The address of a second application on the same database as `app`; one request at a time."""
    second = create_app(app.extensions["settings"])
    server = make_server("localhost", 0, second)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    with second.app_context():
        db.engine.dispose()
