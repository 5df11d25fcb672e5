"""What the sample consists of, in words for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

NOUNS: dict[str, tuple[str, str]] = {
    "party": ("party", "parties"),
    "user_account": ("account", "accounts"),
    "mission": ("mission", "missions"),
    "invitation": ("invitation", "invitations"),
    "emergency_access": ("emergency access", "emergency accesses"),
    "handling_request": ("request for wider handling", "requests for wider handling"),
    "office": ("office", "offices"),
    "office_holder": ("office-holder", "office-holders"),
    "meeting": ("meeting", "meetings"),
    "presidency": ("presidency", "presidencies"),
    "coordinator": ("term of a coordinator", "terms of coordinators"),
    "obstacle_claim": ("obstacle", "obstacles"),
    "activity": ("activity", "activities"),
    "attachment": ("file of an activity", "files of activities"),
    "follow_up": ("follow-up", "follow-ups"),
    "follow_up_change": ("change to a follow-up", "changes to follow-ups"),
    "reminder": ("reminder", "reminders"),
    "letter_campaign": ("campaign of letters", "campaigns of letters"),
    "outbox_mail": ("mail", "mails"),
    "stored_file": ("file", "files"),
}
"""By table, one of its records and several."""

NAMED = 5
"""More records of a kind than this are counted instead of named."""


def stays(table: str, rows: Sequence[Any], because: Sequence[str]) -> str:
    """Which records had to stay, and the kinds of record that stand on them.

    For example "The account “Ken Sample” stays, closed, because follow-ups and reminders stand on it."
    """
    alone = len(rows) == 1
    names = [name for row in rows if (name := getattr(row, "name", "") or getattr(row, "name_en", ""))]
    if names and len(rows) <= NAMED:
        which = f"The {NOUNS[table][not alone]} {_listed([f'“{name}”' for name in names])}"
    else:
        which = f"{len(rows)} {NOUNS[table][not alone]}"
    closed = ", closed" if table == "user_account" else ""
    standing = _listed([several for other, (_one, several) in NOUNS.items() if other in because])
    return f"{which} {'stays' if alone else 'stay'}{closed}, because {standing} stand on {'it' if alone else 'them'}."


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
