"""The reference data of a treaty as files: one folder with States, names, tiles, acts and the treaty."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from crm.states.rules import (
    Act,
    ActKind,
    DatedName,
    NameKind,
    Treaty,
    effective_day,
    parse_former_names,
    treaty_from,
)

FILES = ("treaty.toml", "states.csv", "names.csv", "tile_grid.csv", "treaty_actions.csv")
# Part of the fingerprint: raise it when the files are read differently, so that they are read again.
READING = 1
_TEXTS = (
    "iso2",
    "iso_numeric",
    "name",
    "name_fr",
    "name_es",
    "formal_name",
    "formal_name_fr",
    "formal_name_es",
    "capital",
    "un_group",
    "region",
    "seed_region",
    "seed_region_basis",
    "m49_subregion",
    "m49_intermediate_region",
    "official_un_language",
)


@dataclass(frozen=True)
class ReferenceData:
    """The files as values. `states` holds the columns of `models.State` by code, `names` the dated names."""

    facts: dict[str, Any]
    states: dict[str, dict[str, Any]]
    names: tuple[tuple[str, DatedName], ...]
    acts: tuple[Act, ...]


def fingerprint(folder: Path) -> str:
    """SHA-256 (hexadecimal) over the files; raises FileNotFoundError naming the one that is missing."""
    digest = hashlib.sha256(f"reading {READING}\n".encode())
    for name in FILES:
        content = (folder / name).read_bytes()
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row with the words that name its place in an error."""
    with path.open(newline="", encoding="utf-8") as source:
        reader = csv.DictReader(source, strict=True)
        for row in reader:
            yield f"{path.name}, line {reader.line_num}", row


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def read_reference(folder: Path) -> ReferenceData:
    """Read a treaty's folder; raises ValueError naming file and line of the first row that is wrong."""
    facts = tomllib.loads((folder / "treaty.toml").read_text(encoding="utf-8"))
    states = _states(folder)
    return ReferenceData(
        facts=_plain(facts),
        states={iso3: values for iso3, (values, _former) in states.items()},
        names=_names(folder, {iso3: former for iso3, (_values, former) in states.items()}),
        acts=tuple(_acts(folder, set(states), treaty_from(facts))),
    )


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Say where in the files an error stands."""
    try:
        yield
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{place}: {error}") from error


def _states(folder: Path) -> dict[str, tuple[dict[str, Any], list[DatedName]]]:
    """The columns and the former names of every State, by code."""
    tiles = dict(_tiles(folder / "tile_grid.csv"))
    found = {}
    for place, row in _rows(folder / "states.csv"):
        with _at(place):
            column, line = tiles.pop(row["iso3"], (None, None))
            values = {**_state(row), "tile_column": column, "tile_row": line}
            found[row["iso3"]] = (values, parse_former_names(row["former_names"]))
    if tiles:
        raise ValueError(f"tile_grid.csv: no State has the code {', '.join(sorted(tiles))}")
    return found


def _names(folder: Path, former: Mapping[str, list[DatedName]]) -> tuple[tuple[str, DatedName], ...]:
    """Names from both files; where `names.csv` has a former name too, with its day, it takes the place."""
    listed = []
    for place, row in _rows(folder / "names.csv"):
        with _at(place):
            if row["iso3"] not in former:
                raise ValueError(f"no State has the code {row['iso3']}")
            listed.append((row["iso3"], _name(row)))
    better = {(iso3, one.text) for iso3, one in listed if one.language == "en"}
    kept = [(iso3, one) for iso3, names in former.items() for one in names if (iso3, one.text) not in better]
    return tuple(kept + listed)


def _acts(folder: Path, known: set[str], treaty: Treaty) -> Iterator[Act]:
    for place, row in _rows(folder / "treaty_actions.csv"):
        with _at(place):
            if row["iso3"] not in known:
                raise ValueError(f"no State has the code {row['iso3']}")
            kind, deposited = ActKind(row["act"]), date.fromisoformat(row["deposited_on"])
            yield Act(
                state_iso3=row["iso3"],
                kind=kind,
                deposited_on=deposited,
                effective_on=_day(row["effective_on"]) or effective_day(kind, deposited, treaty),
                note=row["note"],
                confidence=row["confidence"],
                source=row["source"],
            )


def _tiles(path: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    taken: dict[tuple[int, int], str] = {}
    for place, row in _rows(path):
        with _at(place):
            tile = (int(row["column"]), int(row["row"]))
            if tile in taken:
                raise ValueError(f"{row['iso3']} and {taken[tile]} share a tile")
            taken[tile] = row["iso3"]
            yield row["iso3"], tile


def _state(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _TEXTS},
        "latitude": float(row["latitude"]),
        "longitude": float(row["longitude"]),
        "un_member_since": _day(row["un_member_since"]),
        "counted_since": date.fromisoformat(row["counted_since"]),
    }


def _name(row: Mapping[str, str]) -> DatedName:
    return DatedName(
        kind=NameKind(row["kind"]),
        language=row["language"],
        text=row["text"],
        used_until=_day(row["used_until"]),
        precision=row["precision"] or "day",
        confidence=row["confidence"],
        note=row["note"],
    )


def _plain(value: Any) -> Any:
    """TOML values as JSON knows them: days become ISO text."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
