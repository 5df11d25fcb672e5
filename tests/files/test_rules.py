"""Names, sizes and kinds, on values alone."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crm.files.intake import check, read_within
from crm.files.rules import FileRefused, Kind, in_words, plain_name
from crm.files.rules.names import LONGEST, LONGEST_BYTES
from crm.letters.docx import render_docx
from crm.letters.pdf import render_pdf
from tests.files import samples
from tests.letters import samples as letters


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Aide-mémoire.pdf", "Aide-mémoire.pdf"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\Windows\\note.txt", "note.txt"),
        ("C:report.pdf", "C_report.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("nul.txt", "_nul.txt"),
        (".htaccess.txt", "htaccess.txt"),
        ("外交.pdf", "外交.pdf"),
        ("..", "file"),
        ("", "file"),
        ("   .pdf", "pdf"),
    ],
)
def test_names(given_name: str, kept: str) -> None:
    assert plain_name(given_name) == kept


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_can_be_kept(text: str) -> None:
    name = plain_name(text)
    assert name and len(name) <= LONGEST and len(name.encode()) <= LONGEST_BYTES
    assert not set(name) & set('/\\<>:"|?*%') and all(ord(char) >= 32 for char in name)
    assert plain_name(name) == name


def test_sizes_in_words() -> None:
    assert [in_words(one) for one in (12, 20_000, 10 * 1024 * 1024)] == ["12 bytes", "20 kB", "10.0 MB"]


def test_reading_stops_at_the_first_byte_too_many() -> None:
    source = io.BytesIO(b"x" * 1000)
    with pytest.raises(FileRefused, match="larger than 99 bytes"):
        read_within(source, 99)
    assert source.tell() == 100
    assert read_within(io.BytesIO(b"x" * 99), 99) == b"x" * 99


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("note.pdf", samples.pdf(), Kind.PDF),
        ("packed.pdf", samples.pdf(packed=True), Kind.PDF),
        ("report.docx", samples.docx(), Kind.DOCX),
        ("report.odt", samples.odt(), Kind.ODT),
        ("chart.docx", samples.docx({"word/embeddings/Workbook.docx": samples.docx()}), Kind.DOCX),
        ("a.txt", "Réponse: oui\n".encode(), Kind.TEXT),
        ("a.csv", b"iso3,act\nLAO,signature\n", Kind.CSV),
        ("a.PNG", samples.picture("PNG"), Kind.PNG),
        ("a.jpeg", samples.picture("JPEG"), Kind.JPEG),
    ],
)
def test_what_is_taken(name: str, content: bytes, kind: Kind) -> None:
    taken = check(content, name)
    assert taken.kind is kind and taken.name == name
    if kind not in (Kind.PNG, Kind.JPEG):
        assert taken.content == content


def test_a_picture_keeps_its_look_and_loses_the_rest() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Secret Camera"
    sent = samples.picture("JPEG", (40, 20), exif=exif) + b"PK\x03\x04 something behind"
    kept = check(sent, "a.jpg").content
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (20, 40) and not picture.getexif()
        assert picture.convert("RGB").getpixel((5, 5))[2] > 120
    assert b"Secret Camera" not in kept and b"something behind" not in kept


def test_a_clear_picture_stays_clear() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (8, 8), (10, 20, 30, 0)).save(target, "PNG")
    with Image.open(io.BytesIO(check(target.getvalue(), "a.png").content)) as picture:
        assert picture.mode == "RGBA" and picture.getpixel((0, 0)) == (10, 20, 30, 0)


def test_only_what_is_asked_for() -> None:
    with pytest.raises(FileRefused, match="Taken here: CSV table"):
        check(samples.pdf(), "a.pdf", only=(Kind.CSV,))


def test_our_own_letters_are_taken() -> None:
    """They are sent out, signed and come back."""
    content = letters.letter()
    assert check(render_pdf(content), "letter.pdf").kind is Kind.PDF
    assert check(render_docx(content), "letter.docx").kind is Kind.DOCX
