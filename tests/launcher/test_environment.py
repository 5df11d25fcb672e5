"""The environment that is brought in line with the locks."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher import commands, environment, places
from launcher.say import Problem


def test_an_environment_that_is_a_link_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, link = tmp_path / "theirs", tmp_path / ".venv"
    (theirs / "bin").mkdir(parents=True)
    link.symlink_to(theirs)
    ran: list[object] = []
    monkeypatch.setattr(places, "VENV", link)
    monkeypatch.setattr(environment, "PYTHON", link / "bin" / "python")
    monkeypatch.setattr(environment, "STAMP", link / "demarche.json")
    monkeypatch.setattr(commands, "run", lambda *given, **_named: ran.append(given))
    monkeypatch.setattr("shutil.rmtree", lambda *given, **_named: ran.append(given))
    with pytest.raises(Problem, match="is a link to"):
        environment.ensure(environment.DEVELOPMENT)
    assert ran == [] and list(theirs.iterdir()) == [theirs / "bin"]
