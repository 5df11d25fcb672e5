"""The facts of one letter as they stood on its date, from the register, the offices and the meetings."""

from __future__ import annotations

from datetime import date

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
from crm.letters.models import Letter, LetterCampaign
from crm.letters.wording import languages
from crm.meetings.models import Meeting as MeetingRow
from crm.meetings.queries import Signatories, Signatory, signatories_on
from crm.meetings.rules import MeetingKind
from crm.people.queries import Holder, holder_on
from crm.people.rules import Gender, OfficeKind, is_excellency
from crm.states.queries import register
from crm.states.register import Register
from crm.states.rules import Status

ADDRESSED = OfficeKind.FOREIGN_MINISTER


def gather(letter: Letter, campaign: LetterCampaign) -> LetterFacts:
    """Everything a letter is made from, in a handful of statements. What is missing is None or blank."""
    known, on = register(campaign.treaty), campaign.letter_date
    signing = signatories_on(on)
    return LetterFacts(
        letter_date=on,
        reference=letter.reference,
        treaty=_treaty(known),
        state=_state(known, letter, on),
        addressee=_addressee(holder_on(letter.state_iso3, ADDRESSED, on)),
        presidency=_signer(known, signing.presidency, _capacity(signing), on),
        coordinator=_signer(known, signing.coordinator, Capacity.COORDINATOR, on),
        meeting=_meeting(signing.meeting) if signing.meeting else None,
        figures=_figures(known, letter.state_iso3, on),
        occasion=dict(campaign.occasion),
        contact=campaign.contact,
    )


def _treaty(known: Register) -> TreatyFacts:
    treaty = known.treaty
    return TreatyFacts(
        code=treaty.code,
        names=dict(treaty.names),
        adopted_on=treaty.adopted_on,
        adopted_in=treaty.adopted_in,
        opened_on=treaty.opened_on,
        opened_in=treaty.opened_in,
        in_force_on=treaty.in_force_on,
    )


def names_on(known: Register, iso3: str, on: date) -> StateNames:
    """A State's names on a day in every language letters are written in."""
    return StateNames(
        short={code: known.name(iso3, on, code) for code in languages()},
        formal={code: known.formal_name(iso3, on, code) for code in languages()},
    )


def _state(known: Register, letter: Letter, on: date) -> AddressedState:
    iso3, standing = letter.state_iso3, known.standing(letter.state_iso3, on)
    return AddressedState(
        iso3=iso3,
        names=names_on(known, iso3, on),
        capital=known.capital(iso3, on),
        status=standing.status if standing else Status(letter.status),
        un_group=known.state(iso3).un_group,
        signed_on=standing.signed_on if standing else None,
        deposited_on=standing.deposited_on if standing else None,
        in_force_on=standing.in_force_on if standing else None,
        withdrawn_on=standing.withdrawn_on if standing else None,
    )


def _addressee(holder: Holder | None) -> Addressee | None:
    if holder is None:
        return None
    return Addressee(
        name=holder.name,
        titles=dict(holder.titles),
        gender=holder.gender,
        office=holder.kind,
        honorific="" if is_excellency(holder.honorific) else holder.honorific,
        acting=holder.acting,
    )


def _capacity(signing: Signatories) -> Capacity:
    """Between two meetings the presidency is designate; while its meeting sits, it presides."""
    return Capacity((signing.presidency_capacity or Capacity.PRESIDENT_DESIGNATE).value)


def _signer(known: Register, found: Signatory | None, capacity: Capacity, on: date) -> Signer | None:
    if found is None:
        return None
    honorific = "" if is_excellency(found.honorific) else found.honorific
    return Signer(
        capacity=capacity,
        names=names_on(known, found.state_iso3, on),
        capital=known.capital(found.state_iso3, on),
        person=f"{honorific} {found.person}".strip() if found.person else "",
        person_titles=dict(found.titles),
        gender=Gender(found.gender.value),
        capacity_titles=dict(found.capacity_titles),
    )


def _meeting(row: MeetingRow) -> Meeting:
    return Meeting(
        names={"en": row.name_en, "fr": row.name_fr},
        review_conference=row.kind == MeetingKind.REVIEW_CONFERENCE,
        starts_on=row.from_on,
        ends_on=row.until_on,
        precision=row.precision,
        city=row.place,
    )


def _figures(known: Register, iso3: str, on: date) -> Figures:
    counts, group = known.counts(on), known.state(iso3).un_group
    members = [code for code, state in known.states.items() if state.un_group == group]
    return Figures(
        as_of=on,
        states_parties=counts.state_party,
        signatories=counts.signatory,
        group_states_parties=known.counts(on, among=members).state_party,
    )
