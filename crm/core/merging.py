"""Two people changed the same record: for each field that differs what it held when it was opened, what the other
one saved and what is typed now, with a choice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from wtforms import BooleanField, Field, FieldList, SelectField, SelectMultipleField

from crm.core.days import in_words

TAKE = "take-"
"""Before the name of a field: whose value of it is to be saved."""

MINE, THEIRS = "mine", "theirs"
NOTHING = "Nothing"


@dataclass(frozen=True)
class Difference:
    """One field that differs, in words; `choice` is what is proposed: what only the other one changed is theirs."""

    name: str
    label: str
    original: str
    theirs: str
    mine: str
    choice: str


def as_sent(field: Field) -> list[str]:
    """What a browser would send for a field that holds what this one holds."""
    value = field.data
    if isinstance(field, BooleanField):
        return ["y"] if value else []
    if isinstance(field, FieldList):
        return [json.dumps(row, ensure_ascii=False, default=str) for row in value if any(row.values())]
    if value in (None, "", (), []):
        return []
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return [value.isoformat() if isinstance(value, date) else str(value)]


def in_plain_words(field: Field, sent: list[str]) -> str:
    """What was sent for a field as somebody reads it."""
    if isinstance(field, BooleanField):
        return "Yes" if sent else "No"
    if not sent:
        return NOTHING
    if isinstance(field, FieldList):
        return "\n".join(_row_in_words(one) for one in sent)
    if isinstance(field, SelectField | SelectMultipleField):
        labels = {str(value): str(label) for value, label, *_ in field.iter_choices()}
        return ", ".join(labels.get(one, one) for one in sent)
    try:
        return in_words(date.fromisoformat(sent[0])) if len(sent[0]) == 10 else ", ".join(sent)
    except ValueError:
        return ", ".join(sent)


def _row_in_words(text: str) -> str:
    """One row as it was sent; nothing of what no form of ours has written."""
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return NOTHING
    told = row.values() if isinstance(row, dict) else ()
    return " – ".join(str(one) for one in told if one) or NOTHING


def compared(form: Any, theirs: Any, original: Mapping[str, list[str]]) -> list[Difference]:
    """The fields in which what is typed differs from what the other one saved."""
    found = []
    for field in form:
        if field.name not in theirs or field.name in ("csrf_token", "version"):
            continue
        mine, other = as_sent(field), as_sent(theirs[field.name])
        before = [str(one) for one in original.get(field.name, [])]
        if mine != other:
            said, label = partial(in_plain_words, field), field.label.text.rstrip("?: ")
            choice = THEIRS if mine == before else MINE
            found.append(Difference(field.name, label, said(before), said(other), said(mine), choice))
    return found


def taken(sent: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """The fields of which theirs is chosen."""
    return [name for name in names if sent.get(TAKE + name) == THEIRS]
