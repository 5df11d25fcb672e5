"""What the documents say is so."""

from __future__ import annotations

import ast
import re
import tomllib

from flask import Flask

from crm.sample.accounts import ACCOUNTS, PASSWORD
from tests.architecture.imports import ROOT
from tests.support.forms import HEADING, document, names_a_form


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _settings() -> set[str]:
    """The names that config.py reads from the environment."""
    calls = [one for one in ast.walk(ast.parse(_text("config.py"))) if isinstance(one, ast.Call)]
    read = [one for one in calls if ast.unparse(one.func) in ("env.get", "environ.get", "_chosen")]
    names = [arg.value for one in read for arg in one.args[:2] if isinstance(arg, ast.Constant)]
    return {str(one) for one in names if str(one).isupper()}


READ_NO_BODY = {"states_api.commit", "states_api.undo"}


def test_every_setting_is_documented_and_no_other() -> None:
    table = _text("docs/operations.md").split("`run.py` knows")[0]
    documented = set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE))
    assert documented == _settings()


def test_the_readme_names_the_sample_accounts() -> None:
    readme = _text("README.md")
    assert PASSWORD in readme
    assert set(re.findall(r"`([a-z]+@sample\.example)`", readme)) == {one.email for one in ACCOUNTS}


def test_every_command_in_the_documents_exists(app: Flask) -> None:
    texts = "\n".join(_text(name) for name in ("README.md", "docs/operations.md", "docs/api.md", "docs/officers.md"))
    for words in re.findall(r"flask --app wsgi ([a-z]+(?: [a-z-]+)?)", texts):
        group, _, command = words.partition(" ")
        found = app.cli.commands.get(group)
        assert found is not None, words
        assert not command or command in getattr(found, "commands", {}), words


def test_the_fields_of_the_json_door_are_those_of_its_forms(app: Flask) -> None:
    """Generated from the forms: `python -m tests.support.forms` writes them anew."""
    with app.test_request_context():
        assert HEADING + _text("docs/api.md").partition(HEADING)[2] == document(app)


def test_every_change_through_the_json_door_goes_by_a_form(app: Flask) -> None:
    """So none is missing in the list of fields; whatever takes no field goes by the form of a button."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1") and (rule.methods or set()) & {"POST", "PUT", "PATCH"}:
            by_form = names_a_form(app.view_functions[rule.endpoint])
            assert by_form is not (rule.endpoint in READ_NO_BODY), rule.rule


def test_every_linked_file_is_there() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_direct_dependency_has_its_reason() -> None:
    project = tomllib.loads(_text("pyproject.toml"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    reasons = _text("docs/dependencies.md").lower()
    for one in wanted:
        name = re.split(r"[\[=<>]", one)[0].lower()
        assert re.search(rf"[|,] {re.escape(name)}\b", reasons), name


def test_the_documents_speak_of_no_machine() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        assert not re.search(r"/(work|root|home)/", page.read_text(encoding="utf-8")), page.name
