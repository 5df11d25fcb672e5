"""The letter of encouragement in English."""

from __future__ import annotations

from datetime import date

from crm.letters.content import Paragraph
from crm.letters.facts import Addressee, Capacity, Meeting, ReadyFacts, Signer, StateNames
from crm.letters.grammar import english as en
from crm.letters.language import Labels, Wording
from crm.letters.rules import Verb
from crm.people.rules import Gender

_CAPACITIES = {
    Capacity.PRESIDENT_DESIGNATE: "President Designate",
    Capacity.PRESIDENT: "President",
    Capacity.COORDINATOR: "Coordinator on Universalization",
}
_GROUPS = {
    "Africa": "the African Group",
    "Asia-Pacific": "the Asia-Pacific Group",
    "Eastern Europe": "the Eastern European Group",
    "GRULAC": "the Latin American and Caribbean Group",
    "WEOG": "the Western European and Others Group",
}


class English(Wording):
    """English, with British spelling and the -ize of United Nations documents."""

    code = "en"
    locale = "en-GB"
    label = "English"
    labels = Labels(draft="Draft", reference="Reference", page="Page", of="of")

    def date(self, day: date) -> str:
        return en.day(day)

    def city(self, name: str) -> str:
        return name

    def bare(self, names: StateNames) -> str:
        return en.bare(names.formal["en"])

    def appeal(self, addressee: Addressee) -> str:
        return addressee.salutations.get("en") or "Excellency"

    def name_line(self, addressee: Addressee) -> str:
        courtesy = addressee.honorific or ("Ms." if addressee.gender is Gender.FEMALE else "Mr.")
        return f"H.E. {courtesy} {addressee.name}"

    def title_line(self, addressee: Addressee) -> str:
        title = addressee.titles["en"]
        return f"Acting {title}" if addressee.acting and not title.startswith("Acting") else title

    def capacity(self, signer: Signer, facts: ReadyFacts) -> str:
        title = signer.capacity_titles.get("en") or _CAPACITIES[signer.capacity]
        if signer.capacity is Capacity.COORDINATOR:
            return title
        return f"{title} of {_the_meeting(facts.meeting)}"

    def on_behalf(self, signer: Signer) -> str:
        return f"For {signer.names.formal['en']}"

    def subject(self, facts: ReadyFacts) -> str:
        return f"Universalization of the {facts.treaty.names['en']}"

    def close(self, addressee: Addressee) -> str:
        return f"Please accept, {self.appeal(addressee)}, the assurances of our highest consideration."

    def figures_note(self, facts: ReadyFacts) -> str:
        return (
            f"Figures as of {en.day(facts.figures.as_of)}. States Parties are counted from the deposit of their "
            "instrument with the Secretary-General of the United Nations."
        )

    def typography(self, text: str) -> str:
        return text.replace("'", "’")

    def paragraphs(self, facts: ReadyFacts, verb: Verb) -> tuple[Paragraph, ...]:
        return (
            Paragraph("occasion", _occasion(facts, verb, self)),
            Paragraph("treaty", _treaty(facts)),
            Paragraph("case", _CASE),
            Paragraph("joining", _joining(facts, verb)),
            Paragraph("offer", _offer(verb)),
            Paragraph("invitation", _invitation(facts)),
            Paragraph("contact", _contact(facts)),
        )


_CASE = (
    "Cluster munitions scatter explosive submunitions over wide areas. Many fail to explode as intended and lie in "
    "fields, on paths and beside homes, where they kill and maim long after the fighting has ended. Those they "
    "strike are overwhelmingly civilians, and very often children. The Convention meets this harm with a complete "
    "prohibition and with lasting undertakings to destroy stocks, to clear the land and to assist victims, their "
    "families and their communities."
)


def _the_meeting(meeting: Meeting) -> str:
    return f"the {meeting.names['en']}"


def _state(signer: Signer) -> str:
    return en.running(signer.names.short["en"], signer.names.formal["en"])


def _occasion(facts: ReadyFacts, verb: Verb, wording: Wording) -> str:
    presidency, coordinator = facts.presidency, facts.coordinator
    treaty = facts.treaty.names["en"]
    who = (
        f"on behalf of {_state(presidency)}, {wording.capacity(presidency, facts)} to the {treaty}, "
        f"and of {_state(coordinator)}, {wording.capacity(coordinator, facts)}"
    )
    if facts.meeting.review_conference:
        who = who.replace(f" to the {treaty}", f" of the {treaty}")
    occasion = facts.occasion.get("en", "")
    opening = f"On the occasion of {occasion}, and {who}" if occasion else en.sentence(who)
    asked = "ratify" if verb is Verb.RATIFY else "accede to"
    return f"{opening}, we have the honour to invite {facts.state.names.formal['en']} to {asked} the Convention."


