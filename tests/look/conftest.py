"""The gallery, served on a free loopback port, and a browser to look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.look.gallery import make_gallery
from tests.support.served import serving


@pytest.fixture
def client() -> FlaskClient:
    """Asks the gallery without a server."""
    return make_gallery().test_client()


@pytest.fixture(scope="package")
def gallery() -> Iterator[str]:
    """The address of the gallery."""
    with serving(make_gallery(), host="127.0.0.1", threaded=True) as address:
        yield address
