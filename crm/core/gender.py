"""How somebody is addressed. Pure."""

from __future__ import annotations

from enum import StrEnum


class Gender(StrEnum):
    """How a person is addressed in a letter. Unknown is a fact of its own and never guessed away."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"
