"""With which States a plan is to begin: single ones, and those of the list of States as it is filtered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from werkzeug.datastructures import MultiDict

from crm.core.access import Viewer
from crm.states.columns import STATUS_LABELS
from crm.states.listed import LISTING
from crm.states.queries import register
from crm.states.rules import Status


def chosen(given: MultiDict[str, str], *, strict: bool = False) -> list[str]:
    """The States of an address: those that it names, and those that fit a list of States (`list`), of which nothing is
    guessed where that is `strict`: it raises RuleViolation.
    """
    found = [one.upper() for one in given.getlist("state")]
    query = given.get("list")
    if query is not None:
        clean = LISTING.clean(query) if strict else LISTING.known_part(query)
        found += [line.iso3 for line in LISTING.question(LISTING.asked(clean), False).every_line(None)]
    known = register().states
    return list(dict.fromkeys(one for one in found if one in known))


@dataclass(frozen=True)
class Way:
    """A set of States that is offered: what it is called, and where a plan begins with it."""

    label: str
    href: str


def ways(viewer: Viewer, plan_id: UUID) -> list[Way]:
    """The sets that are always there: by status under the treaty."""
    return [
        Way(STATUS_LABELS[one], _start(plan_id, f"status={one.value}"))
        for one in (Status.SIGNATORY, Status.NON_SIGNATORY, Status.WITHDRAWN)
    ]


def _start(plan_id: UUID, query: str) -> Any:
    return url_for("plans.start", plan_id=plan_id, list=query)
