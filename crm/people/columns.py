"""The columns of the list of offices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm.core.listing import Column
from crm.people.board import Line
from crm.people.queries import Holder
from crm.people.rules import Gender
from crm.states.columns import STATUS_LABELS

ADDRESS_LABELS = {Gender.FEMALE: "Ms", Gender.MALE: "Mr", Gender.UNKNOWN: "Not known"}


def _of_holder(read: Callable[[Holder], Any]) -> Callable[[Line], Any]:
    return lambda line: read(line.holder) if line.holder else ""


def _name(line: Line) -> str:
    holder = line.holder
    if holder is None:
        return "Nobody recorded"
    name = " ".join(filter(None, (holder.honorific, holder.name)))
    return f"{name} (acting)" if holder.acting else name


COLUMNS = (
    Column("state", "State", lambda line: line.state, always=True),
    Column("code", "Code", lambda line: line.iso3, shown=False),
    Column("status", "Treaty status", lambda line: STATUS_LABELS[line.status.value]),
    Column("holder", "In office", _name, always=True),
    Column("title", "Title", _of_holder(lambda holder: holder.titles["en"])),
    Column("since", "Since", _of_holder(lambda holder: holder.from_on)),
    Column("address", "Addressed as", _of_holder(lambda holder: ADDRESS_LABELS[holder.gender])),
    Column("verified", "Last verified", _of_holder(lambda holder: holder.verified_on)),
    Column("source", "Source", _of_holder(lambda holder: holder.source), shown=False),
)
