"""Co-signed letter."""

from __future__ import annotations

from types import MappingProxyType

from crm.activities.details import Detail
from crm.activities.types.registry import ActivityType, Asks

TYPE = ActivityType(
    key="cosigned_letter",
    label="Co-signed letter",
    icon="mail",
    order=60,
    purpose="A letter signed by the coordinator and the President Designate, handed over or sent.",
    words=(
        "letter|cosigned letter|co signed letter|joint letter|lettre|lettre cosignee|lettre conjointe|carta|"
        "carta conjunta"
    ),
    whom_label="To whom was it addressed?",
    reply_label="What came back?",
    details=(
        Detail("letter_ref", "Reference of the letter", "For example: CCM/UNIV/2026/L-034."),
        Detail(
            "carried_by",
            "How did it travel?",
            choices=MappingProxyType(
                {
                    "permanent_mission": "Under a note verbale, through a permanent mission",
                    "embassy": "Under a note verbale, through the bilateral embassy",
                    "by_hand": "Handed over in person",
                    "email": "As an advance copy by e-mail",
                }
            ),
        ),
        Detail(
            "came_back",
            "How far has it come?",
            choices=MappingProxyType(
                {
                    "nothing": "Nothing came back yet",
                    "acknowledged": "They acknowledged it",
                    "reply": "They replied",
                }
            ),
        ),
    ),
    asks=Asks("letter"),
    replied=lambda answers: answers.get("came_back") == "reply",
)
