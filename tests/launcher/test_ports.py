"""Ports: a free one is free, an occupied one is named together with the way out."""

import socket
from collections.abc import Iterator

import pytest

from launcher import ports
from launcher.say import Problem


@pytest.fixture
def occupied() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port_can_be_used():
    with socket.create_server(("127.0.0.1", ports.free())) as server:
        assert server.getsockname()[1] > 1023


def test_an_occupied_port_is_named_with_another_to_choose(occupied):
    with pytest.raises(Problem) as caught:
        ports.chosen({"PORT": str(occupied)}, "PORT", 8000)
    text = str(caught.value)
    assert f"Port {occupied} is already in use" in text
    assert "\n" not in text
    other = int(text.split("PORT=")[1].split()[0])
    assert text.endswith(f"PORT={other} python3 run.py")
    assert not ports.obstacle(other)


def test_the_default_port_is_checked_like_a_chosen_one(occupied):
    with pytest.raises(Problem, match=str(occupied)):
        ports.chosen({}, "PORT", occupied)


def test_a_listener_on_the_other_loopback_address_counts():
    if not socket.has_ipv6:
        return
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        assert "already in use" in ports.obstacle(server.getsockname()[1])


def test_a_port_that_was_just_closed_is_no_obstacle():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()  # the side that closes first keeps the port in TIME_WAIT
        client.close()
    assert ports.obstacle(port) == ""


@pytest.mark.parametrize("text", ["0", "65536", "-1", "eight", "80.5", "٨٠٠٠"])
def test_what_is_no_port_number_is_refused(text):
    with pytest.raises(Problem, match="PORT must be a port number"):
        ports.chosen({"PORT": text}, "PORT", 8000)


def test_without_a_default_any_free_port_will_do():
    assert ports.obstacle(ports.chosen({}, "MAIL_PORT", None)) == ""
