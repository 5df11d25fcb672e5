"""The settings: what is refused before anything starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import config

SAFE = {
    "SECRET_KEY": "x" * 40,
    "PUBLIC_URL": "https://demarche.example.org",
    "SMTP_URL": "smtps://user:password@relay.example.org",
}


def load(tmp_path: Path, **given: str) -> config.Settings:
    return config.load({"VAR_DIR": str(tmp_path), **given})


def test_without_any_setting_it_is_for_trying_things_out(tmp_path: Path) -> None:
    assert load(tmp_path).environment == "development"


def test_a_secret_of_ones_own_means_production(tmp_path: Path) -> None:
    found = load(tmp_path, **SAFE)
    assert (found.environment, found.secure) == ("production", True)
    assert load(tmp_path, SECRET_KEY="x", DEMARCHE_ENV="development").environment == "development"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("PUBLIC_URL", "http://demarche.example.org"),
        ("PUBLIC_URL", ""),
        ("SMTP_URL", ""),
        ("CLOCK_SHIFT", "60"),
        ("MAIL_CATCHER_DIR", "caught"),
    ],
)
def test_production_refuses_what_is_not_safe_and_names_it(tmp_path: Path, name: str, value: str) -> None:
    given = {**SAFE, name: value}
    with pytest.raises(config.SettingError, match=name):
        load(tmp_path, **{key: text for key, text in given.items() if text})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "nonsense"), ("DATABASE_URL", "mysql://x/y"), ("PUBLIC_URL", "demarche.example.org"),
        ("PUBLIC_URL", "https://"),
    ],
)  # fmt: skip
def test_an_address_must_be_one(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(config.SettingError, match=name):
        load(tmp_path, **{name: value})


@pytest.mark.parametrize(
    "command", [["flask", "--app", "wsgi", "accounts", "list"], ["celery", "-A", "tasks.worker", "worker"]]
)
def test_what_is_wrong_ends_every_program_with_one_sentence(tmp_path: Path, command: list[str]) -> None:
    given = {**os.environ, "VAR_DIR": str(tmp_path), "CLOCK_SHIFT": "many"}
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=config.ROOT, env=given, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1 and ended.stdout == ""
    [sentence] = ended.stderr.splitlines()
    assert sentence.startswith("Demarche does not start. CLOCK_SHIFT must be a whole number, not 'many'.")


@pytest.mark.parametrize("name", ["CLOCK_SHIFT", "TRUSTED_PROXIES"])
def test_a_number_must_be_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(config.SettingError, match=name):
        load(tmp_path, **{name: "many"})
