"""The list of States for a day: which ones, in which order, with what beside each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.states.register import Register
from crm.states.rules import Basis, Scheme, Standing, Status, fold


@dataclass(frozen=True)
class Asked:
    """What a reader asks of the list. `sort` is a key of SORTS, with a minus for the other direction."""

    on: date
    basis: Basis = Basis.DEPOSIT
    scheme: Scheme = Scheme.REGION
    status: Status | None = None
    region: str | None = None
    text: str = ""
    sort: str = "name"


@dataclass(frozen=True)
class Line:
    """One State on one day. `name` is the one in use then; `status` goes by the basis that was asked for."""

    iso3: str
    name: str
    name_today: str
    status: Status
    region: str
    standing: Standing
    tile_column: int | None
    tile_row: int | None


_STATUS_ORDER = list(Status)
_LAST = date.max

SORTS: dict[str, Callable[[Line], Any]] = {
    "name": lambda line: fold(line.name),
    "status": lambda line: _STATUS_ORDER.index(line.status),
    "region": lambda line: line.region,
    "signed": lambda line: line.standing.signed_on or _LAST,
    "deposited": lambda line: line.standing.deposited_on or _LAST,
    "in_force": lambda line: line.standing.in_force_on or _LAST,
}


def lines(register: Register, asked: Asked) -> list[Line]:
    """The States that fit, in the order asked for; equal ones by name. Blank days stand last, always."""
    statuses = register.statuses(asked.on, asked.basis)
    wanted = register.search(asked.text) if asked.text else tuple(statuses)
    found = []
    for iso3 in wanted:
        status = statuses.get(iso3)
        state = register.states[iso3]
        region = state.region_in(asked.scheme)
        if status is None or (asked.status and status is not asked.status):
            continue
        if asked.region and region != asked.region:
            continue
        standing = register.standing(iso3, asked.on)
        assert standing is not None
        found.append(
            Line(
                iso3=iso3,
                name=register.name(iso3, asked.on),
                name_today=state.names["en"],
                status=status,
                region=region,
                standing=standing,
                tile_column=state.tile_column,
                tile_row=state.tile_row,
            )
        )
    return _sorted(found, asked.sort)


def _sorted(found: list[Line], sort: str) -> list[Line]:
    key = SORTS.get(sort.lstrip("-"), SORTS["name"])
    found.sort(key=SORTS["name"])
    known = [line for line in found if key(line) != _LAST]
    blank = [line for line in found if key(line) == _LAST]
    known.sort(key=key, reverse=sort.startswith("-"))
    return known + blank
