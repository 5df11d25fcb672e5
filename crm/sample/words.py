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
    "interlocutor": ("person met", "people met"),
    "post": ("post", "posts"),
    "post_term": ("term in a post", "terms in posts"),
    "stance_claim": ("assessment of a person", "assessments of people"),
    "person_merge": ("merging of two people", "mergings of people"),
    "meeting": ("meeting", "meetings"),
    "presidency": ("presidency", "presidencies"),
    "coordinator": ("term of a coordinator", "terms of coordinators"),
    "obstacle_claim": ("obstacle", "obstacles"),
    "activity": ("activity", "activities"),
    "appointment": ("invitation to an activity", "invitations to activities"),
    "awaited_answer": ("answer noted", "answers noted"),
    "cadence": ("time of silence", "times of silence"),
    "plan": ("plan", "plans"),
    "plan_start": ("beginning of a plan", "beginnings of plans"),
    "plan_run": ("State in a plan", "States in plans"),
    "talk_round": ("round of short talks", "rounds of short talks"),
    "attachment": ("file of an activity", "files of activities"),
    "instruction": ("instruction", "instructions"),
    "instruction_task": ("task of an instruction", "tasks of instructions"),
    "instruction_change": ("amendment of an instruction", "amendments of instructions"),
    "instruction_material": ("file of an instruction", "files of instructions"),
    "instruction_notice": ("mail about an instruction", "mails about instructions"),
    "spreadsheet_import": ("imported spreadsheet", "imported spreadsheets"),
    "heading_memory": ("heading explained", "headings explained"),
    "follow_up": ("follow-up", "follow-ups"),
    "follow_up_change": ("change to a follow-up", "changes to follow-ups"),
    "reminder": ("reminder", "reminders"),
    "capture_address": ("address of a waiting room", "addresses of waiting rooms"),
    "waiting_mail": ("waiting mail", "waiting mails"),
    "draft": ("draft", "drafts"),
    "letter_campaign": ("campaign of letters", "campaigns of letters"),
    "outbox_mail": ("mail", "mails"),
    "stored_file": ("file", "files"),
    "saved_view": ("saved view", "saved views"),
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
