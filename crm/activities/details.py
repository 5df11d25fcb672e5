"""What some kinds of activity ask beyond the common fields; kept in `Activity.extras` under the key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

LONGEST_ANSWER = 500
MOST_COUNTED = 100_000
NO_NUMBER = f"Write a whole number from 0 to {MOST_COUNTED:,}."


@dataclass(frozen=True)
class Detail:
    """One more question: a text, one of several `choices` (code → words), or a whole number.

    Several kinds may ask the same one. `missing` is what a form says where it must be answered and is not;
    "" where it may be left out. `names_people`: the answer is for those alone who may know whom one met. `headings`:
    what people call the column that answers it in a table, folded, with bars between them; "" where none does. What
    must be answered has them, or no table could tell of its kind.
    """

    key: str
    label: str
    hint: str = ""
    choices: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    number: bool = False
    missing: str = ""
    names_people: bool = False
    headings: str = ""

    def problem(self, answer: object) -> str:
        """Why this cannot be the answer, "" where it can."""
        if self.number:
            return "" if isinstance(answer, int) and 0 <= answer <= MOST_COUNTED else NO_NUMBER
        if self.choices:
            return "" if answer in self.choices else f"Write one of these: {', '.join(self.choices.values())}."
        return "" if len(str(answer)) <= LONGEST_ANSWER else f"This is longer than {LONGEST_ANSWER} characters."

    def answer_of(self, text: str) -> str | int:
        """The answer that a cell gives: a whole number, the code of a choice, or the text. It may have a problem."""
        if self.number:
            plain = text.replace("\u2212", "-")
            return int(plain) if re.fullmatch(r"-?\d{1,9}", plain) else text
        return {label.casefold(): code for code, label in self.choices.items()}.get(text.casefold(), text)

    def in_words(self, value: object) -> str:
        """A kept value as people read it."""
        return self.choices.get(str(value), str(value)) if self.choices else str(value)


INSTRUCTION = Detail("instruction_ref", "Instruction", "Number or date of the instruction from your capital.")
TALKING_POINTS = Detail("talking_points", "Talking points", "Which version was used.")
AIM = Detail(
    "aim",
    "What is it for?",
    choices=MappingProxyType(
        {
            "action": "To ask them to act",
            "information_seeking": "To learn where they stand",
            "information_only": "To inform them",
        }
    ),
)
AIMS_AT_ANSWER = frozenset({"action", "information_seeking"})
"""Aims of a démarche to which the State owes an answer."""
RAISED_BY = Detail(
    "raised_by",
    "Was the Convention raised?",
    choices=MappingProxyType({"us": "Yes, by us", "them": "Yes, by them", "nobody": "No"}),
)
OUTCOME = Detail(
    "outcome",
    "How did it go?",
    choices=MappingProxyType(
        {
            "positive": "Positive",
            "open": "Non-committal",
            "negative": "Negative",
            "information": "Asked for information",
            "capital": "Will report to the capital",
            "silent": "No reply",
        }
    ),
)
ALSO_PRESENT = Detail("also_present", "Who else was there?", "Names and offices, as in a report.", names_people=True)
HOST = Detail("host", "Who was the host?", "A government, an organisation, or both together.")
PARTICIPANTS = Detail(
    "participants",
    "How many took part?",
    number=True,
    headings="number of participants|participants number|attendance|how many|nombre de participants|"
    "numero de participantes",
)
SUBJECTS = Detail("subjects", "Subjects", "For example: ratification kit, stockpile destruction, Article 7 reports.")
