"""What may be asked of a State, and what keeps a letter back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from crm.letters.compose import compose
from crm.letters.content import LetterContent
from crm.letters.facts import Addressee
from crm.letters.rules import Blocked, Place, Verb, verb_for
from crm.letters.wording import languages
from crm.people.rules import Gender
from crm.states.rules import Status
from tests.letters import samples

VERBS = {
    Status.SIGNATORY: Verb.RATIFY,
    Status.NON_SIGNATORY: Verb.ACCEDE,
    Status.STATE_PARTY: None,
    Status.WITHDRAWN: None,
}


@pytest.mark.parametrize("status", Status)
def test_the_verb_follows_the_status(status: Status) -> None:
    assert verb_for(status) is VERBS[status]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("state", [samples.STATE, samples.SIGNATORY])
def test_no_letter_asks_anybody_to_sign(language: str, state: Any) -> None:
    body = " ".join(one.text for one in samples.letter(language, state=state).paragraphs).lower()
    for asked in ("to sign", "invite you to sign", "à signer", "de signer", "signez"):
        assert asked not in body


@pytest.mark.parametrize(
    ("language", "state", "said", "unsaid"),
    [
        ("en", samples.STATE, "to accede to the Convention", "ratify the Convention"),
        ("en", samples.SIGNATORY, "to ratify the Convention", "accede to the Convention"),
        ("fr", samples.STATE, "à adhérer à cette Convention", "à ratifier"),
        ("fr", samples.SIGNATORY, "à ratifier cette Convention", "adhérer"),
    ],
)
def test_the_letter_asks_for_what_the_status_allows(language: str, state: Any, said: str, unsaid: str) -> None:
    first = samples.letter(language, state=state).paragraphs[0].text
    assert said in first
    assert unsaid not in first


def reasons(language: str = "en", **changes: Any) -> dict[str, tuple[str, Place]]:
    found = compose(samples.facts(**changes), language)
    assert isinstance(found, Blocked), "a letter where none may be"
    assert found.reasons
    return {one.code: (one.sentence, one.place) for one in found.reasons}


def party(**changes: Any) -> Any:
    return replace(samples.STATE, status=Status.STATE_PARTY, **changes)


UNNAMED = replace(samples.BHUTAN, formal={"en": "the Kingdom of Bhutan", "fr": ""})
TABLE = [
    (
        {"state": replace(samples.STATE, status=Status.WITHDRAWN)},
        "en",
        "withdrawn",
        Place.LEGAL,
        "legal review",
    ),
    ({"state": party(in_force_on=date(2011, 3, 1))}, "en", "state_party", Place.LEGAL, "is a State Party"),
    ({"state": party(in_force_on=date(2011, 9, 1))}, "en", "state_party", Place.LEGAL, "congratulations"),
    ({"letter_date": date(2010, 7, 31)}, "en", "not_in_force", Place.CAMPAIGN, "31 July 2010"),
    ({"addressee": None}, "en", "no_holder", Place.HOLDER, "Foreign Minister of Bhutan on 1 June 2011"),
    (
        {"addressee": replace(samples.ADDRESSEE, gender=Gender.UNKNOWN)},
        "en",
        "gender_unknown",
        Place.HOLDER,
        "Fill in the gender of this office-holder",
    ),
    (
        {"addressee": replace(samples.ADDRESSEE, titles={"en": "Minister"})},
        "fr",
        "title_missing",
        Place.HOLDER,
        "(fr)",
    ),
    ({"presidency": None}, "en", "no_president_designate", Place.PRESIDENCY, "1 June 2011"),
    ({"coordinator": None}, "en", "no_coordinator", Place.COORDINATOR, "1 June 2011"),
    ({"meeting": None}, "en", "meeting_name_missing", Place.MEETING, "meeting"),
    (
        {"presidency": replace(samples.PRESIDENCY, person_titles={"en": "Ambassador"})},
        "fr",
        "signer_title_missing",
        Place.PRESIDENCY,
        "Leila Example",
    ),
    (
        {"state": replace(samples.STATE, names=UNNAMED)},
        "fr",
        "state_name_missing",
        Place.STATE,
        "the State addressed",
    ),
    (
        {"occasion": {"en": "the First Committee", "fr": ""}},
        "fr",
        "occasion_missing",
        Place.CAMPAIGN,
        "Fill it in or clear it",
    ),
    (
        {"addressee": replace(samples.ADDRESSEE, name="Bell\u0007")},
        "en",
        "text_unprintable",
        Place.HOLDER,
        "U+0007",
    ),
]


@pytest.mark.parametrize(("changes", "language", "code", "place", "words"), TABLE)
def test_what_is_missing_blocks_and_says_what_to_do(
    changes: dict[str, Any], language: str, code: str, place: Place, words: str
) -> None:
    sentence, where = reasons(language, **changes)[code]
    assert where is place
    assert words in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize("language", languages())
def test_gender_is_never_assumed_in_any_language(language: str) -> None:
    unknown = replace(samples.ADDRESSEE, gender=Gender.UNKNOWN, honorific="Dr")
    assert "gender_unknown" in reasons(language, addressee=unknown)


def test_all_that_is_missing_is_said_at_once() -> None:
    found = reasons("fr", addressee=Addressee("Sonam Example", {}), presidency=None, coordinator=None)
    assert {"gender_unknown", "title_missing", "no_president_designate", "no_coordinator"} <= set(found)


def test_the_legal_reason_stands_alone() -> None:
    withdrawn = replace(samples.STATE, status=Status.WITHDRAWN)
    assert set(reasons(state=withdrawn, addressee=None, presidency=None)) == {"withdrawn"}


def test_nothing_but_a_letter_when_everything_is_known() -> None:
    assert isinstance(compose(samples.FACTS, "fr"), LetterContent)


def test_a_signatory_without_a_person_leaves_the_line_open() -> None:
    signature = samples.letter("en").signatures[1]
    assert (signature.name, signature.title) == ("", "")
    assert signature.on_behalf == "For Japan"
