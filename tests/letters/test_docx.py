"""The editable letter, opened by readers that did not write it."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as etree

import pytest
from pypdf import PdfReader

from crm.letters.content import LetterContent
from crm.letters.docx import render_docx
from crm.letters.wording import languages
from tests.letters import samples
from tests.letters.samples import flat

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HOSTILE = [
    "<w:p/>",
    "Trinidad & Tobago",
    "{{ 7*7 }}",
    "{% for %}",
    "]]>",
    "&lt;b&gt;",
    "<!DOCTYPE x>",
    '" onload="',
]


def part(content: bytes, name: str) -> etree.Element:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return etree.fromstring(archive.read(name))


def paragraphs(content: bytes) -> list[str]:
    found = part(content, "word/document.xml").iter(f"{W}p")
    return ["".join(one.text or "" for one in line.iter(f"{W}t")) for line in found]


def bookmarks(content: bytes) -> dict[str, str]:
    """Text of every bookmarked paragraph by the bookmark's name."""
    named = {}
    for line in part(content, "word/document.xml").iter(f"{W}p"):
        for start in line.iter(f"{W}bookmarkStart"):
            named[str(start.get(f"{W}name"))] = "".join(one.text or "" for one in line.iter(f"{W}t"))
    return named


@pytest.mark.parametrize("language", languages())
def test_every_text_stands_in_it(language: str) -> None:
    letter = samples.letter(language, state=samples.SIGNATORY)
    content = render_docx(letter)
    found = paragraphs(content)
    for line in (*letter.inside_address, letter.subject, letter.salutation, letter.close, letter.draft_mark):
        assert line in found
    marks = bookmarks(content)
    for one in letter.paragraphs:
        assert marks[f"ltr_{one.key}"] == one.text
    assert {"ltr_subject", "ltr_salutation", "ltr_close"} <= set(marks)
    assert letter.footer in "".join(part(content, "word/footer1.xml").itertext())
    for side in letter.signatures:
        assert side.capacity in found
        assert side.on_behalf in found


def test_every_part_is_declared_and_well_formed() -> None:
    content = render_docx(samples.letter("en"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names[0] == "[Content_Types].xml"
        for name in names:
            etree.fromstring(archive.read(name))
        types = etree.fromstring(archive.read("[Content_Types].xml"))
        declared = {one.get("PartName", "").lstrip("/") for one in types if one.get("PartName")}
    assert declared == {one for one in names if one.endswith(".xml") and not one.startswith("[")}


def test_bookmark_numbers_are_unique() -> None:
    document = part(render_docx(samples.letter("fr")), "word/document.xml")
    numbers = [one.get(f"{W}id") for one in document.iter(f"{W}bookmarkStart")]
    assert len(numbers) == len(set(numbers)) == 10


@pytest.mark.parametrize(("language", "locale"), [("en", "en-GB"), ("fr", "fr-FR")])
def test_it_is_tagged_with_its_language_and_reference(language: str, locale: str) -> None:
    content = render_docx(samples.letter(language))
    styles = part(content, "word/styles.xml")
    assert next(styles.iter(f"{W}lang")).get(f"{W}val") == locale
    core = "".join(part(content, "docProps/core.xml").itertext())
    assert f"CCM/UNIV/2011/L-007;{language}" in core


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert render_docx(samples.letter("fr")) == render_docx(samples.letter("fr"))
    assert render_docx(samples.letter("fr")) != render_docx(samples.letter("en"))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_markup_stays_text(text: str) -> None:
    letter = samples.letter("en", addressee=replace(samples.ADDRESSEE, name=text))
    assert letter.inside_address[0] in paragraphs(render_docx(letter))


def test_an_open_signature_line_and_a_named_one() -> None:
    document = part(render_docx(samples.letter("en")), "word/document.xml")
    cells = list(document.iter(f"{W}tc"))[2:]
    assert [bool(list(cell.iter(f"{W}pBdr"))) for cell in cells] == [False, True]


def is_like_an_office() -> bool:
    """Whether a word processor is here, and the typeface of the letter or the one made to stand in for it."""
    if not (shutil.which("soffice") and shutil.which("fc-match")):
        return False
    found = subprocess.run(["fc-match", "Times New Roman"], capture_output=True, text=True, check=True).stdout
    return "Times" in found or "Liberation Serif" in found


def opened_by_libreoffice(letter: LetterContent, folder: Path) -> PdfReader:
    source = folder / "letter.docx"
    source.write_bytes(render_docx(letter))
    profile = (folder / "profile").as_uri()
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return PdfReader(folder / "letter.pdf")


@pytest.mark.skipif(not is_like_an_office(), reason="LibreOffice, or a typeface as wide as Times, is not installed")
@pytest.mark.parametrize("language", languages())
def test_a_word_processor_opens_it_on_one_page(language: str, tmp_path: Path) -> None:
    letter = samples.letter(
        language,
        state=samples.SIGNATORY,
        occasion={
            "en": "the sixty-sixth session of the General Assembly",
            "fr": "la session de l'Assemblée générale",
        },
        contact="universalization@example.org",
    )
    document = opened_by_libreoffice(letter, tmp_path)
    assert len(document.pages) == 1
    found = "".join(document.pages[0].extract_text().split())
    for one in letter.paragraphs:
        assert "".join(flat(one.text).split())[:60] in found
