"""What stands at the top of a spreadsheet: how it is read, what its columns are called, what they seem to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from crm.core.written.answers import NotADay, TwoDays
from crm.imports.bounds import TableUnreadable
from crm.imports.columns import HEADINGS
from crm.imports.naming import Named, Names
from crm.imports.reading import How, Line, Looked
from crm.imports.rules.columns import Heading, find_heading, guess, heading_at
from crm.imports.rules.days import evidence, is_ambiguous, read_cell
from crm.imports.rules.lines import says_above
from crm.states.register import Register
from crm.states.rules import fold

_SAMPLES = 3
_MOST_SHOWN = 60
WORDS_TOO = frozenset(
    ["no", "nr", "na", "si", "is", "in", "it", "id", "so", "to", "me", "my", "am", "al", "de", "es", "la"]
)
"""Codes of two letters that are words as well: of an answer, of a number, of a sentence. They tell of no column that it
holds States.
"""

_ENOUGH = 0.6
"""So many of the cells of a column must be States, or days, to be taken for that without a heading."""


def head_of(
    first: Sequence[Line],
    how: How,
    sheets: Sequence[str],
    remembered: Mapping[str, str],
    known: Register,
    line: int = 0,
) -> dict[str, Any]:
    """The head of one table as plain JSON, by its first lines; `line` is where somebody says that the heading stands, 0
    for a guess. `naming`: the columns in which States stand; `named`: the States that the first lines name, for each
    line its codes with spaces between them.

    Raises TableUnreadable.
    """
    heading = _heading(first, remembered, line)
    body = [cells for _number, cells in first[heading.last + 1 :]]
    width = max([len(heading.names), *map(len, body)])
    names = [*heading.names, *[""] * (width - len(heading.names))]
    columns = [[cells[at] for cells in body if at < len(cells) and cells[at]] for at in range(width)]
    guessed = guess(names, remembered, HEADINGS)
    found = Names(known)
    _by_content(guessed, columns, found)
    naming = [at for at, cells in enumerate(columns) if at == guessed.get("state") or _share(found, cells) >= _ENOUGH]
    named = Named(found, naming)
    return {
        "how": how.as_json(),
        "sheets": list(sheets),
        "heading_line": first[heading.last][0] if first else 0,
        "headings": [one[:200] for one in names],
        "samples": [[one[:_MOST_SHOWN] for one in dict.fromkeys(cells)][:_SAMPLES] for cells in columns],
        "guessed": guessed,
        "days": [_days_of(cells) for cells in columns],
        "naming": naming,
        "named": sorted({" ".join(sorted(named.by(cells))) for cells in body}),
    }


def best_sheet(looked: Looked, remembered: Mapping[str, str]) -> How:
    """The sheet whose heading says the most, the first where none does."""

    def score(name: str) -> int:
        first = looked.first[name]
        return find_heading([cells for _, cells in first], remembered, HEADINGS).score if first else -1

    return replace(looked.how, sheet=max(looked.first, key=score))


def _heading(first: Sequence[Line], remembered: Mapping[str, str], line: int) -> Heading:
    if not first:
        raise TableUnreadable("There is nothing in this table.")
    cells = [one for _number, one in first]
    if line:
        at = next((place for place, (number, _) in enumerate(first) if number == line), None)
        if at is None:
            raise TableUnreadable(f"Line {line} is blank, or stands too far down for a heading.")
        return heading_at(cells, at, remembered, HEADINGS)
    return find_heading(cells, remembered, HEADINGS)


def _by_content(guessed: dict[str, int], columns: Sequence[Sequence[str]], names: Names) -> None:
    """Without a heading that says so, a column of States and one of days are known by what stands in them."""
    free = [at for at in range(len(columns)) if at not in guessed.values() and columns[at]]
    for key, share in (("state", partial(_share, names)), ("held_on", _share_of_days)):
        if key in guessed:
            continue
        shares = {at: share(columns[at]) for at in free if at not in guessed.values()}
        at = max(shares, key=lambda one: shares[one], default=None)
        if at is not None and shares[at] >= _ENOUGH:
            guessed[key] = at


def _share(names: Names, cells: Sequence[str]) -> float:
    """How many of the cells of a column name States, those left aside that are words as well or say “as above”."""
    telling = [one for one in cells if fold(one) not in WORDS_TOO and not says_above(one)]
    return sum(map(names.nothing_else, telling)) / len(telling) if telling else 0.0


def _share_of_days(cells: Sequence[str]) -> float:
    return sum(map(_is_day, cells)) / len(cells)


def _is_day(text: str) -> bool:
    try:
        read_cell(text)
    except TwoDays:
        return True
    except NotADay:
        return False
    return not text.isdigit()


def _days_of(cells: Sequence[str]) -> dict[str, str]:
    """Of the days in a column: one that has two meanings, and what others say about the order by themselves."""
    doubtful = next((one for one in cells if is_ambiguous(one)), "")
    telling = {found.value: one for one in cells if (found := evidence(one))}
    order = next(iter(telling)) if len(telling) == 1 else ""
    return {"doubtful": doubtful[:40], "order": order, "telling": telling.get(order, "")[:40]}
