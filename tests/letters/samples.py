"""Facts of a letter as they might be gathered, to be changed one by one in tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from crm.letters.compose import compose
from crm.letters.content import LetterContent
from crm.letters.facts import (
    AddressedState,
    Addressee,
    Capacity,
    Figures,
    LetterFacts,
    Meeting,
    Signer,
    StateNames,
    TreatyFacts,
)
from crm.people.rules import Gender
from crm.states.rules import Status

BHUTAN = StateNames({"en": "Bhutan", "fr": "Bhoutan"}, {"en": "the Kingdom of Bhutan", "fr": "le Royaume du Bhoutan"})
LEBANON = StateNames({"en": "Lebanon", "fr": "Liban"}, {"en": "the Lebanese Republic", "fr": "la République libanaise"})
JAPAN = StateNames({"en": "Japan", "fr": "Japon"}, {"en": "Japan", "fr": "le Japon"})

TREATY = TreatyFacts(
    code="ccm",
    names={"en": "Convention on Cluster Munitions", "fr": "Convention sur les armes à sous-munitions"},
    adopted_on=date(2008, 5, 30),
    adopted_in="Dublin",
    opened_on=date(2008, 12, 3),
    opened_in="Oslo",
    in_force_on=date(2010, 8, 1),
)
STATE = AddressedState("BTN", BHUTAN, "Thimphu", Status.NON_SIGNATORY, un_group="Asia-Pacific")
ADDRESSEE = Addressee(
    name="Sonam Example",
    titles={"en": "Minister for Foreign Affairs", "fr": "Ministre des Affaires étrangères"},
    gender=Gender.MALE,
)
PRESIDENCY = Signer(
    capacity=Capacity.PRESIDENT_DESIGNATE,
    names=LEBANON,
    capital="Beirut",
    person="Leila Example",
    person_titles={"en": "Ambassador", "fr": "Ambassadrice"},
    gender=Gender.FEMALE,
)
COORDINATOR = Signer(
    capacity=Capacity.COORDINATOR,
    names=JAPAN,
    capital="Tokyo",
    capacity_titles={
        "en": "Friend of the President on Universalization",
        "fr": "Ami du Président pour l’universalisation",
    },
)
MEETING = Meeting(
    names={"en": "Second Meeting of States Parties", "fr": "Deuxième Assemblée des États parties"},
    starts_on=date(2011, 9, 12),
    ends_on=date(2011, 9, 16),
    city="Beirut",
)
FACTS = LetterFacts(
    letter_date=date(2011, 6, 1),
    reference="CCM/UNIV/2011/L-007",
    treaty=TREATY,
    state=STATE,
    addressee=ADDRESSEE,
    presidency=PRESIDENCY,
    coordinator=COORDINATOR,
    meeting=MEETING,
    figures=Figures(date(2011, 6, 1), states_parties=57, signatories=51, group_states_parties=4),
)
SIGNATORY = replace(STATE, status=Status.SIGNATORY, signed_on=date(2008, 12, 3))


def facts(**changes: Any) -> LetterFacts:
    """The facts above with some of them replaced."""
    return replace(FACTS, **changes)


def letter(language: str = "en", **changes: Any) -> LetterContent:
    """The finished letter of these facts."""
    found = compose(facts(**changes), language)
    assert isinstance(found, LetterContent), found
    return found


def flat(text: str) -> str:
    """Text with every run of white space, hard spaces included, as one space."""
    return " ".join(text.split())
