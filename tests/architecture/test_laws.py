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


UNFILTERED = {
    "text", "from_statement", "exec_driver_sql", "raw_connection", "__table__", "__table_cls__", "local_table",
    "persist_selectable", "bare", "unhidden",
}  # fmt: skip
"""By these names a statement escapes the filter of the session, which knows models alone."""

UNFILTERED_FOR_A_REASON = {("crm/sample/removal.py", "local_table"): "asks which table points at which, and no row"}


def _unfiltered(tree: ast.Module) -> set[str]:
    """The names among them that a module uses, however it imports them, outside of the rules of its models."""
    whose = {
        one.asname or one.name: f"{node.module}.{one.name}" if isinstance(node, ast.ImportFrom) else one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for one in node.names
    }
    found: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if _is_condition(node):
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Name):
            module, _, name = whose.get(node.id, "").rpartition(".")
        elif isinstance(node, ast.Attribute):
            module, name = _spelled(node.value, whose), node.attr
        else:
            continue
        words = name in ("text", "bare", "unhidden")
        if name in UNFILTERED and (not words or module.startswith(("sqlalchemy", "crm.core"))):
            found.add(name)
    return found


def _is_condition(node: ast.AST) -> bool:
    """Whether this is a rule: a function that answers with a condition and asks nothing itself."""
    return isinstance(node, ast.FunctionDef) and node.returns is not None and ast.unparse(node.returns) == CONDITION


CONDITION = "ColumnElement[bool]"


def _spelled(node: ast.expr, whose: dict[str, str]) -> str:
    first, *rest = ast.unparse(node).split(".")
    return ".".join([whose.get(first, first), *rest])


@pytest.mark.parametrize("path", [one for one in OURS if "core" not in one.parts], ids=dotted)
def test_nothing_slips_past_the_rule_of_visibility(path: Path) -> None:
    """Feature code does without what escapes the filter; a rule of a model asks other tables by way of it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path.name != "models.py" and path.parent.name != "models":
        tree.body = [_without_answer(one) for one in tree.body]
    assert {(_named(path), one) for one in _unfiltered(tree)} <= set(UNFILTERED_FOR_A_REASON)


def _without_answer(node: ast.stmt) -> ast.stmt:
    """Outside of the models nothing is a rule, whatever it answers with."""
    for one in ast.walk(node):
        if isinstance(one, ast.FunctionDef):
            one.returns = None
    return node


def test_the_list_of_reasons_is_no_longer_than_it_must_be() -> None:
    used = {
        (name, one) for name, one in UNFILTERED_FOR_A_REASON if one in _unfiltered(ast.parse((ROOT / name).read_text()))
    }
    assert used == set(UNFILTERED_FOR_A_REASON)


@pytest.mark.parametrize(
    "source",
    [
        "import sqlalchemy as sa\ndef f(): return db.session.scalars(sa.text('select reply from activity'))",
        "import sqlalchemy.sql as q\nq.text('x')",
        "from sqlalchemy import text as words\nwords('x')",
        "from crm.core.visibility import bare\ndef f(): return select(bare(Activity).c.reply)",
        "from crm.core import visibility\ndef f(): return select(visibility.unhidden(Activity, 'reply'))",
        "from crm.core.visibility import bare as plain\nclass A:\n    def visible_to(cls, v) -> Any: return plain(A)",
        "inspect(Activity).local_table",
        "Activity.__table__.c.reply",
        "db.session.connection().exec_driver_sql('x')",
        "db.session.scalars(select(Activity).from_statement(x))",
    ],
)
def test_the_law_of_visibility_sees_every_way_round(source: str) -> None:
    assert _unfiltered(ast.parse(source))


def test_the_law_of_visibility_leaves_rules_and_other_words_alone() -> None:
    rule = "from crm.core.visibility import bare\ndef seen(v) -> ColumnElement[bool]: return bare(A).c.id == 1"
    for source in (rule, "from crm.letters import text\ntext.line(x)", "one.text", "wording.bare(names)"):
        assert not _unfiltered(ast.parse(source))


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
    """The docstring of whatever others may call tells why the rule of visibility is passed by. A command has nobody
    who looks: it may be silent.
    """
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


@pytest.mark.parametrize("path", OURS, ids=dotted)
def test_functions_stay_small(path: Path) -> None:
    """What a function does fits into 40 lines, beside the names of what it is given and its docstring."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    functions = [one for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(one, kinds)]
    lengths = [((one.end_lineno or 0) - _first(one) + 1, one.name, one.lineno) for one in functions]
    assert not [one for one in lengths if one[0] > 40]


def _first(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    own = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return own[0].lineno
