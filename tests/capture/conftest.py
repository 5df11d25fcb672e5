"""What tests of the waiting room ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import config
from tests.capture.sending import ADDRESS, RELAY, listening
from tests.support.databases import settings_for


@pytest.fixture
def settings(database_url: str, var_dir: Path) -> config.Settings:
    """An installation that takes mail in and believes one mail server."""
    return settings_for(database_url, var_dir, capture_address=ADDRESS, capture_trusts=RELAY)


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """Where mail is taken in."""
    with listening(app) as found:
        yield found
