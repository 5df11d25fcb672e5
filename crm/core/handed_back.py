"""A form that was sent after its writer's session had ended: handed back with every word, and shown for what it is.

Without a session nothing proves that the form was ours: another site may have written it, and may wait for somebody
to sign in over it. So it leads to the real form, filled in, and never carries the token with which that is saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import render_template
from werkzeug.datastructures import MultiDict

from crm.core.access import HANDLING_LABELS
from crm.core.unfinished import ORIGINAL, UNTYPED
from crm.core.visibility import ATTRIBUTION_LABELS

ECHO, ACTION = "echo-", "echo_to"
"""Before the names of fields that belong to another form, and the field that says where they go."""

Typed = Sequence[tuple[str, str]]

_UNSAID = UNTYPED | {ORIGINAL, "version", "versions", "csrf_token"}
_WHO_SEES: dict[str, tuple[str, dict[str, str]]] = {
    "handling": ("Who may see it", HANDLING_LABELS),
    "wanted": ("Who should see it", HANDLING_LABELS),
    "attribution": ("What others learn of its source", ATTRIBUTION_LABELS),
}
"""Fields that change who may see something: what people call them, and their values."""


def page(typed: Typed, action: str, **more: Any) -> str:
    """The page that hands a form back; `action` is the address within this site to which it was sent."""
    return render_template(
        "errors/signed_out.html", typed=typed, action=action, place=place(action), words=in_words(typed), **more
    )


def echoed(sent: MultiDict[str, str]) -> list[tuple[str, str]]:
    """What was typed into another form, as the page that asks to sign in hands it on."""
    return [(name.removeprefix(ECHO), value) for name, value in sent.items(multi=True) if name.startswith(ECHO)]


def place(action: str) -> str:
    """What page a form belongs to, by the words of its address."""
    parts = [one.replace("-", " ") for one in urlsplit(action).path.split("/") if one and not _is_key(one)]
    return " › ".join(parts).capitalize()


def in_words(typed: Typed) -> list[tuple[str, str]]:
    """Everything that is going to be sent, as pairs of words; what changes who may see something comes first.

    Nothing is known here of the form but the names of its fields and the codes of its choices.
    """
    said = [(name, value) for name, value in typed if value and name not in _UNSAID]
    said.sort(key=lambda one: _last(one[0]) not in _WHO_SEES)
    return [(_label(name), _value(name, value)) for name, value in said]


def _last(name: str) -> str:
    """The name of a field without those of the rows that it stands in."""
    return name.rpartition("-")[2]


def _label(name: str) -> str:
    row = name.rpartition("-")[0]
    known = _WHO_SEES.get(_last(name))
    text = known[0] if known else "State" if _last(name) == "state_iso3" else _last(name).removesuffix("_id")
    words = f"{row} {text}" if row else text
    words = words.replace("_iso3", "").replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def _value(name: str, value: str) -> str:
    if known := _WHO_SEES.get(_last(name)):
        return known[1].get(value, value)
    if _is_key(value):
        return "Chosen from a list; the form says what"
    if value == "y":
        return "Yes"
    is_code = "_" in value and " " not in value and value == value.lower()
    return value.replace("_", " ").capitalize() if is_code else value


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
