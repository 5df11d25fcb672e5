"""What is said of a choice that is none of those offered: what may be chosen instead."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wtforms import Field, SelectMultipleField
from wtforms.fields.choices import SelectFieldBase

MOST_NAMED = 15
"""Longer lists are not read out."""

_NO_CHOICE = re.compile(r"(?i)not (a )?valid choices?|could not coerce")
"""How the library says it, without saying what may be chosen."""


def name_the_choices(fields: Iterable[Field], *, codes: bool) -> None:
    """Say beside each field with a choice that is none what may be chosen: in words, or as codes for a program."""
    for field in fields:
        if isinstance(field, SelectFieldBase) and any(_NO_CHOICE.search(str(one)) for one in field.errors):
            others = [one for one in field.errors if not _NO_CHOICE.search(str(one))]
            field.errors = others if others and not field.data else [_may_be_chosen(field, codes), *others]


def _may_be_chosen(field: Field, codes: bool) -> str:
    offered = [one for one in field.iter_choices() if one.value not in ("", None)]
    names = list(dict.fromkeys(str(one.value if codes else one.label) for one in offered))
    if not names:
        return "There is nothing that you may choose here."
    wanted = "Choose among these" if isinstance(field, SelectMultipleField) else "Choose one of these"
    if len(names) <= MOST_NAMED:
        return f"{wanted}: {'; '.join(names)}."
    return f"{wanted} {len(names)}: {'; '.join(names[:3])} and so on." if codes else "Choose from the list."
