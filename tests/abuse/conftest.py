"""What several abuse cases watch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from tests.mail.conftest import later, relay, relay_port

__all__ = ["later", "relay", "relay_port", "said"]


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Everything that went to a log or to the terminal, at the most talkative level."""
    with caplog.at_level(logging.DEBUG):
        yield lambda: caplog.text + "".join(capfd.readouterr())
