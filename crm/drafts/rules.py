"""Which forms keep drafts, how large one may be, and what is read of it in a list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from crm.core.access import Handling
from crm.core.text import composed, without_halves
from crm.core.unfinished import Seen


class Kind(StrEnum):
    """The forms that keep drafts."""

    ACTIVITY = "activity"
    PLAN = "plan"
    REFERENCE = "reference"
    REPORT = "report"
    CORRECTION = "correction"
    STEP = "step"
    FOLLOW_UP = "follow_up"
    FINISH = "finish"
    LETTER_CAMPAIGN = "letter_campaign"
    ROUND = "round"
    INSTRUCTION = "instruction"
    WAITING_ENTRY = "waiting_entry"
    WAITING_PLAN = "waiting_plan"
    MOVE = "move"
    CANCEL = "cancel"
    REASSIGN = "reassign"
    AMENDMENT = "amendment"
    PERSON = "person"
    PERSON_CORRECTION = "person_correction"
    STANCE = "stance"
    REQUEST = "request"
    ANSWER = "answer"
    EMERGENCY = "emergency"


KIND_LABELS: dict[str, str] = {
    Kind.ACTIVITY.value: "Activity",
    Kind.PLAN.value: "Plan",
    Kind.REFERENCE.value: "Reference",
    Kind.REPORT.value: "Report on a plan",
    Kind.CORRECTION.value: "Correction",
    Kind.STEP.value: "Next step of an activity",
    Kind.FOLLOW_UP.value: "Follow-up",
    Kind.FINISH.value: "What came of a follow-up",
    Kind.LETTER_CAMPAIGN.value: "Letter campaign",
    Kind.ROUND.value: "Talks in the margins",
    Kind.INSTRUCTION.value: "Instruction",
    Kind.WAITING_ENTRY.value: "Entry from the waiting room",
    Kind.WAITING_PLAN.value: "Plan from the waiting room",
    Kind.MOVE.value: "Another day for a follow-up",
    Kind.CANCEL.value: "Cancelling a follow-up",
    Kind.REASSIGN.value: "Handing over a follow-up",
    Kind.AMENDMENT.value: "Amendment of an instruction",
    Kind.PERSON.value: "Person met",
    Kind.PERSON_CORRECTION.value: "Correction of a person met",
    Kind.STANCE.value: "Where a person stands",
    Kind.REQUEST.value: "Request for wider handling",
    Kind.ANSWER.value: "Answer to a request",
    Kind.EMERGENCY.value: "Emergency access",
}


class End(StrEnum):
    """How a draft ended: its record was saved, or it was thrown away."""

    SAVED = "saved"
    THROWN = "thrown"


MOST = 50
"""So many drafts somebody may have at a time."""

LONGEST = 300_000
"""So many characters a draft may have: more than the longest form takes."""

TAKEN_BACK_WITHIN = timedelta(days=1)
"""For so long a draft that was thrown away can be had back."""

TELLING = (
    "reply", "objective", "what", "done_note", "note", "next_what", "name", "person_name", "occasion", "place",
    "next_action", "report_ref", "officer_comment", "why", "reason", "answer", "talking_points",
)  # fmt: skip
"""The fields whose words tell one draft from another, the most telling first."""

WORDS_SHOWN = 90


def read(text: str) -> dict[str, list[str]] | None:
    """The fields of a form and what stands in them, from JSON; None for what is no such thing. Half a letter, which
    a text that was cut may end with, reads as the mark for it: no page could show it.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    for texts in found.values():
        if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
            return None
    return {without_halves(name): [without_halves(one) for one in texts] for name, texts in found.items()}


def written(typed: Mapping[str, list[str]]) -> str:
    """The same as JSON, as long as it was typed in whatever script; what a database cannot keep is escaped."""
    return json.dumps({name: list(texts) for name, texts in typed.items()}, ensure_ascii=False)


def is_outrun(revision: int, by: UUID | None, seen: Seen | None) -> bool:
    """Whether another window (`by`) has kept something that this one has not seen. One whose answer was lost on the
    way is not outrun by itself. `seen` is None where nobody else could have kept it.
    """
    return seen is not None and seen.revision < revision and (seen.window is None or seen.window != by)


def first_words(typed: Mapping[str, list[str]]) -> str:
    """What a draft begins with, on one line."""
    for name in TELLING:
        words = " ".join(_readable(" ".join(typed.get(name, []))).split())
        if words:
            return words if len(words) <= WORDS_SHOWN else words[: WORDS_SHOWN - 1].rstrip() + "…"
    return ""


def said_of_itself(typed: Mapping[str, list[str]]) -> tuple[Handling | None, str]:
    """How far the narrowest of what was typed may travel, rows included, and how it is marked; None for a handling
    that there is not.
    """
    known = [Handling(one) for one in _said(typed, "handling") if one in set(Handling)]
    return max(known, key=lambda one: one.rank, default=None), " ".join(_said(typed, "marks"))


def _said(typed: Mapping[str, list[str]], name: str) -> list[str]:
    """What stands in the field of this name, and in those of rows."""
    return [one for field, texts in typed.items() if field.rpartition("-")[2] == name for one in texts]


def _readable(text: str) -> str:
    """Without what no page can carry."""
    return composed("".join(char for char in text if char.isprintable() or char.isspace()))


def states(typed: Mapping[str, list[str]]) -> list[str]:
    """The codes of the States that a draft names."""
    named = [*typed.get("state_iso3", []), *typed.get("further_states", [])]
    return [one.strip().upper() for text in named for one in text.split(",") if one.strip()]
