"""For whom a row is, as marks among its words: so that the index itself passes over what is not for a viewer.

It decides nothing: whoever may read a row finds it, and what is found beyond that the rule of visibility takes away.
But a word of a record that is hidden costs no time and fills no page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from crm.core.access import Handling, Viewer
from crm.core.fulltext import AnyOf, Asked, Every, Word
from crm.core.visibility import HIDES_STATE, OPEN, Record
from crm.search.kinds import KINDS, Kind

_SIGN = "\ue001"
"""Begins a mark; nobody's word begins so."""

EVERYBODY = f"{_SIGN}everybody"
_NO_KIND = f"{_SIGN}nokind"
_NO_STATE = f"{_SIGN}nostate"


def kind_mark(kind: str) -> str:
    """Says what a row is."""
    return f"{_SIGN}k{kind.replace('_', '')}"


def state_mark(iso3: str) -> str:
    """Says which State a row tells of, to whoever may read the row."""
    return f"{_SIGN}s{iso3.lower()}"


def _concerns(iso3: str) -> str:
    """Says which State it concerns, told or not: only questions of ours ask this."""
    return f"{_SIGN}c{iso3.lower()}"


def _found_by(iso3: str) -> str:
    """Says of whose State's missions it is found: not where its attribution hides that from other parties."""
    return f"{_SIGN}f{iso3.lower()}"


def _party(party_id: UUID) -> str:
    return f"{_SIGN}p{party_id.hex}"


def _party_anywhere(party_id: UUID) -> str:
    """Whose it is, of what reaches beyond governments: a mission reads it of whatever State."""
    return f"{_SIGN}o{party_id.hex}"


def _handling(one: Handling) -> str:
    return f"{_SIGN}h{one.value}"


def marks_of(record: Record | None, *, own: bool = False) -> list[str]:
    """The marks of a row by its record; None for what is for everybody, `own` for what is for its own party alone."""
    if record is None:
        return [EVERYBODY]
    states = sorted(record.states or ())
    told = own or record.attribution not in HIDES_STATE
    about = [*map(_concerns, states), *(map(_found_by, states) if told else ())] or [_NO_STATE]
    if not own:
        return [_party(record.originator_id), _handling(record.handling), *about]
    anywhere = [_party_anywhere(record.originator_id)] if record.handling in OPEN else []
    return [_party(record.originator_id), *anywhere, *about]


def asked_by(viewer: Viewer, parts: Iterable[Asked], but: Iterable[Asked] = ()) -> Asked:
    """A question as this viewer may ask it: of the kinds that are open to them, as far as they may read."""
    if viewer.is_system:
        return Every(tuple(parts), tuple(but))
    closed = [Word((_concerns(iso3),)) for iso3 in sorted(viewer.closed)]
    return Every((*parts, *_open_kinds(viewer), _for(viewer)), (*but, *closed))


def leaving_out(viewer: Viewer, unwanted: Iterable[Asked], sensitive: Collection[Handling]) -> list[Asked]:
    """What must not be there, asked of what the viewer may read without its being written down. A record of another
    party that is kept to few is found whatever words are left out: it would tell by its absence that they stand in it.
    """
    terms = list(unwanted)
    if not terms or viewer.is_system:
        return terms
    own = [_party(viewer.party_id)] if viewer.party_id else []
    free = _any([EVERYBODY, *own, *_handlings(set(Handling) - set(sensitive))])
    return [Every((one, free)) for one in terms]


def _open_kinds(viewer: Viewer) -> list[Asked]:
    """Nothing where every kind is open; a mark that no row bears where none is."""
    kinds = [kind for kind in Kind if viewer.may(KINDS[kind].permission)]
    if len(kinds) == len(Kind):
        return []
    return [_any(map(kind_mark, kinds) if kinds else [_NO_KIND])]


def _for(viewer: Viewer) -> Asked:
    """What the rule of visibility would not refuse for its handling and States alone."""
    own = [_party(viewer.party_id)] if viewer.party_id and viewer.may("own:read") else []
    handlings = viewer.clearance - {Handling.ORIGINATOR}
    anywhere = [_party_anywhere(viewer.party_id)] if viewer.party_id else []
    free = [EVERYBODY, *anywhere, *_handlings(handlings & OPEN), *map(_concerns, sorted(viewer.opened))]
    narrow = [*own, *_handlings(handlings - OPEN)]
    if viewer.states is None:
        return _any([*free, *narrow])
    theirs = [_NO_STATE, *map(_found_by, sorted(viewer.states))]
    return AnyOf((_any(free), Every((_any(narrow), _any(theirs))))) if narrow else _any(free)


def _handlings(which: Collection[Handling]) -> list[str]:
    return [_handling(one) for one in sorted(which, key=lambda one: one.rank)]


def _any(marks: Iterable[str]) -> AnyOf:
    return AnyOf(tuple(Word((one,)) for one in marks))
