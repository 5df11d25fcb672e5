"""What a question about a day may say in its address, for every door that answers one."""

from __future__ import annotations

from collections.abc import Collection

from flask import request

from crm.core.errors import RuleViolation
from crm.core.lists import same_page


def other_words(known: Collection[str]) -> set[str]:
    """The names in the address that are none of the known ones."""
    return set(request.args) - set(known)


def refuse_other_words(known: Collection[str]) -> None:
    """Raise RuleViolation for a name that is not known: whoever misspells the day must not be told today's
    facts as those of another day.
    """
    other = sorted(other_words(known))
    if other:
        violation = RuleViolation("", "The address has parts that are not known.")
        known_ones = ", ".join(sorted(known))
        violation.errors = {name: [f"This is not known here. Known are: {known_ones}."] for name in other}
        raise violation


def without_other_words(known: Collection[str]) -> str | None:
    """The address without the names that are not known; None when there are none such."""
    other = other_words(known)
    return same_page(**dict.fromkeys(other)) if other else None
