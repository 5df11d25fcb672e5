"""From facts to a finished letter, or to the reasons why there is none. Pure."""

from __future__ import annotations

from dataclasses import replace

from crm.letters import text
from crm.letters.content import Head, LetterContent, Paragraph, Signature
from crm.letters.facts import Addressee, ByLanguage, LetterFacts, Meeting, ReadyFacts, Signer, StateNames
from crm.letters.language import Wording
from crm.letters.rules import Blocked, Place, Reason, Verb, reasons_against, verb_for
from crm.letters.wording import languages


def compose(facts: LetterFacts, language: str) -> LetterContent | Blocked:
    """The letter of these facts in one language. The presidency signs first.

    Never raises for what people typed: text that cannot be printed is a reason like any other. Raises
    KeyError for a language letters are not written in.
    """
    wording = languages()[language]
    if not wording.ready:
        return Blocked((_needs_review(wording),))
    verb = verb_for(facts.state.status)
    if verb is None:
        return Blocked(reasons_against(facts, language))
    try:
        facts = _tidy(facts)
        if reasons := reasons_against(facts, language):
            return Blocked(reasons)
        content = _write(facts.ready(), wording, verb)
        _check(content)
    except _BadText as problem:
        return Blocked((problem.reason,))
    return content


def _check(content: LetterContent) -> None:
    """The whole letter once more, joined as it will be printed."""
    try:
        texts = [value for _place, value in content.texts()]
        for value in texts:
            text.check(value)
        if sum(map(len, texts)) > text.LONGEST_LETTER:
            raise text.Unprintable(f"it is longer than {text.LONGEST_LETTER:,} characters")
    except text.Unprintable as problem:
        sentence = f"The letter cannot be printed: {problem}. Shorten or correct the names in it."
        raise _BadText(Reason("text_unprintable", sentence, Place.LETTER)) from None


def _needs_review(wording: Wording) -> Reason:
    return Reason(
        "language_not_ready",
        f"The {wording.label} text has not been approved by a native reader. Record the review or choose "
        "another language.",
        Place.CAMPAIGN,
    )


def _write(facts: ReadyFacts, wording: Wording, verb: Verb) -> LetterContent:
    presidency, coordinator = facts.presidency, facts.coordinator
    code, polish = wording.code, wording.typography
    treaty = facts.treaty.names[code]
    cities = dict.fromkeys(wording.city(signer.capital) for signer in (presidency, coordinator) if signer.capital)
    paragraphs = tuple(Paragraph(one.key, polish(one.text)) for one in wording.paragraphs(facts, verb))
    return LetterContent(
        language=code,
        locale=wording.locale,
        iso3=facts.state.iso3,
        verb=verb.value,
        letter_date=facts.letter_date,
        as_of=facts.figures.as_of,
        document_title=polish(f"{wording.subject(facts)} – {facts.state.names.short[code]}"),
        draft_mark=wording.labels.draft,
        treaty=polish(treaty),
        heads=(_head(presidency, facts, wording), _head(coordinator, facts, wording)),
        reference_label=wording.labels.reference,
        reference=facts.reference,
        place_and_date=polish(", ".join(filter(None, (" / ".join(cities), wording.date(facts.letter_date))))),
        inside_address=tuple(polish(line) for line in _inside_address(facts, wording)),
        subject=polish(wording.subject(facts)),
        salutation=polish(wording.appeal(facts.addressee)) + ",",
        paragraphs=paragraphs,
        close=polish(wording.close(facts.addressee)),
        signatures=(_signature(presidency, facts, wording), _signature(coordinator, facts, wording)),
        footer=polish(wording.figures_note(facts)),
        page_words=(wording.labels.page, wording.labels.of),
    )


def _inside_address(facts: ReadyFacts, wording: Wording) -> list[str]:
    lines = [
        wording.name_line(facts.addressee),
        wording.title_line(facts.addressee),
        wording.bare(facts.state.names),
        wording.city(facts.state.capital),
    ]
    return [one for one in lines if one]


def _head(signer: Signer, facts: ReadyFacts, wording: Wording) -> Head:
    polish = wording.typography
    return Head(polish(wording.bare(signer.names)), polish(wording.capacity(signer, facts)))


def _signature(signer: Signer, facts: ReadyFacts, wording: Wording) -> Signature:
    polish = wording.typography
    return Signature(
        name=polish(signer.person),
        title=polish(signer.person_titles.get(wording.code, "") if signer.person else ""),
        capacity=polish(wording.capacity(signer, facts)),
        on_behalf=polish(wording.on_behalf(signer)),
    )


class _BadText(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.sentence)
        self.reason = reason


def _line(value: str, what: str, place: Place) -> str:
    try:
        return text.line(value)
    except text.Unprintable as problem:
        sentence = f"{what} cannot be printed: {problem}. Correct it."
        raise _BadText(Reason("text_unprintable", sentence, place)) from None


def _lines(values: ByLanguage, what: str, place: Place) -> dict[str, str]:
    return {language: _line(value, what, place) for language, value in values.items()}


def _names(names: StateNames, what: str) -> StateNames:
    return StateNames(
        short=_lines(names.short, f"The name of {what}", Place.STATE),
        formal=_lines(names.formal, f"The formal name of {what}", Place.STATE),
    )


def _tidy(facts: LetterFacts) -> LetterFacts:
    """The same facts with every typed text checked and tidied; raises _BadText with the reason."""
    state = replace(
        facts.state,
        names=_names(facts.state.names, "the State addressed"),
        capital=_line(facts.state.capital, "The capital of the State addressed", Place.STATE),
    )
    return replace(
        facts,
        state=state,
        addressee=_tidy_addressee(facts.addressee),
        presidency=_tidy_signer(facts.presidency, Place.PRESIDENCY),
        coordinator=_tidy_signer(facts.coordinator, Place.COORDINATOR),
        meeting=_tidy_meeting(facts.meeting),
        reference=_line(facts.reference, "The reference", Place.CAMPAIGN),
        occasion=_lines(facts.occasion, "The occasion", Place.CAMPAIGN),
        contact=_line(facts.contact, "The contact", Place.CAMPAIGN),
    )


def _tidy_addressee(holder: Addressee | None) -> Addressee | None:
    if holder is None:
        return None
    return replace(
        holder,
        name=_line(holder.name, "The name of the office-holder", Place.HOLDER),
        honorific=_line(holder.honorific, "The honorific of the office-holder", Place.HOLDER),
        titles=_lines(holder.titles, "The title of the office", Place.HOLDER),
        salutations=_lines(holder.salutations, "The form of address", Place.HOLDER),
    )


def _tidy_signer(signer: Signer | None, place: Place) -> Signer | None:
    if signer is None:
        return None
    return replace(
        signer,
        names=_names(signer.names, "a signing State"),
        person=_line(signer.person, "The name of a signatory", place),
        person_titles=_lines(signer.person_titles, "The title of a signatory", place),
        capacity_titles=_lines(signer.capacity_titles, "The capacity of a signatory", place),
        capital=_line(signer.capital, "The capital of a signing State", Place.STATE),
    )


def _tidy_meeting(meeting: Meeting | None) -> Meeting | None:
    if meeting is None:
        return None
    return replace(
        meeting,
        names=_lines(meeting.names, "The name of the meeting", Place.MEETING),
        city=_line(meeting.city, "The place of the meeting", Place.MEETING),
    )
