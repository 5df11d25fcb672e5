"""The printed letter, read back by readers that did not write it."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import subprocess
import sys
from dataclasses import replace

import pikepdf
import pytest
from pypdf import PdfReader

import config
from crm.core import typesetting
from crm.letters import pdf
from crm.letters.content import LetterContent
from crm.letters.pdf import NotPrinted, render_pdf
from crm.letters.wording import languages
from tests.letters import samples
from tests.letters.samples import flat

HOSTILE = [
    '#read("/etc/passwd")',
    '#eval("1+1", mode: "markup")',
    "#set page(height: 1mm)",
    '#panic("x")',
    '#import "@preview/cetz:0.1.0"',
    "$ sum_(i=0)^n $ *bold* _it_ `raw` // gone",
    "<b>tag</b> & &amp; {{ 7*7 }} {% raw %}",
    "\\u{1F600} [link](https://example.org) = Heading",
]


def read(content: bytes) -> str:
    return flat(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def words(text: str) -> str:
    """Text without spaces and line-end hyphens, which no PDF reader gives back for certain."""
    return "".join(text.split()).replace("\u00ad", "").replace("-", "")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("state", [samples.STATE, samples.SIGNATORY], ids=["accede", "ratify"])
def test_every_word_is_on_the_page(language: str, state: object) -> None:
    letter = samples.letter(language, state=state)
    found = words(read(render_pdf(letter)))
    for one in letter.paragraphs:
        assert words(one.text) in found
    for line in (*letter.inside_address, letter.salutation, letter.close, letter.footer, letter.reference):
        assert words(line) in found
    assert letter.draft_mark.upper() in found
    for side in letter.signatures:
        assert words(side.capacity) in found
        assert words(side.on_behalf) in found


@pytest.mark.parametrize("language", languages())
def test_one_page_is_enough_even_for_long_names(language: str) -> None:
    long = replace(
        samples.BHUTAN,
        formal={
            "en": "the United Kingdom of Great Britain and Northern Ireland",
            "fr": "le Royaume-Uni de Grande-Bretagne et d'Irlande du Nord",
        },
    )
    letter = samples.letter(
        language,
        state=replace(samples.SIGNATORY, names=long),
        occasion={
            "en": "the sixty-sixth session of the General Assembly",
            "fr": "la session de l'Assemblée générale",
        },
        contact="universalization@example.org",
    )
    assert len(PdfReader(io.BytesIO(render_pdf(letter))).pages) == 1


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("state", [samples.STATE, samples.SIGNATORY], ids=["accede", "ratify"])
def test_the_size_of_type_is_guessed_well(language: str, state: object, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    lay_out = pdf._print

    def counted(data: str, size: float, moment: int) -> tuple[bytes, int]:
        tried.append(size)
        return lay_out(data, size, moment)

    monkeypatch.setattr(pdf, "_print", counted)
    render_pdf(samples.letter(language, state=state))
    assert len(tried) == 1
    assert tried[0] >= 9


def test_a_letter_that_runs_on_counts_its_pages() -> None:
    letter = samples.letter("en")
    longer = replace(letter, paragraphs=letter.paragraphs * 2)
    pages = PdfReader(io.BytesIO(render_pdf(longer))).pages
    assert len(pages) == 2
    assert "Page 1 of 2" in flat(pages[0].extract_text())
    assert "Page 1 of" not in read(render_pdf(letter))
    assert words(letter.close) in words(pages[1].extract_text())


def test_the_same_letter_gives_the_same_bytes() -> None:
    letter = samples.letter("fr")
    first = render_pdf(letter)
    render_pdf(samples.letter("en"))
    assert render_pdf(letter) == first
    script = (
        "import sys, hashlib\n"
        "from tests.letters import samples\n"
        "from crm.letters.pdf import render_pdf\n"
        "sys.stdout.write(hashlib.sha256(render_pdf(samples.letter('fr'))).hexdigest())\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", script],
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert other.stdout == hashlib.sha256(first).hexdigest()


def test_letters_do_not_leak_into_each_other() -> None:
    render_pdf(samples.letter("en", contact="first@example.org"))
    assert "first@example.org" not in read(render_pdf(samples.letter("en")))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_markup_is_printed_as_typed(text: str) -> None:
    letter = samples.letter("en", addressee=replace(samples.ADDRESSEE, name=text))
    found = words(read(render_pdf(letter)))
    assert words(letter.inside_address[0]) in found
    assert "root:x" not in found


def test_it_is_an_archivable_document_in_its_language() -> None:
    letter = samples.letter("fr")
    with pikepdf.open(io.BytesIO(render_pdf(letter))) as document:
        with document.open_metadata() as metadata:
            assert metadata["pdfaid:part"] == "3"
            assert metadata["pdfaid:conformance"] == "B"
            assert flat(metadata["dc:title"]) == flat(letter.document_title)
        assert str(document.Root.Lang) == "fr"
        attached = document.attachments["letter.json"].get_file().read_bytes()
    assert LetterContent.from_json(json.loads(attached)) == letter


def test_a_character_without_a_glyph_is_refused_by_name() -> None:
    with pytest.raises(NotPrinted, match="refused"):
        render_pdf(samples.letter("en", addressee=replace(samples.ADDRESSEE, name="漢字")))
    assert render_pdf(samples.letter("en")).startswith(b"%PDF")


def _in_a_fork(queue: multiprocessing.Queue[str]) -> None:
    try:
        render_pdf(samples.letter("en"))
        queue.put("printed")
    except RuntimeError as refused:
        queue.put(str(refused))


def test_a_fork_of_a_process_that_printed_refuses_instead_of_hanging() -> None:
    render_pdf(samples.letter("en"))
    fork = multiprocessing.get_context("fork")
    queue = fork.Queue()
    child = fork.Process(target=_in_a_fork, args=(queue,))
    child.start()
    try:
        assert "before this process was forked" in queue.get(timeout=30)
    finally:
        child.join(timeout=30)
        if child.is_alive():
            child.kill()


class PanicException(BaseException):
    """What the layout engine raises when it gives up; it is no Exception there either."""


class _Panicking:
    def compile(self, **_given: object) -> bytes:
        raise PanicException("internal")


class _Interrupted:
    def compile(self, **_given: object) -> bytes:
        raise KeyboardInterrupt


def test_an_engine_that_gives_up_fails_one_letter_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(typesetting._compilers, pdf.TEMPLATES / "letter.typ", _Panicking())
    with pytest.raises(NotPrinted):
        render_pdf(samples.letter("en"))
    monkeypatch.setitem(typesetting._compilers, pdf.TEMPLATES / "letter.typ", _Interrupted())
    with pytest.raises(KeyboardInterrupt):
        render_pdf(samples.letter("en"))
