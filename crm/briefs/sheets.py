"""Briefs on their way to whoever asks: to be read here, or taken out of the house. Both doors ask here alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from typing import IO
from uuid import UUID

from crm.audit.reading import shows
from crm.briefs import gathering
from crm.briefs.content import Brief
from crm.briefs.pdf import bound, render_pdf
from crm.core import access
from crm.core.taken import Taken, taken


def to_read(iso3: str) -> Brief:
    """The brief of a State for the present request; what stands on it whole is read by that."""
    brief = gathering.brief_of(iso3, access.viewer(), access.today())
    shows(brief.read())
    return brief


def book(states: Sequence[str]) -> list[Brief]:
    """The briefs of these States in this order, without what is kept about restricted States, whoever asks."""
    with access.looking_as(access.viewer().not_named()):
        return [to_read(iso3) for iso3 in states]


def sheet(states: Sequence[str]) -> Taken:
    """The same as one document, a sheet for each; each party of whose records something stands there is told."""
    briefs = book(states)
    name = f"brief-{states[0].lower() if len(states) == 1 else 'day-book'}-{access.today().isoformat()}.pdf"
    answer = taken(partial(_write, briefs), name=name, media_type="application/pdf")
    records: Counter[UUID] = Counter()
    about: dict[UUID, set[str]] = defaultdict(set)
    for one in briefs:
        for party, number in one.records_of().items():
            records[party] += number
            about[party].add(one.iso3)
    answer.rows_of, answer.states_of = records, {party: " ".join(sorted(codes)) for party, codes in about.items()}
    answer.about_states = " ".join(sorted(set(states)))
    return answer


def _write(briefs: Sequence[Brief], target: IO[bytes]) -> None:
    made = [render_pdf(one) for one in briefs]
    target.write(made[0] if len(made) == 1 else bound(made))
