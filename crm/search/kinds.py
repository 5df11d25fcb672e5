"""What can be found, and what it takes to read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a result is. States are known by heart and stand in no index."""

    ACTIVITY = "activity"
    FOLLOW_UP = "follow_up"
    CAMPAIGN = "campaign"
    LETTER = "letter"
    PERSON = "person"
    INTERLOCUTOR = "interlocutor"
    POST = "post"
    INSTRUCTION = "instruction"
    ATTACHMENT = "attachment"


class Part(StrEnum):
    """How much of an activity a row tells: the note alone, also its State, also the persons, or all of it to its own
    party. Every other record has the note alone.
    """

    NOTE = "note"
    STATE = "state"
    FULL = "full"
    OWN = "own"


@dataclass(frozen=True)
class Words:
    """How a kind is called, one and many of them, its picture, its page, and what it takes to read it."""

    one: str
    many: str
    icon: str
    endpoint: str
    argument: str
    permission: str


STATE = "state"
"""The kind of those that are known by heart."""

KINDS: dict[str, Words] = {
    STATE: Words("State", "States", "world", "states.show", "iso3", "states:read"),
    Kind.PERSON: Words("Person in office", "People in office", "users", "people.office", "iso3", "people:read"),
    Kind.INTERLOCUTOR: Words("Person met", "People met", "users", "met.show", "person_id", "activities:read"),
    Kind.POST: Words("Post", "Posts", "users", "met.post", "post_id", "activities:read"),
    Kind.ACTIVITY: Words("Activity", "Activities", "messages", "activities.show", "activity_id", "activities:read"),
    Kind.FOLLOW_UP: Words(
        "Follow-up", "Follow-ups", "clipboard-check", "followups.show", "followup_id", "followups:read"
    ),
    Kind.INSTRUCTION: Words(
        "Instruction", "Instructions", "flag", "instructions.show", "instruction_id", "instructions:read"
    ),
    Kind.LETTER: Words("Letter", "Letters", "mail", "letters.show", "letter_id", "letters:read"),
    Kind.CAMPAIGN: Words(
        "Letter campaign", "Letter campaigns", "send", "letters.campaign", "campaign_id", "letters:read"
    ),
    Kind.ATTACHMENT: Words("File", "Files", "archive", "activities.show", "activity_id", "activities:read"),
}
"""In the order in which people are shown them."""

UNDATED = frozenset({Kind.PERSON, Kind.INTERLOCUTOR, Kind.POST})
"""Kinds whose day orders them and says nothing to anybody."""

SOURCES: dict[str, str] = {
    Kind.ACTIVITY: "activity",
    Kind.FOLLOW_UP: "follow_up",
    Kind.CAMPAIGN: "letter_campaign",
    Kind.LETTER: "letter",
    Kind.ATTACHMENT: "attachment",
    Kind.INTERLOCUTOR: "interlocutor",
    Kind.POST: "post",
    Kind.INSTRUCTION: "instruction",
}
"""What the audit calls those of which reading is written down."""
