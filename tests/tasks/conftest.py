"""A real broker, a real mail server, and workers that are certainly ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import config
from launcher.broker import Broker
from tests.mail.conftest import relay, relay_port
from tests.mail.relays import Relay
from tests.support.databases import settings_for
from tests.tasks.processes import Process

__all__ = ["relay", "relay_port"]


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker for all tests of this folder; each begins with it empty."""
    server = Broker(tmp_path_factory.mktemp("broker"))
    yield server.start()
    server.stop()


@pytest.fixture
def settings(database_url: str, var_dir: Path, relay: Relay, broker: str) -> config.Settings:
    """An installation with all its parts."""
    return settings_for(database_url, var_dir, smtp_url=relay.url, redis_url=broker)


@pytest.fixture
def start(settings: config.Settings) -> Iterator[Callable[..., Process]]:
    """Start a worker or a beat; whatever still runs at the end of the test is killed."""
    started: list[Process] = []

    def run(*arguments: str) -> Process:
        started.append(Process(settings, *arguments))
        return started[-1]

    yield run
    for one in started:
        one.kill()
