"""Laws of the house, read from the source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT, dotted, imported, offences, source_files, text_of, tree_of

OURS = [*source_files("crm", "tasks"), ROOT / "config.py", ROOT / "wsgi.py"]


def _calls(path: Path, *names: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
    ]


def test_only_the_unit_of_work_commits() -> None:
    found = offences(OURS, lambda path: _calls(path, "commit"))
    assert [*found] == ["crm/core/db.py"] and len(found["crm/core/db.py"]) == 1


def test_rows_are_held_by_the_house_alone() -> None:
    """A row that is held without being read anew is judged by what it was before: `held` and `locked` do both."""
    found = offences(OURS, lambda path: _calls(path, "with_for_update"))
    assert [*found] == ["crm/core/db.py"] and len(found["crm/core/db.py"]) == 1
    assert not offences(OURS, lambda path: "with_for_update=" in text_of(path))


def test_only_the_settings_read_the_environment() -> None:
    assert [*offences(OURS, lambda path: re.findall(r"os\.environ|getenv\(", text_of(path)))] == ["config.py"]


def _is_a(path: Path, *kinds: str) -> bool:
    """Whether a file is one of these (`rules.py`), or part of one that has become a folder."""
    return path.stem in kinds or path.parent.name in kinds


DOORS = {"views", "api", "forms", "fields", "cli", "page", "asked"}
"""What stands at the door and knows the request: by the name of the file or of the folder it is in."""

KNOW_THE_REQUEST = {
    "crm/accounts/factors/here.py": "the ceremonies of a passkey belong to the host that was asked",
    "crm/accounts/here.py": "the session that this browser holds",
    "crm/accounts/provider.py": "the way to the provider and back",
    "crm/accounts/signin.py": "who is signed in",
    "crm/audit/denials.py": "what was asked for in vain",
    "crm/audit/reading.py": "what is about to be shown",
    "crm/health/metrics.py": "how long it took",
}
"""Other files that know it, and why."""

REQUEST = {"flask.request", "flask_login.current_user", "flask.session", "flask.g"}


def test_only_doors_know_the_request() -> None:
    inner = [one for one in source_files("crm") if "core" not in one.parts and not _is_a(one, *DOORS)]
    found = offences(inner, lambda path: {name for _, name in imported(path)} & REQUEST)
    assert set(found) == set(KNOW_THE_REQUEST)


def test_rules_are_pure() -> None:
    def heavy(path: Path) -> list[str]:
        package = dotted(path).split(".")[1]
        return [
            name
            for _, name in imported(path)
            if name.split(".")[0] in ("flask", "sqlalchemy", "celery")
            or (name.startswith("crm.") and name.split(".")[1] not in ("core", package) and ".rules" not in name)
        ]

    rules = [one for one in source_files("crm") if _is_a(one, "rules")]
    assert len(rules) > 20
    assert not offences(rules, heavy)


def test_files_stay_small() -> None:
    everything = [*OURS, *source_files("tests", "launcher", "bench", "drill")]
    assert not offences(everything, lambda path: max(0, len(text_of(path).splitlines()) - 400))


UNFILTERED = {
    "text", "from_statement", "exec_driver_sql", "raw_connection", "__table__", "__table_cls__", "local_table",
    "persist_selectable", "mapped_table", "selectable", "__mapper__", "bare", "unhidden", "connection", "engine",
    "get_bind", "table", "literal_column", "metadata", "tables", "from_select", "cte", "add_cte",
    "bulk_update_mappings", "bulk_insert_mappings", "bulk_save_objects", "prefix_with",
}  # fmt: skip
"""By these names a statement escapes the filter of the session, which knows models alone."""

WORDS = {"text", "bare", "unhidden", "table", "literal_column"}
"""Those among them that mean something else where they do not come from the library or the kernel."""

UNFILTERED_FOR_A_REASON = {
    ("crm/sample/removal.py", "local_table"): "asks which table points at which, and no row",
    ("crm/sample/removal.py", "metadata"): "asks in which order tables stand, and no row",
    ("crm/audit/denials.py", "engine"): "asks which database it is",
    ("crm/install.py", "engine"): "asks whether there are tables",
    ("crm/backup/service.py", "engine"): "asks where the database is, and lets go of it",
    ("crm/states/queries.py", "get_bind"): "asks which database it is",
    ("tasks/equipment.py", "engine"): "gives up connections after a fork",
}


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
        elif isinstance(node, ast.Constant) and node.value in UNFILTERED - WORDS and "_" in node.value:
            module, name = "", node.value
        else:
            continue
        if name in UNFILTERED and (name not in WORDS or module.startswith(("sqlalchemy", "crm.core"))):
            found.add(name)
    return found


def _is_condition(node: ast.AST) -> bool:
    """Whether this is a rule: a function that answers with a condition and asks nothing itself."""
    return isinstance(node, ast.FunctionDef) and node.returns is not None and ast.unparse(node.returns) == CONDITION


CONDITION = "ColumnElement[bool]"


def _spelled(node: ast.expr, whose: dict[str, str]) -> str:
    first, *rest = ast.unparse(node).split(".")
    return ".".join([whose.get(first, first), *rest])


def test_nothing_slips_past_the_rule_of_visibility() -> None:
    """Feature code does without what escapes the filter; a rule of a model asks other tables by way of it."""

    def slips(path: Path) -> set[str]:
        tree = ast.parse(text_of(path))
        if not _is_a(path, "models"):
            tree.body = [_without_answer(one) for one in tree.body]
        return _unfiltered(tree)

    found = offences([one for one in OURS if "core" not in one.parts], slips)
    assert {(name, one) for name, ways in found.items() for one in ways} == set(UNFILTERED_FOR_A_REASON)


def _without_answer(node: ast.stmt) -> ast.stmt:
    """Outside of the models nothing is a rule, whatever it answers with."""
    for one in ast.walk(node):
        if isinstance(one, ast.FunctionDef):
            one.returns = None
    return node


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
        "db.session.connection().execute(select(Activity.reply))",
        "with db.engine.connect() as c: c.execute(select(Activity.reply))",
        "from sqlalchemy import table\ndb.session.scalars(select(table('activity')))",
        "from sqlalchemy import literal_column as words\nselect(words('(select reply from activity)'))",
        "Base.metadata.tables['activity']",
        "select(Activity.__mapper__.selectable)",
        "select(inspect(Activity).mapped_table)",
        "getattr(Activity, '__table__')",
        "db.session.execute(insert(X).from_select(['a'], select(Activity.reply)))",
        "import sqlalchemy as sa\ndb.session.execute(sa.text('update activity set handling = 1'))",
        "select(update(Activity).values(handling='public').returning(Activity.id).cte())",
        "select(Activity.id).add_cte(x)",
        "insert(Activity).prefix_with('OR REPLACE')",
        "db.session.bulk_update_mappings(Activity, [{'id': 1, 'handling': 'public'}])",
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
    assert {"static/vendor", "node_modules", ".venv", "var"} <= {one.strip("/") for one in ignored}


def test_whoever_looks_as_the_system_says_so() -> None:
    """The docstring of whatever others may call tells why the rule of visibility is passed by. A command has nobody
    who looks: it may be silent.
    """

    def silent(path: Path) -> list[str]:
        module = tree_of(path)
        classes = [one for one in module.body if isinstance(one, ast.ClassDef)]
        bodies = [module.body, *(one.body for one in classes)]
        functions = [one for body in bodies for one in body if isinstance(one, ast.FunctionDef) and one.name[0] != "_"]
        return [one.name for one in functions if _looks_as_system(one) and not _says(one, "as the system")]

    assert not offences([one for one in source_files("crm") if one.name != "cli.py"], silent)


def _looks_as_system(function: ast.FunctionDef) -> bool:
    calls = [one for one in ast.walk(function) if isinstance(one, ast.Call)]
    return any(re.search(r"\blooking_as\((access\.)?SYSTEM\)", ast.unparse(one)) for one in calls)


def _says(function: ast.FunctionDef, words: str) -> bool:
    return words in " ".join((ast.get_docstring(function) or "").split())


def test_functions_stay_small() -> None:
    """What a function does fits into 40 lines, beside the names of what it is given and its docstring."""

    def long(path: Path) -> list[str]:
        kinds = ast.FunctionDef | ast.AsyncFunctionDef
        functions = [one for one in ast.walk(tree_of(path)) if isinstance(one, kinds)]
        return [one.name for one in functions if (one.end_lineno or 0) - _first(one) + 1 > 40]

    assert not offences(OURS, long)


def _first(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    own = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return own[0].lineno
