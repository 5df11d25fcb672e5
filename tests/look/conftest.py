"""The gallery, served on a free loopback port, and a browser to look at it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from tests.look.gallery import make_gallery


@pytest.fixture
def client() -> FlaskClient:
    """Asks the gallery without a server."""
    return make_gallery().test_client()


@pytest.fixture(scope="package")
def gallery() -> Iterator[str]:
    """The address of the gallery."""
    server = make_server("127.0.0.1", 0, make_gallery(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
