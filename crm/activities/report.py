"""A report on an approach, as it is told: plain values, before anything is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from crm.activities.rules import Level, Paper, Precision
from crm.core.access import Handling
from crm.core.visibility import Attribution
from crm.positions.rules import Basis


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What is known of an approach before and after it: kind, States, day, place, and how it travels.

    `held_on` is exact to `precision`. `further_states`: the codes of others that the same activity concerned.
    `person_id`: the key of the person or office-holder chosen among those known, "" for none; `keep_person`: whether
    somebody not yet known is to be kept. `objective`: what it is to bring about. `details`: answers to what its kind
    asks, by key. `delivered_by`: who goes, or went, with their title; "" where that is not said, None for who it was
    until now, or whoever writes down what has happened.
    """

    kind: str
    state_iso3: str
    held_on: date
    precision: Precision = Precision.DAY
    further_states: tuple[str, ...] = ()
    person_name: str = ""
    person_title: str = ""
    person_ministry: str = ""
    person_level: Level = Level.OTHER
    person_level_other: str = ""
    person_id: str = ""
    keep_person: bool = False
    delivered_by: str | None = None
    delivered_by_title: str = ""
    place: str = ""
    occasion: str = ""
    objective: str = ""
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    handling: Handling = Handling.COORDINATION
    attribution: Attribution = Attribution.STATE_NOT_PERSON
    marks: str = ""
    report_ref: str = ""

    @property
    def states(self) -> tuple[str, ...]:
        """Every State concerned, the one it is kept under first."""
        return tuple(dict.fromkeys((self.state_iso3, *self.further_states)))


@dataclass(frozen=True, kw_only=True)
class Report(Occasion):
    """What happened: the reply, what stands in the way, what was left, what is to be done next."""

    reply: str
    obstacle: str = ""
    obstacle_subtype: str = ""
    obstacle_other: str = ""
    obstacle_basis: Basis = Basis.STATED
    next_action: str = ""
    next_action_due: date | None = None
    next_action_owner_id: str = ""
    paper_left: Paper = Paper.NONE
    paper_refused: bool = False
    officer_comment: str = ""
