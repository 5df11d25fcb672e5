"""The register: every State, name and act of one treaty as plain values, ready to be asked for any day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

from crm.core.errors import NotFound
from crm.states.rules import (
    REGION_ORDER,
    Act,
    Basis,
    DatedName,
    NameKind,
    Scheme,
    Standing,
    Status,
    Treaty,
    fold,
    name_on,
    standing_on,
    status_on,
    turned,
)

_LONGEST_CODE = 3


@dataclass(frozen=True)
class StateFacts:
    """A State as a plain value; the columns mean what they mean in `models.State`.

    `names` and `formal_names` are those in use today, by language (en, fr, es).
    """

    iso3: str
    iso2: str
    iso_numeric: str
    names: Mapping[str, str]
    formal_names: Mapping[str, str]
    capital: str
    latitude: float
    longitude: float
    un_group: str
    region: str
    seed_region: str
    seed_region_basis: str
    m49_subregion: str
    m49_intermediate_region: str
    un_member_since: date | None
    counted_since: date
    official_un_language: str
    tile_column: int | None
    tile_row: int | None
    former: tuple[DatedName, ...] = ()

    def name_on(self, on: date, language: str = "en") -> str:
        """The short name in use on a day; English where we have none in the language."""
        known = language if language in self.names else "en"
        return name_on(self.names[known], self.former, on, kind=NameKind.SHORT, language=known)

    def formal_name_on(self, on: date, language: str = "en") -> str:
        """The formal name with its article in use on a day; English where we have none in the language."""
        known = language if language in self.formal_names else "en"
        return name_on(self.formal_names[known], self.former, on, kind=NameKind.FORMAL, language=known)

    def capital_on(self, on: date) -> str:
        """The capital on a day, spelled in English."""
        return name_on(self.capital, self.former, on, kind=NameKind.CAPITAL, language="en")

    def region_in(self, scheme: Scheme) -> str:
        """This State's label in a region scheme."""
        return str(getattr(self, scheme.value))

    @cached_property
    def known_as(self) -> frozenset[str]:
        """Every name, past and present, every alias and every ISO code, folded for comparison."""
        former = (one.text for one in self.former if one.kind is not NameKind.CAPITAL)
        codes = (self.iso3, self.iso2, self.iso_numeric)
        texts = (*self.names.values(), *self.formal_names.values(), *former, *codes)
        return frozenset(fold(text) for text in texts)

    @cached_property
    def called(self) -> tuple[str, ...]:
        """By which names and code people mean it, past and present, as they are written; its capital is none."""
        former = (one.text for one in self.former if one.kind in (NameKind.SHORT, NameKind.ALIAS))
        return (*self.names.values(), *former, self.iso3)

    @cached_property
    def all_names(self) -> tuple[str, ...]:
        """Every name and capital, past and present, every alias and every ISO code, as they are written."""
        former = (one.text for one in self.former)
        codes = (self.iso3, self.iso2, self.iso_numeric)
        return (*self.names.values(), *self.formal_names.values(), self.capital, *former, *codes)

    @cached_property
    def search_texts(self) -> frozenset[str]:
        """All that people type to find it: what it is known as, and its capital."""
        capitals = (one.text for one in self.former if one.kind is NameKind.CAPITAL)
        return self.known_as | {fold(text) for text in (self.capital, *capitals)}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many States stand where on a day. A withdrawn State is a State not party too."""

    as_of: date
    basis: Basis
    state_party: int
    signatory: int
    non_signatory: int
    withdrawn: int
    total: int

    @property
    def not_party(self) -> int:
        """States not party, signatories left aside (the 2011 deck's usage)."""
        return self.non_signatory + self.withdrawn

    def of(self, status: Status) -> int:
        """The figure of one status."""
        return int(getattr(self, status.value))


@dataclass(frozen=True)
class Register:
    """States and acts of one treaty. Every question takes the day for which it is asked."""

    treaty: Treaty
    states: Mapping[str, StateFacts]
    acts: Mapping[str, tuple[Act, ...]]
    _memo: dict[tuple[date, Basis], dict[str, Status]] = field(default_factory=dict, repr=False, compare=False)

    def state(self, iso3: str) -> StateFacts:
        """One State; raises NotFound for a code that is nobody's."""
        found = self.states.get(iso3)
        if found is None:
            raise NotFound(f"no State has the code {iso3}")
        return found

    def acts_of(self, iso3: str, until: date | None = None) -> tuple[Act, ...]:
        """A State's acts, oldest first, up to a day."""
        self.state(iso3)
        return tuple(act for act in self.acts.get(iso3, ()) if until is None or act.deposited_on <= until)

    def in_universe(self, iso3: str, on: date) -> bool:
        """Whether the State belonged to the total on a day."""
        return self.state(iso3).counted_since <= on

    def universe(self, on: date) -> tuple[str, ...]:
        """The codes of all States counted on a day."""
        return tuple(iso3 for iso3, state in self.states.items() if state.counted_since <= on)

    def statuses(self, on: date, basis: Basis = Basis.DEPOSIT) -> Mapping[str, Status]:
        """The status of every State counted on a day."""
        found = self._memo.get((on, basis))
        if found is None:
            found = {iso3: status_on(self.acts.get(iso3, ()), on, basis) for iso3 in self.universe(on)}
            if len(self._memo) > 200:
                self._memo.clear()
            self._memo[on, basis] = found
        return found

    def status(self, iso3: str, on: date, basis: Basis = Basis.DEPOSIT) -> Status | None:
        """The status of a State on a day; None when it was not yet counted then."""
        self.state(iso3)
        return self.statuses(on, basis).get(iso3)

    def standing(self, iso3: str, on: date) -> Standing | None:
        """Status with all its dates and flags; None when the State was not yet counted then."""
        if not self.in_universe(iso3, on):
            return None
        return standing_on(self.acts.get(iso3, ()), on, self.treaty)

    def counts(self, on: date, basis: Basis = Basis.DEPOSIT, among: Iterable[str] | None = None) -> Counts:
        """The four figures and their total, of all States or of those `among` given codes."""
        statuses = self.statuses(on, basis)
        chosen = set(among) if among is not None else None
        found = [status for iso3, status in statuses.items() if chosen is None or iso3 in chosen]
        return Counts(
            as_of=on,
            basis=basis,
            **{status.value: found.count(status) for status in Status},
            total=len(found),
        )

    def by_region(
        self, on: date, scheme: Scheme = Scheme.REGION, basis: Basis = Basis.DEPOSIT
    ) -> dict[str, dict[Status, int]]:
        """Region × status, every label and status present, in the order of the scheme."""
        table = {label: dict.fromkeys(Status, 0) for label in REGION_ORDER[scheme]}
        for iso3, status in self.statuses(on, basis).items():
            table[self.states[iso3].region_in(scheme)][status] += 1
        return table

    def not_party_by_region(
        self, on: date, scheme: Scheme = Scheme.REGION, basis: Basis = Basis.DEPOSIT
    ) -> dict[str, int]:
        """States not party per region: those that never signed and those that withdrew."""
        table = self.by_region(on, scheme, basis)
        return {label: row[Status.NON_SIGNATORY] + row[Status.WITHDRAWN] for label, row in table.items()}

    def states_with_status(
        self, wanted: Collection[Status | str], on: date, basis: Basis = Basis.DEPOSIT
    ) -> tuple[str, ...]:
        """The codes of the States with one of the given statuses on a day, by their English name then."""
        codes = {Status(one) for one in wanted}
        found = (iso3 for iso3, status in self.statuses(on, basis).items() if status in codes)
        return tuple(sorted(found, key=lambda iso3: self.sort_key(iso3, on)))

    def name(self, iso3: str, on: date, language: str = "en") -> str:
        """The short name in use on a day."""
        return self.state(iso3).name_on(on, language)

    def name_today(self, iso3: str) -> str:
        """The English short name in use now."""
        return self.state(iso3).names["en"]

    def formal_name(self, iso3: str, on: date, language: str = "en") -> str:
        """The formal name, with its article, in use on a day."""
        return self.state(iso3).formal_name_on(on, language)

    def capital(self, iso3: str, on: date) -> str:
        """The capital on a day, spelled in English."""
        return self.state(iso3).capital_on(on)

    def sort_key(self, iso3: str, on: date, language: str = "en") -> str:
        """The key under which a State stands in an alphabetical list."""
        return fold(self.name(iso3, on, language))

    def options(self, on: date, language: str = "en") -> list[tuple[str, str]]:
        """Code and name of every State counted on a day, in alphabetical order, for a choice."""
        return list(self._options_on(on, language))

    @cached_property
    def _options_on(self) -> Callable[[date, str], tuple[tuple[str, str], ...]]:
        """The choices of the days that were asked for last: every page that filters asks for those of today."""

        @lru_cache(maxsize=16)
        def ordered(on: date, language: str) -> tuple[tuple[str, str], ...]:
            codes = sorted(self.universe(on), key=lambda iso3: self.sort_key(iso3, on, language))
            return tuple((iso3, self.name(iso3, on, language)) for iso3 in codes)

        return ordered

    def consents_between(self, after: date, until: date) -> tuple[Act, ...]:
        """Consents deposited after one day and up to another, oldest first."""
        found = [
            act
            for acts in self.acts.values()
            for act in acts
            if act.kind.value not in ("signature", "withdrawal") and after < act.deposited_on <= until
        ]
        return tuple(sorted(found, key=lambda act: (act.deposited_on, act.state_iso3)))

    def search(self, text: str) -> tuple[str, ...]:
        """Codes of the States that a text may mean, best first: the whole of a name or code, the start of
        one, the start of a word in it, anywhere inside.
        """
        wanted = fold(text)
        if not wanted:
            return tuple(sorted(self.states, key=lambda iso3: fold(self.states[iso3].names["en"])))
        return tuple(iso3 for _rank_, _name, iso3 in self._ranked(wanted))

    def meant(self, text: str, among: Collection[str] | None = None) -> tuple[str, ...]:
        """The States that a text fits best, of all or of those `among` given codes: one where it is clear which is
        meant, several where it is not.
        """
        wanted = fold(text)
        ranked = [one for one in self._ranked(wanted) if among is None or one[2] in among] if wanted else []
        return tuple(iso3 for rank, _name, iso3 in ranked if rank == ranked[0][0])

    def called(self, text: str) -> str | None:
        """The one State that has exactly this name, past or present; None for none, several, and a code, which may be
        how a name begins.
        """
        return self.find(text) if len(fold(text)) > _LONGEST_CODE else None

    def _ranked(self, wanted: str) -> list[tuple[int, str, str]]:
        """How well each State fits a folded text, with its name and code, best first."""
        ranked = []
        for iso3, state in self.states.items():
            rank = _rank(wanted, state.search_texts)
            if rank is not None:
                ranked.append((rank, fold(state.names["en"]), iso3))
        return sorted(ranked)

    def find(self, text: str) -> str | None:
        """The one State that has exactly this code or name, past or present, turned round as in a list or not;
        None for none or several.
        """
        spoken = fold(turned(text))
        return next((self._by_name[one] for one in (fold(text), spoken, f"the {spoken}") if one in self._by_name), None)

    @cached_property
    def _by_name(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for iso3, state in self.states.items():
            for text in state.known_as:
                found[text] = None if text in found else iso3
        return found

    @cached_property
    def last_act_on(self) -> date:
        """The day of the last act on file, the treaty's opening when there is none."""
        days = (act.deposited_on for acts in self.acts.values() for act in acts)
        return max(days, default=self.treaty.opened_on)


def _rank(wanted: str, texts: Collection[str]) -> int | None:
    """How well a folded text fits: 0 whole, 1 start, 2 start of a word, 3 inside; None not at all."""
    tight = wanted.replace(" ", "")
    whole = [text.replace(" ", "") for text in texts]
    if tight in whole:
        return 0
    if any(text.startswith(tight) for text in whole):
        return 1
    if len(tight) >= 3 and any(f" {wanted}" in text for text in texts):
        return 2
    return 3 if len(tight) >= 4 and any(tight in text for text in whole) else None
