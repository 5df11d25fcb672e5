"""What a command leaves in the database, in words that are the same for both doors: for comparing them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from crm.accounts.models import Party, User
from crm.audit.models import AuditContent, AuditEntry
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.mail.models import OutboxMail

Rows = dict[tuple[str, str], str]
"""What stands in each row, by its table and key."""

OWN: dict[Any, set[str]] = {
    AuditEntry: {"place", "link", "salt", "commitment", "content_commitment"},
    AuditContent: {"salt"},
    OutboxMail: {"message_id", "key"},
}
"""What is never the same twice: the chain of the audit, by what a mail is known (whose it is, its recipient says)."""

DRAWN = ("sha256", "secret", "fs_uniquifier", "password")
"""Ends of the names of columns whose values are drawn by lot, or come of them."""

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+]+")
KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LINK = re.compile(r"(?<=/)[A-Za-z0-9_-]{43}\b")


def rows(kept: Iterable[Any]) -> Rows:
    """Every row of these tables; moments, and what is drawn by lot, read alike."""
    found: Rows = {}
    with looking_as(SYSTEM):
        db.session.rollback()
        for model in kept:
            table = model.__table__
            never = OWN.get(model, set()) | {"id"}
            for one in db.session.execute(select(table)).mappings():
                key = (model.__name__, " ".join(str(one[column.name]) for column in table.primary_key))
                plain = {name: _plain(name, value) for name, value in one.items() if name not in never}
                found[key] = LINK.sub("LINK", MOMENT.sub("MOMENT", f"{model.__name__} {plain}"))
        db.session.rollback()
    return found


def _plain(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return "MOMENT"
    return "DRAWN" if value and name.endswith(DRAWN) else str(value)


def differences(before: Rows, after: Rows, keys: Mapping[str, str], between: Rows | None = None) -> list[str]:
    """What came, changed and went, whoever and whatever it names told by name.

    `keys` are the words of the commands with what each stands for; `between` names rows that came and went.
    """
    names = _names(keys, {**(between or {}), **before, **after})
    told = [f"now {text}" for key, text in after.items() if before.get(key) != text]
    told += [f"gone {text}" for key, text in before.items() if key not in after]
    read = [KEY.sub(lambda key: names.get(key[0], key[0]), one) for one in told]
    for word, plain in keys.items():
        read = [one.replace(plain, word) for one in read]
    return sorted(read)


def _names(keys: Mapping[str, str], known: Rows) -> dict[str, str]:
    """What each key reads as: the words of the commands, people and parties by name, the rest by its kind."""
    with looking_as(SYSTEM):
        db.session.rollback()
        named = [*db.session.execute(select(User.id, User.name)), *db.session.execute(select(Party.id, Party.name))]
        db.session.rollback()
    kinds = {key: kind for kind, key in known}
    return {**kinds, **{str(key): name for key, name in named}, **{key: word for word, key in keys.items()}}


def put(value: Any, keys: Mapping[str, str]) -> Any:
    """A text with these keys in it; what is no text as it is, lists part by part."""
    if isinstance(value, list):
        return [put(one, keys) for one in value]
    if not isinstance(value, str):
        return value
    for name, key in keys.items():
        value = value.replace(name, key)
    return value