def _treaty(facts: ReadyFacts) -> str:
    treaty, figures = facts.treaty, facts.figures
    parties, signed = figures.states_parties, figures.signatories
    joined = f"{en.count(parties, 'State has', 'States have')} deposited an instrument of ratification, "
    joined += "acceptance, approval or accession"
    if signed:
        further = en.count(signed, "further State has", "further States have")
        joined += f", and {further} signed and {'is' if signed == 1 else 'are'} yet to ratify"
    return (
        f"The Convention was adopted in {treaty.adopted_in} on {en.day(treaty.adopted_on)}, opened for signature in "
        f"{treaty.opened_in} on {en.day(treaty.opened_on)} and entered into force on {en.day(treaty.in_force_on)}. "
        f"As of {en.day(figures.as_of)}, {joined}.{_neighbours(facts)} By Article 21, paragraph 1, each State Party "
        "has undertaken to encourage others to join, so that one day all States may be bound by it. It is in this "
        "spirit that we write."
    )


def _neighbours(facts: ReadyFacts) -> str:
    group, number = _GROUPS.get(facts.state.un_group), facts.figures.group_states_parties
    if not group or not number:
        return ""
    members = en.count(number, "member", "members")
    return f" Among the States Parties {'is' if number == 1 else 'are'} {members} of {group}."


def _joining(facts: ReadyFacts, verb: Verb) -> str:
    state = facts.state
    if verb is Verb.RATIFY:
        signed = f" on {en.day(state.signed_on)}" if state.signed_on else ""
        opening = (
            f"By signing{signed}, your country made its commitment to this aim known. What remains is a single "
            "instrument of ratification, acceptance or approval, deposited with the Secretary-General of the United "
            "Nations, the depositary."
        )
    else:
        opening = (
            "Accession takes a single instrument, deposited with the Secretary-General of the United Nations, the "
            "depositary; no earlier step is needed."
        )
    return (
        f"{opening} The Convention enters into force for the State on the first day of the sixth month after the "
        "deposit. An initial report under Article 7 is due within 180 days of that date, and an update each year by "
        "30 April. Stocks, where there are any, are to be destroyed within eight years and contaminated areas cleared "
        "within ten. Article 6 entitles every State Party to seek and receive assistance. No reservations may be made."
    )


def _offer(verb: Verb) -> str:
    step = "ratification" if verb is Verb.RATIFY else "accession"
    return (
        f"We would gladly help at every step: with a model instrument of {step}, with the experience of States that "
        "have completed the procedure, and with advice on legislation, reporting and cost. Should anything stand in "
        "the way, we would value the opportunity to discuss it with your authorities in confidence."
    )


def _invitation(facts: ReadyFacts) -> str:
    meeting = facts.meeting
    return (
        f"{en.sentence(_the_meeting(meeting))} {_held(meeting, facts.letter_date)}. States not party may attend as "
        f"observers, and we would be honoured to welcome a delegation of {facts.state.names.formal['en']}."
    )


def _held(meeting: Meeting, on: date) -> str:
    where = f" in {meeting.city}" if meeting.city else ""
    if not meeting.starts_on:
        return f"will be held{where}" if where else "is in preparation"
    if meeting.precision != "day":
        return f"will be held{where} {en.roughly(meeting.starts_on, meeting.precision)}"
    held = "is being held" if meeting.starts_on <= on else "will be held"
    return f"{held}{where} {en.span(meeting.starts_on, meeting.ends_on or meeting.starts_on)}"


def _contact(facts: ReadyFacts) -> str:
    presidency, coordinator = facts.presidency, facts.coordinator
    who = f"The permanent missions of {_state(presidency)} and {_state(coordinator)} to the United Nations in New "
    if _state(presidency) == _state(coordinator):
        who = f"The permanent missions of {_state(presidency)} to the United Nations in New "
    written = f"; letters and messages may be sent to {facts.contact}" if facts.contact else ""
    return f"{who}York and Geneva are at your authorities’ disposal{written}."


WORDING = English()
