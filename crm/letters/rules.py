"""What may be asked of a State, and what must be known before a letter can be drafted. Pure.

The verb follows the State's status (articles 16 and 20 of the Convention): a signatory ratifies, accepts or
approves; a State that did not sign accedes; nobody is asked to sign, for signature closed on entry into
force. A State Party is never urged. A State that withdrew is a matter for the lawyers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from crm.letters.facts import Addressee, LetterFacts, Signer, StateNames
from crm.letters.grammar.english import day
from crm.people.rules import Gender
from crm.states.rules import Status


class Verb(StrEnum):
    """What a letter asks for."""

    RATIFY = "ratify"
    ACCEDE = "accede"


class Place(StrEnum):
    """Where what is missing gets filled in."""

    HOLDER = "holder"
    STATE = "state"
    PRESIDENCY = "presidency"
    COORDINATOR = "coordinator"
    MEETING = "meeting"
    CAMPAIGN = "campaign"
    LEGAL = "legal"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a letter cannot be drafted: a stable code, a sentence that says what to do, and where."""

    code: str
    sentence: str
    place: Place


@dataclass(frozen=True, slots=True)
class Blocked:
    """No letter, and why."""

    reasons: tuple[Reason, ...]


_VERBS = {Status.SIGNATORY: Verb.RATIFY, Status.NON_SIGNATORY: Verb.ACCEDE}


def verb_for(status: Status) -> Verb | None:
    """What a State of this status is asked to do; None when it is not to be asked."""
    return _VERBS.get(status)


def reasons_against(facts: LetterFacts, language: str) -> tuple[Reason, ...]:
    """Every reason why this letter cannot be drafted in this language, the legal ones first."""
    if legal := tuple(_legal(facts)):
        return legal
    return (
        *_addressee(facts, language),
        *_signers(facts, language),
        *_names(facts, language),
    )


def _legal(facts: LetterFacts) -> Iterable[Reason]:
    state = facts.state
    name = state.names.short.get("en", state.iso3)
    if facts.letter_date < facts.treaty.in_force_on:
        yield Reason(
            "not_in_force",
            f"The letter is dated {day(facts.letter_date)}, before the treaty entered into force on "
            f"{day(facts.treaty.in_force_on)}. Choose a later letter date for the campaign.",
            Place.CAMPAIGN,
        )
    if state.status is Status.WITHDRAWN:
        yield Reason(
            "withdrawn",
            f"{name} has withdrawn from the treaty. Ask for a legal review and write to it individually.",
            Place.LEGAL,
        )
    elif verb_for(state.status) is None:
        yield Reason("state_party", _joined(facts, name), Place.LEGAL)


def _joined(facts: LetterFacts, name: str) -> str:
    state = facts.state
    if state.in_force_on and state.in_force_on > facts.letter_date:
        return (
            f"{name} has deposited its instrument and will be bound from {day(state.in_force_on)}. "
            "Send congratulations; a letter of encouragement is not for a State that has joined."
        )
    return f"{name} is a State Party. A letter of encouragement is not for a State that has joined."


def _addressee(facts: LetterFacts, language: str) -> Iterable[Reason]:
    holder, state = facts.addressee, facts.state.names.short.get("en", facts.state.iso3)
    if holder is None:
        yield Reason(
            "no_holder",
            f"Nobody is recorded as Foreign Minister of {state} on {day(facts.letter_date)}. "
            "Record who holds the office on that day.",
            Place.HOLDER,
        )
        return
    if holder.gender is Gender.UNKNOWN:
        yield Reason("gender_unknown", _gender_sentence(holder, state), Place.HOLDER)
    if not holder.titles.get(language):
        yield Reason(
            "title_missing",
            f"The title of the office held by {holder.name} of {state} is missing in the letter’s language "
            f"({language}). Fill in the office title in that language.",
            Place.HOLDER,
        )


def _gender_sentence(holder: Addressee, state: str) -> str:
    return (
        f"Whether {holder.name} of {state} is to be addressed as a man or a woman is not recorded. "
        "Fill in the gender of this office-holder; it is never assumed."
    )


def _signers(facts: LetterFacts, language: str) -> Iterable[Reason]:
    on = day(facts.letter_date)
    if facts.presidency is None:
        yield Reason(
            "no_president_designate",
            f"No President Designate is recorded as in office on {on}. Record the presidency of the next "
            "meeting with its dates.",
            Place.PRESIDENCY,
        )
    elif facts.meeting is None or not facts.meeting.names.get(language):
        yield Reason(
            "meeting_name_missing",
            f"The name of the meeting presided over is missing in the letter’s language ({language}). Fill it in.",
            Place.MEETING,
        )
    if facts.coordinator is None:
        yield Reason(
            "no_coordinator",
            f"No coordinator is recorded as in office on {on}. Record the coordinating government with its dates.",
            Place.COORDINATOR,
        )
    for signer, place in ((facts.presidency, Place.PRESIDENCY), (facts.coordinator, Place.COORDINATOR)):
        if signer is not None and signer.person and not signer.person_titles.get(language):
            yield _untitled(signer, place, language)


def _untitled(signer: Signer, place: Place, language: str) -> Reason:
    return Reason(
        "signer_title_missing",
        f"The title of {signer.person}, who signs for {signer.names.short.get('en', 'a government')}, is "
        f"missing in the letter’s language ({language}). Fill it in.",
        place,
    )


def _names(facts: LetterFacts, language: str) -> Iterable[Reason]:
    named: list[tuple[str, StateNames]] = [("the State addressed", facts.state.names)]
    named += [
        (f"the {role}", signer.names)
        for role, signer in (("presidency", facts.presidency), ("coordinator", facts.coordinator))
        if signer is not None
    ]
    for what, names in named:
        if not (names.formal.get(language) and names.short.get(language)):
            yield Reason(
                "state_name_missing",
                f"The name of {what} is missing in the letter’s language ({language}). Fill in the State’s names.",
                Place.STATE,
            )
    if not facts.treaty.names.get(language):
        yield Reason(
            "treaty_name_missing",
            f"The treaty has no name in the letter’s language ({language}).",
            Place.CAMPAIGN,
        )
    if facts.occasion and any(facts.occasion.values()) and not facts.occasion.get(language):
        yield Reason(
            "occasion_missing",
            f"The campaign names an occasion, but not in the letter’s language ({language}). Fill it in or clear it.",
            Place.CAMPAIGN,
        )
