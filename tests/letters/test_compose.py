"""What stands in a letter, word by word where it matters."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.letters import text
from crm.letters.compose import compose
from crm.letters.content import LetterContent
from crm.letters.facts import Capacity, Figures, Meeting
from crm.letters.language import Wording
from crm.letters.rules import Blocked
from crm.letters.wording import languages
from crm.people.rules import Gender, OfficeKind
from tests.letters import samples
from tests.letters.samples import flat


def test_the_letter_of_june_2011_in_english() -> None:
    letter = samples.letter("en")
    assert letter.inside_address == (
        "H.E. Mr. Sonam Example",
        "Minister for Foreign Affairs",
        "Kingdom of Bhutan",
        "Thimphu",
    )
    assert letter.salutation == "Excellency,"
    assert letter.place_and_date == "Beirut / Tokyo, 1 June 2011"
    assert letter.close == "Please accept, Excellency, the assurances of our highest consideration."
    body = letter.plain()
    for said in (
        "On behalf of Lebanon, President Designate of the Second Meeting of States Parties to the Convention",
        "and of Japan, Friend of the President on Universalization, we have the honour to invite",
        "adopted in Dublin on 30 May 2008",
        "entered into force on 1 August 2010",
        "As of 1 June 2011, 57 States have deposited",
        "51 further States have signed and are yet to ratify",
        "four members of the Asia-Pacific Group",
        "Article 21, paragraph 1",
        "first day of the sixth month after the deposit",
        "within 180 days",
        "by 30 April",
        "within eight years",
        "within ten",
        "Article 6 entitles every State Party to seek and receive assistance",
        "No reservations may be made.",
        "Secretary-General of the United Nations",
        "will be held in Beirut from 12 to 16 September 2011",
        "delegation of the Kingdom of Bhutan",
        "The permanent missions of Lebanon and Japan",
    ):
        assert said in body


def test_the_letter_of_june_2011_in_french() -> None:
    letter = samples.letter("fr")
    assert letter.inside_address == (
        "Son Excellence Monsieur Sonam Example",
        "Ministre des Affaires étrangères",
        "Royaume du Bhoutan",
        "Thimphou",
    )
    assert letter.salutation == "Monsieur le Ministre,"
    assert flat(letter.place_and_date) == "Beyrouth / Tokyo, 1er juin 2011"
    assert flat(letter.close) == (
        "Veuillez agréer, Monsieur le Ministre, les assurances de notre très haute considération."
    )
    body = flat(letter.plain())
    for said in (
        "Au nom du Liban, qui assure la présidence désignée de la deuxième Assemblée des États parties à la",
        "et du Japon, en qualité d’Ami du Président pour l’universalisation",
        "inviter le Royaume du Bhoutan à adhérer",
        "Adoptée à Dublin le 30 mai 2008",
        "entrée en vigueur le 1er août 2010",
        "Au 1er juin 2011, 57 États ont déposé leur instrument",
        "51 autres l’ont signée sans l’avoir encore ratifiée",
        "quatre membres du Groupe des États d’Asie et du Pacifique",
        "paragraphe 1 de l’article 21",
        "premier jour du sixième mois qui suit le dépôt",
        "dans les 180 jours",
        "au plus tard le 30 avril",
        "huit ans",
        "dix ans",
        "L’article 6 ouvre à chaque État partie",
        "Aucune réserve n’est admise.",
        "à Beyrouth du 12 au 16 septembre 2011",
        "une délégation du Royaume du Bhoutan",
        "missions permanentes du Liban et du Japon",
    ):
        assert said in body
    assert "'" not in body


def test_the_presidency_signs_first() -> None:
    left, right = samples.letter("en").signatures
    assert left.name == "Leila Example"
    assert left.capacity == "President Designate of the Second Meeting of States Parties"
    assert left.on_behalf == "For the Lebanese Republic"
    assert right.capacity == "Friend of the President on Universalization"


@pytest.mark.parametrize(
    ("gender", "named", "capacity"),
    [
        (Gender.FEMALE, True, "Présidente désignée"),
        (Gender.MALE, True, "Président désigné"),
        (Gender.UNKNOWN, True, "Présidence désignée"),
        (Gender.MALE, False, "Présidence désignée"),
    ],
)
def test_the_french_capacity_agrees_with_the_person(gender: Gender, named: bool, capacity: str) -> None:
    presidency = replace(samples.PRESIDENCY, gender=gender, person="Leila Example" if named else "")
    found = samples.letter("fr", presidency=presidency).signatures[0].capacity
    assert found == f"{capacity} de la deuxième Assemblée des États parties"


APPEALS = [
    (OfficeKind.FOREIGN_MINISTER, Gender.MALE, "Monsieur le Ministre"),
    (OfficeKind.FOREIGN_MINISTER, Gender.FEMALE, "Madame la Ministre"),
    (OfficeKind.HEAD_OF_STATE, Gender.MALE, "Monsieur le Président"),
    (OfficeKind.HEAD_OF_STATE, Gender.FEMALE, "Madame la Présidente"),
    (OfficeKind.HEAD_OF_GOVERNMENT, Gender.FEMALE, "Madame la Première Ministre"),
    (OfficeKind.PERMANENT_REPRESENTATIVE, Gender.MALE, "Monsieur l’Ambassadeur"),
    (OfficeKind.PERMANENT_REPRESENTATIVE, Gender.FEMALE, "Madame l’Ambassadrice"),
]


@pytest.mark.parametrize(("office", "gender", "appeal"), APPEALS)
def test_the_french_form_of_address(office: OfficeKind, gender: Gender, appeal: str) -> None:
    addressee = replace(samples.ADDRESSEE, office=office, gender=gender)
    letter = samples.letter("fr", addressee=addressee)
    assert letter.salutation == f"{appeal},"
    assert f"Veuillez agréer, {appeal}, les assurances" in letter.close
    assert samples.letter("en", addressee=addressee).salutation == "Excellency,"


@pytest.mark.parametrize(
    ("title", "gender", "appeal"),
    [
        ("Secrétaire d'État", Gender.MALE, "Monsieur le Secrétaire d’État"),
        ("Conseillère fédérale, cheffe du Département", Gender.FEMALE, "Madame la Conseillère fédérale"),
        ("Vice-Premier ministre et Ministre", Gender.MALE, "Monsieur le Vice-Premier Ministre"),
        ("Ministre d'État aux Affaires étrangères", Gender.FEMALE, "Madame la Ministre d’État"),
        ("Ministre des Relations extérieures", Gender.MALE, "Monsieur le Ministre"),
    ],
)
def test_a_minister_of_another_title_is_addressed_by_it(title: str, gender: Gender, appeal: str) -> None:
    addressee = replace(samples.ADDRESSEE, titles={"fr": title}, gender=gender)
    assert samples.letter("fr", addressee=addressee).salutation == f"{appeal},"


@pytest.mark.parametrize(
    ("language", "gender", "honorific", "line"),
    [
        ("en", Gender.FEMALE, "", "H.E. Ms. Sonam Example"),
        ("en", Gender.MALE, "Dr", "H.E. Dr Sonam Example"),
        ("fr", Gender.FEMALE, "", "Son Excellence Madame Sonam Example"),
        ("fr", Gender.MALE, "Lyonpo", "Son Excellence Lyonpo Sonam Example"),
    ],
)
def test_the_name_line(language: str, gender: Gender, honorific: str, line: str) -> None:
    addressee = replace(samples.ADDRESSEE, gender=gender, honorific=honorific)
    assert samples.letter(language, addressee=addressee).inside_address[0] == line


@pytest.mark.parametrize(
    ("language", "line"),
    [("en", "Acting Minister for Foreign Affairs"), ("fr", "Ministre des Affaires étrangères par intérim")],
)
def test_an_acting_holder_is_called_so(language: str, line: str) -> None:
    addressee = replace(samples.ADDRESSEE, acting=True)
    assert samples.letter(language, addressee=addressee).inside_address[1] == line


@pytest.mark.parametrize(
    ("figures", "english", "french"),
    [
        (Figures(date(2011, 6, 1), 1, 1, 1), "one State has deposited", "un État a déposé son instrument"),
        (
            Figures(date(2011, 6, 1), 1, 1, 1),
            "one further State has signed and is yet",
            "un autre l’a signée",
        ),
        (Figures(date(2011, 6, 1), 57, 0, 1), "is one member of the Asia-Pacific", "un membre du Groupe"),
        (
            Figures(date(2011, 6, 1), 112, 12, 0),
            "twelve further States have signed",
            "douze autres l’ont signée",
        ),
    ],
)
def test_singular_and_plural(figures: Figures, english: str, french: str) -> None:
    assert english in samples.letter("en", figures=figures).plain()
    assert french in flat(samples.letter("fr", figures=figures).plain())


def test_no_signatories_and_no_neighbours_leave_no_trace() -> None:
    figures = Figures(date(2011, 6, 1), 150, 0, 0)
    assert "further" not in samples.letter("en", figures=figures).plain()
    assert "Group" not in samples.letter("en", figures=figures).plain()
    assert "sans l’avoir" not in samples.letter("fr", figures=figures).plain()


def test_an_occasion_opens_the_letter() -> None:
    occasion = {
        "en": "the sixty-sixth session of the General Assembly",
        "fr": "la soixante-sixième session de l'Assemblée générale",
    }
    assert (
        samples.letter("en", occasion=occasion)
        .paragraphs[0]
        .text.startswith("On the occasion of the sixty-sixth session of the General Assembly, and on behalf of Lebanon")
    )
    assert (
        samples.letter("fr", occasion=occasion)
        .paragraphs[0]
        .text.startswith("À l’occasion de la soixante-sixième session de l’Assemblée générale et au nom du Liban")
    )


@pytest.mark.parametrize(
    ("changes", "english", "french"),
    [
        (
            {"starts_on": None, "ends_on": None},
            "will be held in Beirut. States",
            "se tiendra à Beyrouth. Les",
        ),
        (
            {"starts_on": None, "ends_on": None, "city": ""},
            "is in preparation. States",
            "est en préparation. Les",
        ),
        ({"ends_on": None}, "in Beirut on 12 September 2011", "à Beyrouth le 12 septembre 2011"),
        ({"city": "Cairo"}, "in Cairo from", "au Caire du 12"),
        ({"precision": "month"}, "in Beirut in September 2011. States", "à Beyrouth en septembre 2011. Les"),
        ({"precision": "year"}, "in Beirut in 2011. States", "à Beyrouth en 2011. Les"),
        ({"starts_on": date(2011, 5, 30)}, "is being held in Beirut from", "se tient à Beyrouth du"),
    ],
)
def test_what_is_not_known_of_the_meeting_is_not_said(changes: dict[str, object], english: str, french: str) -> None:
    meeting = replace(samples.MEETING, **changes)
    assert english in samples.letter("en", meeting=meeting).plain()
    assert french in flat(samples.letter("fr", meeting=meeting).plain())


def test_a_review_conference_is_of_the_convention() -> None:
    meeting = Meeting({"en": "Third Review Conference", "fr": "Troisième Conférence d'examen"}, review_conference=True)
    assert "the Third Review Conference of the Convention on" in samples.letter("en", meeting=meeting).plain()
    assert "la troisième Conférence d’examen de la Convention sur" in flat(
        samples.letter("fr", meeting=meeting).plain()
    )


def test_one_government_in_both_capacities_is_named_once_in_the_contact() -> None:
    coordinator = replace(samples.PRESIDENCY, capacity=Capacity.COORDINATOR, capacity_titles={})
    assert "missions of Lebanon to" in samples.letter("en", coordinator=coordinator).paragraphs[-1].text
    assert "permanentes du Liban auprès" in samples.letter("fr", coordinator=coordinator).paragraphs[-1].text
    assert samples.letter("en", coordinator=coordinator).place_and_date == "Beirut, 1 June 2011"


def test_a_contact_is_given_when_there_is_one() -> None:
    letter = samples.letter("en", contact="universalization@example.org")
    assert letter.paragraphs[-1].text.endswith("may be sent to universalization@example.org.")


@pytest.mark.parametrize("language", languages())
def test_a_letter_survives_storage(language: str) -> None:
    letter = samples.letter(language)
    assert LetterContent.from_json(json.loads(json.dumps(letter.as_json()))) == letter


def test_paragraph_keys_are_the_same_in_every_language() -> None:
    found = {tuple(one.key for one in samples.letter(code).paragraphs) for code in languages()}
    assert found == {("occasion", "treaty", "case", "joining", "offer", "invitation", "contact")}


def test_languages_are_found_by_walking_the_package() -> None:
    assert list(languages()) == ["en", "fr"]
    assert all(isinstance(one, Wording) for one in languages().values())


def test_a_language_without_review_writes_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(languages()["fr"]), "ready", False)
    found = compose(samples.FACTS, "fr")
    assert isinstance(found, Blocked)
    assert [one.code for one in found.reasons] == ["language_not_ready"]


@pytest.mark.parametrize("bad", ["\x00", "\ud800", "\ue000", "\uffff", "a" + "\u0301" * 4, "x" * 201, "y " * 300])
def test_text_that_cannot_be_printed_is_refused(bad: str) -> None:
    with pytest.raises(text.Unprintable):
        text.line(bad)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Ali\u202e rotsiniM", "Ali rotsiniM"),
        ("zero\u200bwidth", "zerowidth"),
        ("e\u0301", "é"),
        ("  two   spaces\n", "two spaces"),
    ],
)
def test_text_is_tidied(typed: str, printed: str) -> None:
    assert text.line(typed) == printed


@given(st.text(max_size=60))
def test_no_typed_name_breaks_the_letter(name: str) -> None:
    found = compose(samples.facts(addressee=replace(samples.ADDRESSEE, name=name)), "fr")
    if isinstance(found, LetterContent):
        text.check(found.plain().replace("\n", " "))
    else:
        assert {one.code for one in found.reasons} == {"text_unprintable"}
