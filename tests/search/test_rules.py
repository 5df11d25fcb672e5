"""What a word is, how a question is read, what comes first and what is shown."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.fulltext import AnyOf, Every, Word, for_postgresql, for_sqlite
from crm.search.rules.asking import MOST_TERMS, Asked, Term, asked
from crm.search.rules.folding import folded, tokens, words
from crm.search.rules.places import after, first_of, next_after, of_the_same, wished
from crm.search.rules.ranking import pieces, score, snippet


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Côte d'Ivoire", "cote d ivoire"),
        ("São Tomé", "SAO TOME"),
        ("ﬁnance", "finance"),
        ("Łódź, Ærø, Þingvellir", "lodz aero thingvellir"),
        ("Straße", "strasse"),
        ("Ελλάδα", "ελλαδα"),
        ("Россия, ещё", "россия еще"),
        ("الاتفاقية", "اتفاقيه"),
        ("وَالذَّخائِر", "ذخائر"),
        ("أُستراليا", "استراليا"),
        ("٢٠٢٦", "2026"),
        ("CCM/2026/014", "ccm 2026 014"),
        ("집속탄", "집속탄"),
        ("ｶﾀｶﾅ", "カタカナ"),
    ],
)
def test_accents_capitals_and_forms_do_not_matter(text: str, typed: str) -> None:
    assert words(text) == words(typed)


def test_scripts_without_spaces_are_found_by_any_of_their_signs() -> None:
    text = words("集束弾薬に関する条約")
    for typed in ("条約", "弾薬", "集束弾薬", "関", "約"):
        assert asked(typed).matches(text), typed
    for typed in ("約条", "国", "薬弾"):
        assert not asked(typed).matches(text), typed
    assert asked("ຂະແໜງ").matches(words("ກະຊວງຂະແໜງການ"))


@pytest.mark.parametrize(
    ("typed", "wanted", "unwanted"),
    [
        ("", (), ()),
        ("   ", (), ()),
        ("one two", (Term(("one",)), Term(("two",), True)), ()),
        ('"one two', (Term(("one", "two")),), ()),
        ("“one two” three", (Term(("one", "two")), Term(("three",), True)), ()),
        ("one -two", (Term(("one",)),), (Term(("two",)),)),
        ('one -"two three"', (Term(("one",)),), (Term(("two", "three")),)),
        ("CCM/2026", (Term(("ccm", "2026"), True),), ()),
        ("- * ) AND", (Term(("and",), True),), ()),
        ("-one", (), (Term(("one",)),)),
        ("a", (Term(("a",)),), ()),
    ],
)
def test_how_a_question_is_read(typed: str, wanted: tuple[Term, ...], unwanted: tuple[Term, ...]) -> None:
    assert asked(typed) == Asked(wanted, unwanted)


@given(st.text(max_size=200))
def test_nothing_that_is_typed_is_an_error(typed: str) -> None:
    question = asked(typed)
    assert len(question.wanted) <= MOST_TERMS
    for term in (*question.wanted, *question.unwanted):
        assert term.words and all(word.isalnum() for word in term.words), term
    question.matches(words(typed))
    snippet(question, typed)


@given(st.text(max_size=120))
def test_every_word_knows_where_it_stands(text: str) -> None:
    for one in tokens(text):
        assert 0 <= one.start < one.end <= len(text)
        assert one.word[0] in folded(text[one.start : one.end]) or one.word[:1].isalnum()


@given(st.text(max_size=300), st.text(max_size=30))
def test_what_is_shown_is_the_text_and_nothing_else(text: str, typed: str) -> None:
    assert "".join(one.text for one in pieces(asked(typed), text)) == text
    shown = [one.text for one in snippet(asked(typed), text) if one.text not in ("… ", " …")]
    assert "".join(shown) in text


def test_the_best_stretch_is_shown() -> None:
    text = "The cost. " + "Nothing of note was said. " * 20 + "The cost of destruction worries them. " + "End. " * 90
    shown = snippet(asked("cost destruction"), text)
    assert [one.text for one in shown if one.found] == ["cost", "destruction"]
    assert shown[0].text == "… " and shown[-1].text == " …"


def test_titles_come_first() -> None:
    question = asked("lao moratorium")
    assert score(question, "Moratorium in Lao", "") > score(question, "Visit", "lao moratorium " * 9)
    assert score(question, "Visit", "lao lao moratorium") > score(question, "Visit", "lao moratorium")
    assert score(asked("lao"), "Lao", "") > score(asked("lao"), "Lao Thai", "")


def test_newer_stands_higher_and_two_rows_of_one_record_stand_together() -> None:
    key, day = uuid4(), date(2026, 11, 23)
    assert first_of(day) <= wished(day, key) < wished(day, key, True) < after(day) == first_of(date(2026, 11, 24))
    assert of_the_same(wished(day, key, True)) == wished(day, key)
    last = after(day) - 1
    assert first_of(day) <= next_after(last) < after(day)


def test_the_same_question_in_both_languages() -> None:
    question = Every((Word(("near", "or"), True), AnyOf((Word(("a",)), Word(("b",))))), (Word(("not",)),))
    assert for_sqlite(question) == '(("near or" * AND ("a" OR "b")) NOT ("not"))'
    assert for_postgresql(question) == "((('near' <-> 'or':*) & (('a') | ('b'))) & !(('not')))"
