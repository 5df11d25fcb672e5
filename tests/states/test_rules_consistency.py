"""What cannot be true of the acts of one State."""

from __future__ import annotations

from datetime import date

import pytest

from crm.states.rules import Act, ActKind, Treaty, contradictions, effective_day

FROM_THE_START = date(1945, 10, 24)


def history(ccm: Treaty, *parts: str) -> list[Act]:
    """Acts written as `kind day` or `kind day effect`."""
    acts = []
    for part in parts:
        kind, deposited, *effect = part.split()
        day = date.fromisoformat(deposited)
        known = date.fromisoformat(effect[0]) if effect else effective_day(ActKind(kind), day, ccm)
        acts.append(Act("XXX", ActKind(kind), day, known))
    return acts


@pytest.mark.parametrize(
    "parts",
    [
        [],
        ["signature 2008-12-03"],
        ["signature 2010-08-01"],
        ["signature 2008-12-03", "ratification 2008-12-03"],
        ["signature 2008-12-03", "acceptance 2011-01-01"],
        ["accession 2010-08-01"],
        ["accession 2011-01-01", "withdrawal 2012-01-01"],
        ["accession 2011-01-01", "withdrawal 2012-01-01 2013-05-05"],
        ["accession 2011-01-01", "withdrawal 2012-01-01", "accession 2012-07-01"],
        ["signature 2008-12-03", "ratification 2011-01-01", "withdrawal 2012-01-01", "accession 2020-01-01"],
    ],
)
def test_histories_that_can_happen(ccm: Treaty, parts: list[str]) -> None:
    assert contradictions(history(ccm, *parts), ccm, FROM_THE_START) == []


@pytest.mark.parametrize(
    ("parts", "column", "message"),
    [
        (["signature 2008-12-02"], "deposited_on", "opened for signature only on 3 December 2008"),
        (["signature 2010-08-02"], "deposited_on", "Signature closed on 1 August 2010"),
        (["signature 2008-12-03 2009-01-01"], "effective_on", "does not enter into force"),
        (["signature 2008-12-03", "signature 2009-12-03"], "act", "signature of 3 December 2008 is on file"),
        (["ratification 2011-01-01"], "act", "no earlier signature"),
        (["signature 2009-06-01", "ratification 2009-05-01"], "act", "no earlier signature"),
        (["signature 2009-06-01", "accession 2011-01-01"], "act", "ratifies, accepts or approves"),
        (["accession 2010-07-31"], "deposited_on", "possible only from 1 August 2010"),
        (["accession 2011-01-01", "accession 2012-01-01"], "act", "accession of 1 January 2011 is on file"),
        (["accession 2011-01-15 2011-07-02"], "effective_on", "Article 17 gives 1 July 2011"),
        (["withdrawal 2012-01-01"], "act", "no consent to be bound"),
        (
            ["accession 2011-01-01", "withdrawal 2012-01-01 2012-05-01"],
            "effective_on",
            "Article 20 gives 1 July 2012",
        ),
        (
            ["accession 2011-01-01", "withdrawal 2012-01-01", "withdrawal 2013-01-01"],
            "act",
            "withdrawal of 1 January 2012",
        ),
        (
            ["accession 2011-01-01", "withdrawal 2012-01-01", "accession 2012-06-01"],
            "deposited_on",
            "only on 1 July 2012",
        ),
    ],
)
def test_histories_that_cannot(ccm: Treaty, parts: list[str], column: str, message: str) -> None:
    found = contradictions(history(ccm, *parts), ccm, FROM_THE_START)
    assert any(one.column == column and message in one.message for one in found), found


def test_no_act_of_a_state_that_was_not_counted(ccm: Treaty) -> None:
    found = contradictions(history(ccm, "accession 2011-07-01"), ccm, date(2011, 7, 14))
    assert [one.message for one in found] == ["The State is counted only from 14 July 2011."]


def test_what_stands_in_the_way_is_named(ccm: Treaty) -> None:
    acts = history(ccm, "accession 2011-01-01", "approval 2012-01-01", "accession 2013-01-01")
    second, third = [one for one in contradictions(acts, ccm, FROM_THE_START) if one.repeats]
    assert (second.act, second.against) == (acts[1], acts[0])
    assert (third.act, third.against) == (acts[2], acts[0])


def test_an_accession_after_a_signature_repeats_nothing(ccm: Treaty) -> None:
    acts = history(ccm, "signature 2009-06-01", "accession 2011-01-01")
    (found,) = contradictions(acts, ccm, FROM_THE_START)
    assert (found.against, found.repeats) == (acts[0], False)


def test_the_acts_on_file_do_not_contradict_themselves(ccm: Treaty, reference) -> None:
    for iso3, state in reference.states.items():
        acts = [one for one in reference.acts if one.state_iso3 == iso3]
        assert contradictions(acts, ccm, state["counted_since"]) == [], iso3
