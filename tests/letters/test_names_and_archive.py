"""Names of files, references, and the archive's table."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.letters import archive, names
from crm.letters.progress import (
    LanguageChoice,
    LetterState,
    Progress,
    after_failure,
    languages_for,
    worth_retrying,
)

DAY = date(2011, 6, 1)


def line(**changes: str) -> archive.Line:
    given_values = {"reference": "CCM/UNIV/2011/L-001", "iso3": "BTN", "state": "Bhutan", "addressee": "H.E."}
    values = {**given_values, "status": "non_signatory", "verb": "accede", "drafting": "drafted", **changes}
    return archive.Line(**values, languages=["en"], files=["a.pdf"], reasons=[])  # type: ignore[arg-type]


def test_references() -> None:
    assert names.reference("CCM", 2026, 34) == "CCM/UNIV/2026/L-034"
    assert names.reference("CCM", 2026, 1034) == "CCM/UNIV/2026/L-1034"


def test_file_names() -> None:
    assert names.file_name("ccm", DAY, "BTN", "en", "pdf") == "CCM-2011-06-01-BTN-en.pdf"


@given(st.text(max_size=80))
def test_an_archive_name_is_safe_on_every_system(campaign: str) -> None:
    assert re.fullmatch(r"CCM-2011-06-01(-[a-z0-9]+)*\.zip", names.archive_name("ccm", DAY, campaign))


@pytest.mark.parametrize("bad", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_no_cell_is_a_formula(bad: str) -> None:
    rows = list(csv.DictReader(io.StringIO(archive.table([line(addressee=bad)]))))
    assert rows[0]["addressee"] == f"'{bad}"


def test_the_same_letters_give_the_same_archive() -> None:
    files = [("a.pdf", b"%PDF"), ("b.docx", b"PK")]
    first = archive.bundle(files, [line()], DAY)
    assert archive.bundle(files, [line()], DAY) == first
    with zipfile.ZipFile(io.BytesIO(first)) as bundle:
        assert bundle.namelist() == ["index.csv", "a.pdf", "b.docx"]
        assert {one.date_time[:3] for one in bundle.infolist()} == {(2011, 6, 1)}
        assert bundle.read("a.pdf") == b"%PDF"


@pytest.mark.parametrize(
    ("choice", "official", "expected"),
    [
        (LanguageChoice.OWN, "fr", ["fr"]),
        (LanguageChoice.OWN, "ar", ["en"]),
        (LanguageChoice.ENGLISH, "fr", ["en"]),
        (LanguageChoice.FRENCH, "en", ["fr"]),
        (LanguageChoice.BOTH, "es", ["en", "fr"]),
        (LanguageChoice.BOTH, "fr", ["fr", "en"]),
    ],
)
def test_which_languages(choice: LanguageChoice, official: str, expected: list[str]) -> None:
    assert languages_for(choice, official) == expected


def test_progress_counts_what_is_left() -> None:
    progress = Progress(
        {LetterState.DRAFTED: 80, LetterState.BLOCKED: 3, LetterState.FAILED: 1, LetterState.WAITING: 3}
    )
    assert (progress.total, progress.drafted, progress.not_done, progress.under_way) == (87, 80, 4, 3)
    assert not progress.finished
    assert Progress({LetterState.STOPPED: 5}, stopped=True).finished


def test_after_too_many_tries_a_letter_is_set_aside() -> None:
    assert [after_failure(tries) for tries in (1, 2, 3)] == [
        LetterState.WAITING,
        LetterState.WAITING,
        LetterState.FAILED,
    ]


def test_only_the_law_makes_a_retry_pointless() -> None:
    assert worth_retrying([{"place": "holder"}])
    assert worth_retrying([])
    assert not worth_retrying([{"place": "legal"}])
