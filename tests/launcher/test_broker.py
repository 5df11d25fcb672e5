"""The embedded broker: real, closed to others, and it keeps what it accepted."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import redis

from launcher import broker as launcher_broker
from launcher.broker import Broker
from launcher.say import Problem


@pytest.fixture
def broker(tmp_path) -> Iterator[Broker]:
    made = Broker(tmp_path / 'a "quoted" folder')
    made.start()
    yield made
    made.stop()


def test_it_listens_on_the_loopback_address_and_asks_for_its_password(broker):
    where = urlsplit(broker.url)
    assert where.hostname == "127.0.0.1"
    assert len(where.password or "") >= 32
    with redis.Redis(port=where.port or 0) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    assert launcher_broker.ping(where.port or 0, where.password or "")
    assert not launcher_broker.ping(where.port or 0, "wrong")


def test_the_password_stands_on_no_command_line(broker):
    password = urlsplit(broker.url).password or ""
    assert not any(password in word for word in broker.child.command)


def test_it_never_drops_what_it_holds_and_writes_it_down(broker):
    with redis.Redis.from_url(broker.url, decode_responses=True) as client:
        found = client.config_get("maxmemory-policy", "appendonly", "appendfsync", "dir", "bind")
    assert found["maxmemory-policy"] == "noeviction"
    assert (found["appendonly"], found["appendfsync"]) == ("yes", "everysec")
    assert found["dir"] == str(broker.folder)


@pytest.mark.drill
def test_it_keeps_what_it_accepted_when_it_is_killed(broker):
    with redis.Redis.from_url(broker.url) as client:
        for number in range(300):
            client.rpush("queue", number)
    before = broker.url
    broker.child.kill()
    broker.start()
    assert broker.url != before
    with redis.Redis.from_url(broker.url) as client:
        assert client.llen("queue") == 300


def test_a_second_broker_stands_beside_the_first(broker, tmp_path):
    other = Broker(tmp_path / "other")
    try:
        assert urlsplit(other.start()).port != urlsplit(broker.url).port
        with redis.Redis.from_url(other.url) as client:
            assert client.dbsize() == 0
    finally:
        other.stop()


def test_a_damaged_file_is_said_with_the_way_out(tmp_path):
    first = Broker(tmp_path / "redis")
    first.start()
    with redis.Redis.from_url(first.url) as client:
        client.set("key", "value")
    first.stop()
    for part in (tmp_path / "redis" / "appendonlydir").glob("*.incr.aof"):
        part.write_bytes(b"*3\r\nnonsense\r\n" * 20)
    with pytest.raises(Problem) as caught:
        Broker(tmp_path / "redis").start()
    assert "The broker did not start." in str(caught.value)
    assert "move" in caught.value.remedy
    assert caught.value.evidence
