"""The locks: complete, hashed, in agreement with each other and with pyproject.toml."""

import re
import tomllib

import pytest

from launcher import environment, places

LOCKS = (
    environment.RUNTIME,
    environment.DEVELOPMENT,
    "launcher/requirements-node.txt",
    "launcher/requirements-lock.txt",
)
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)")


def pins(lock: str) -> dict[str, str]:
    lines = (places.ROOT / lock).read_text(encoding="utf-8").splitlines()
    return {found[1]: found[2] for found in map(PIN.match, lines) if found}


def direct(*groups: str) -> dict[str, str]:
    project = tomllib.loads((places.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lists = [project["project"]["dependencies"], *(project["dependency-groups"][group] for group in groups)]
    found = [PIN.match(entry.lower()) for entries in lists for entry in entries]
    assert all(found), "every direct dependency has an exact pin"
    return {pin[1]: pin[2] for pin in found if pin}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_host_is_named(lock):
    text = (places.ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(pins(lock)) > 0
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert "--index" not in text


def test_the_locks_were_compiled_from_the_present_pins():
    assert direct().items() <= pins(environment.RUNTIME).items()
    assert direct("dev").items() <= pins(environment.DEVELOPMENT).items()
    assert pins("launcher/requirements-node.txt").items() <= direct("node").items()
    assert pins("launcher/requirements-lock.txt").items() <= direct("lock").items()


def test_the_tests_run_on_what_is_shipped():
    assert pins(environment.RUNTIME).items() <= pins(environment.DEVELOPMENT).items()
