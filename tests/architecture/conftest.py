"""What is read from the source and from the map of addresses is the same whichever database stands behind it."""

import pytest


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """One kind; what is about databases themselves asks for both."""
    return str(request.param)
