"""Laws of the house, read from the source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT, dotted, imported, source_files

OURS = [*source_files("crm", "tasks"), ROOT / "config.py", ROOT / "wsgi.py"]
NOW = re.compile(r"utcnow\(|datetime\.now\(|date\.today\(|datetime\.today\(|time\.time\(")


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _calls(path: Path, *names: str) -> list[int]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
    ]


@pytest.mark.parametrize("path", OURS, ids=dotted)
def test_only_the_unit_of_work_commits(path: Path) -> None:
    allowed = 1 if _named(path) == "crm/core/db.py" else 0
    assert len(_calls(path, "commit")) == allowed


@pytest.mark.parametrize("path", OURS, ids=dotted)
def test_rows_are_held_by_the_house_alone(path: Path) -> None:
    """A row that is held without being read anew is judged by what it was before: `held` and `locked` do both."""
    allowed = 1 if _named(path) == "crm/core/db.py" else 0
    assert len(_calls(path, "with_for_update")) == allowed
    assert "with_for_update=" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", OURS, ids=dotted)
def test_only_the_clock_reads_the_time(path: Path) -> None:
    if _named(path) != "crm/core/clock.py":
        assert not NOW.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", OURS, ids=dotted)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    if _named(path) != "config.py":
        assert not re.findall(r"os\.environ|getenv\(", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", list(source_files("crm")), ids=dotted)
def test_services_and_rules_know_no_request(path: Path) -> None:
    if path.name in ("service.py", "rules.py", "queries.py") or path.parent.name in ("service", "rules", "queries"):
        names = {name for _, name in imported(path)}
        assert not names & {"flask.request", "flask_login.current_user", "flask.session", "flask.g"}


@pytest.mark.parametrize("path", list(source_files("crm")), ids=dotted)
def test_rules_are_pure(path: Path) -> None:
    if path.name == "rules.py" or path.parent.name == "rules":
        package = dotted(path).split(".")[1]
        heavy = [
            name
            for _, name in imported(path)
            if name.split(".")[0] in ("flask", "sqlalchemy", "celery")
            or (name.startswith("crm.") and name.split(".")[1] not in ("core", package) and ".rules" not in name)
        ]
        assert not heavy


@pytest.mark.parametrize("path", [*OURS, *source_files("tests", "launcher", "bench")], ids=dotted)
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_nothing_slips_past_the_rule_of_visibility() -> None:
    """`text()`, `from_statement` and bare tables escape the filter of the session: feature code does without them."""
    outside = [path for path in source_files("crm") if "core" not in path.parts]
    for path in outside:
        assert not {name for _, name in imported(path)} & {"sqlalchemy.text"}, path
        assert not _calls(path, "from_statement"), path
        assert "__table__" not in path.read_text(encoding="utf-8"), path


def test_third_party_code_is_not_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {"static/vendor/", "node_modules/", ".venv/", "var/"} <= {one.lstrip("/") for one in ignored}


@pytest.mark.parametrize("path", OURS, ids=dotted)
def test_keys_are_drawn_and_hashed_in_one_room(path: Path) -> None:
    """`crm.core.keys` alone draws secrets that open something; the nonce of a page opens nothing."""
    drawn = _calls(path, "token_urlsafe")
    assert len(drawn) == {"crm/core/keys.py": 1, "crm/core/web.py": 1}.get(_named(path), 0)


@pytest.mark.parametrize("path", list(source_files("crm")), ids=dotted)
def test_whoever_looks_as_the_system_says_so(path: Path) -> None:
    """Its docstring tells why the rule of visibility is passed by. A command has nobody who looks: it may be silent."""
    if path.name == "cli.py":
        return
    module = ast.parse(path.read_text(encoding="utf-8"))
    classes = [one for one in module.body if isinstance(one, ast.ClassDef)]
    bodies = [module.body, *(one.body for one in classes)]
    functions = [one for body in bodies for one in body if isinstance(one, ast.FunctionDef) and one.name[0] != "_"]
    silent = [one.name for one in functions if _looks_as_system(one) and not _says(one, "as the system")]
    assert not silent


def _looks_as_system(function: ast.FunctionDef) -> bool:
    calls = [one for one in ast.walk(function) if isinstance(one, ast.Call)]
    return any(re.search(r"\blooking_as\((access\.)?SYSTEM\)", ast.unparse(one)) for one in calls)


def _says(function: ast.FunctionDef, words: str) -> bool:
    return words in " ".join((ast.get_docstring(function) or "").split())


@pytest.mark.parametrize("path", list(source_files("crm", "tasks")), ids=dotted)
def test_functions_stay_small(path: Path) -> None:
    """What a function does fits into 40 lines, beside the names of what it is given and its docstring."""
    functions = [
        one for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(one, ast.FunctionDef)
    ]
    lengths = {one.name: (one.end_lineno or 0) - _first(one) + 1 for one in functions}
    assert not {name: lines for name, lines in lengths.items() if lines > 40}


def _first(function: ast.FunctionDef) -> int:
    own = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return own[0].lineno
