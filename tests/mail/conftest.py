"""A mail server of our own, an application that hands its mail to it, and a clock that can be moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import config
from crm.core import clock
from launcher import ports
from tests.mail.relays import Relay
from tests.support.databases import settings_for


@pytest.fixture(scope="session")
def relay_port() -> int:
    """Where every test's mail server listens, so that one application serves them all."""
    return ports.free()


@pytest.fixture
def relay(relay_port: int) -> Iterator[Relay]:
    """A mail server that takes everything until told otherwise."""
    started = Relay(relay_port).start()
    yield started
    started.stop()


@pytest.fixture
def settings(database_url: str, var_dir: Path, relay: Relay) -> config.Settings:
    """An installation whose mail goes to that server."""
    return settings_for(database_url, var_dir, smtp_url=relay.url, mail_from="Demarche <demarche@example.org>")


@pytest.fixture
def later() -> Iterator[Callable[[float], None]]:
    """Let the clock stand so many seconds later than it is."""
    yield clock.set_shift  # type: ignore[misc]
    clock.set_shift(0)
