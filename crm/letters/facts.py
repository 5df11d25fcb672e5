"""What a letter is made from: plain values that know nothing of tables, languages or layout.

Texts that depend on the language are mappings from a language code ("en", "fr") to the text. Everything
is as it stood on the letter's date; whoever gathers the facts answers for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from crm.people.rules import Gender, OfficeKind
from crm.states.rules import Status

ByLanguage = Mapping[str, str]


class Capacity(StrEnum):
    """In which capacity a government signs."""

    PRESIDENT_DESIGNATE = "president_designate"
    PRESIDENT = "president"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class StateNames:
    """Names of one State on one day: `short` "Bhutan", `formal` with its article "the Kingdom of Bhutan"."""

    short: ByLanguage
    formal: ByLanguage


@dataclass(frozen=True, slots=True)
class TreatyFacts:
    """The treaty. `names` are its full names; cities are spelled in English."""

    code: str
    names: ByLanguage
    adopted_on: date
    adopted_in: str
    opened_on: date
    opened_in: str
    in_force_on: date


@dataclass(frozen=True, slots=True)
class AddressedState:
    """The State written to and its own acts; `un_group` as in the register."""

    iso3: str
    names: StateNames
    capital: str
    status: Status
    un_group: str = ""
    signed_on: date | None = None
    deposited_on: date | None = None
    in_force_on: date | None = None
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """The holder of the office on the letter's date. `honorific` (Dr, Sheikh) takes the place of Mr/Ms."""

    name: str
    titles: ByLanguage
    gender: Gender = Gender.UNKNOWN
    office: OfficeKind = OfficeKind.FOREIGN_MINISTER
    honorific: str = ""
    acting: bool = False
    salutations: ByLanguage = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signer:
    """One of the two governments that sign. `person` may be blank: the signature line is then left open."""

    capacity: Capacity
    names: StateNames
    capital: str
    person: str = ""
    person_titles: ByLanguage = field(default_factory=dict)
    gender: Gender = Gender.UNKNOWN
    capacity_titles: ByLanguage = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meeting:
    """The meeting the invitation is for. `names` stand without article and without the treaty's name.

    `precision` says how much of `starts_on` is known: day, month or year.
    """

    names: ByLanguage
    review_conference: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    precision: str = "day"
    city: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many States stand where on `as_of`. States Parties count from the deposit of their instrument."""

    as_of: date
    states_parties: int
    signatories: int
    group_states_parties: int = 0


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """All that one letter is made from."""

    letter_date: date
    reference: str
    treaty: TreatyFacts
    state: AddressedState
    addressee: Addressee | None
    presidency: Signer | None
    coordinator: Signer | None
    meeting: Meeting | None
    figures: Figures
    occasion: ByLanguage = field(default_factory=dict)
    contact: str = ""

    def ready(self) -> ReadyFacts:
        """The same facts once nothing is missing; raises ValueError while something is."""
        if not (self.addressee and self.presidency and self.coordinator and self.meeting):
            raise ValueError("these facts do not make a letter yet")
        return ReadyFacts(
            letter_date=self.letter_date,
            reference=self.reference,
            treaty=self.treaty,
            state=self.state,
            addressee=self.addressee,
            presidency=self.presidency,
            coordinator=self.coordinator,
            meeting=self.meeting,
            figures=self.figures,
            occasion=self.occasion,
            contact=self.contact,
        )


@dataclass(frozen=True, slots=True)
class ReadyFacts:
    """The facts of a letter that can be written: nobody is missing."""

    letter_date: date
    reference: str
    treaty: TreatyFacts
    state: AddressedState
    addressee: Addressee
    presidency: Signer
    coordinator: Signer
    meeting: Meeting
    figures: Figures
    occasion: ByLanguage
    contact: str
