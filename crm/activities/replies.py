"""What counts as a reply of a State. Pure; why it is so stands in ADR 24."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.activities.rules import REPORTS
from crm.activities.types import ACTIVITY_TYPES


def is_reply(kind: str, status: str, answers: Mapping[str, Any]) -> bool:
    """Whether an activity tells what a State replied: it is reported, and its kind does not say that nothing came.

    Of a meeting or a démarche the report is what they replied, also where it lies elsewhere; of a letter or a
    questionnaire, which go out first, one of its answers says so.
    """
    return status in REPORTS and ACTIVITY_TYPES[kind].replied(answers)
