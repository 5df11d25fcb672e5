"""S30 and S36: files that are not what they say, that burst, that lead elsewhere, that never end."""

from __future__ import annotations

import base64
import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.files.intake import check
from crm.files.pictures import MOST_PIXELS
from tests.files import samples
from tests.files.samples import refused
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged

Clients = Callable[[str], FlaskClient]
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", HTML),
        ("a.svg", SVG),
        ("a.txt", HTML),
        ("a.txt", b"\xef\xbb\xbf  " + SVG),
        ("a.csv", SVG),
        ("a.pdf", HTML),
        ("a.png", SVG),
        ("a.exe", b"MZ\x90\x00"),
        ("a.pdf.exe", samples.pdf()),
        ("a\u202efdp.exe", samples.pdf()),
        ("a.pdf", samples.picture("PNG")),
        ("a.jpg", samples.picture("PNG")),
        ("a.xlsx", samples.docx()),
        ("a.docx", samples.archive({"a.txt": "x"})),
        ("a.docm", samples.docx()),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a.txt", b"\x00\x01"),
        ("a.txt", b"caf\xe9"),
        ("a.txt", b""),
        ("noending", b"text"),
        ("a.jpg", samples.picture("GIF")),
        ("a.jpg", b"\xff\xd8\xff\xe0 nothing that is a picture"),
    ],
)
def test_s30_what_it_says_and_what_it_is(name: str, content: bytes) -> None:
    assert refused(content, name)


def test_s30_two_things_in_one() -> None:
    assert "hangs behind" in refused(samples.pdf() + samples.archive({"a": "x"}), "a.pdf")
    assert "hangs" in refused(samples.docx() + b"%PDF-1.7 trailing", "a.docx")
    assert "GIF" in refused(b"GIF89a" + samples.docx(), "a.docx")
    prefixed = samples.archive({"x": "y"})[:30] + samples.docx()
    assert refused(prefixed, "a.docx")
    jar = samples.picture("JPEG") + samples.archive({"META-INF/MANIFEST.MF": "x"})
    assert b"META-INF" not in check(jar, "a.jpg").content


def test_s30_a_bomb_is_told_from_its_list_and_from_its_bytes() -> None:
    assert "unpacks" in refused(samples.docx({"word/media/a.bin": b"\x00" * 60_000_000}), "a.docx")
    assert "unpacks" in refused(samples.docx({f"word/{number}.xml": "x" for number in range(2_001)}), "a.docx")


def test_s30_a_list_that_lies_about_sizes_does_not_help() -> None:
    honest = samples.docx({"word/big.xml": b"\x00" * 3_000_000})
    central = honest.rindex(b"word/big.xml") - 46
    lying = bytearray(honest)
    struct.pack_into("<I", lying, central + 24, 10)
    assert refused(bytes(lying), "a.docx")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "word\\..\\a", "C:/a", "word/../../a", "a\nb"])
def test_s30_no_part_leads_out_of_a_document(name: str) -> None:
    assert "lead out" in refused(samples.docx({name: "x"}), "a.docx")


def test_s30_the_same_part_twice() -> None:
    target = io.BytesIO(samples.docx())
    with zipfile.ZipFile(target, "a") as made:
        made.writestr("WORD/document.xml", "another")
    assert refused(target.getvalue(), "a.docx")


@pytest.mark.parametrize(
    "more",
    [
        {"word/vbaProject.bin": b"x"},
        {"word/activeX/activeX1.xml": b"x"},
        {"word/embeddings/oleObject1.bin": b"x"},
        {"Scripts/python/a.py": b"x"},
        {"word/page.html": b"x"},
        {"word/run.exe": b"MZ"},
    ],
)
def test_s30_macros_and_programs_are_refused(more: dict[str, bytes]) -> None:
    assert "macros or other programs" in refused(samples.docx(dict(more)), "a.docx")


def test_s30_macros_under_another_name() -> None:
    types = samples.TYPES.replace("</Types>", '<Override ContentType="application/vnd.ms-office.vbaProject"/></Types>')
    assert "macros" in refused(samples.docx(types=types), "a.docx")
    relation = '<Relationship Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="x.bin"/>'
    assert refused(samples.docx({"word/_rels/document.xml.rels": samples.RELS.format(relation)}), "a.docx")


def test_s30_nothing_is_fetched_when_a_document_is_opened() -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}"
    for name, fine in (("attachedTemplate", False), ("image", False), ("hyperlink", True)):
        relation = f'<Relationship Type="{kind.format(name)}" Target="https://evil.example/x" TargetMode="External"/>'
        content = samples.docx({"word/_rels/document.xml.rels": samples.RELS.format(relation)})
        if fine:
            assert check(content, "a.docx")
        else:
            assert "fetches" in refused(content, "a.docx")
    for target, fine in (("file:///C:\\Templates\\Ministry.dotx", True), ("file://evil.example/share/a.dotx", False)):
        relation = f'<Relationship Type="{kind.format("attachedTemplate")}" Target="{target}" TargetMode="External"/>'
        content = samples.docx({"word/_rels/document.xml.rels": samples.RELS.format(relation)})
        if fine:
            assert check(content, "a.docx")
        else:
            assert "fetches" in refused(content, "a.docx")
    entities = '<!DOCTYPE a [<!ENTITY b "External">]><Relationships/>'
    assert refused(samples.docx({"word/_rels/document.xml.rels": entities}), "a.docx")


def test_s30_archives_within_archives() -> None:
    assert "archive inside" in refused(samples.docx({"word/a.bin": samples.archive({"x": "y"})}), "a.docx")
    inner = samples.docx({"word/embeddings/b.docx": samples.docx()})
    assert "within archives" in refused(samples.docx({"word/embeddings/a.docx": inner}), "a.docx")
    macro = samples.docx({"word/vbaProject.bin": b"x"})
    assert "macros" in refused(samples.docx({"word/embeddings/a.docx": macro}), "a.docx")


def test_s30_what_is_encrypted_cannot_be_looked_at() -> None:
    assert "encrypted" in refused(samples.pdf(password="secret"), "a.pdf")
    assert "encrypted" in refused(samples.odt({"META-INF/manifest.xml": "<encryption-data/>"}), "a.odt")
    marked = bytearray(samples.docx())
    marked[marked.rindex(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refused(bytes(marked), "a.docx")


@pytest.mark.parametrize("packed", [False, True])
def test_s30_a_pdf_starts_nothing_and_carries_no_other_file(packed: bool) -> None:
    assert "program" in refused(samples.pdf(packed=packed, script="app.alert(1)"), "a.pdf")
    assert "other files" in refused(samples.pdf(packed=packed, inside=b"MZ\x90\x00"), "a.pdf")
    assert check(samples.pdf(packed=packed, inside=b'{"reference": "L-034"}'), "a.pdf")


def test_s30_a_file_in_a_pdf_hides_behind_no_other_name() -> None:
    hidden = samples.pdf(inside=b"MZ\x90\x00").replace(b"/EmbeddedFile ", b"/Metadata     ")
    assert "other files" in refused(hidden, "a.pdf")


def test_s30_a_name_in_a_pdf_hides_behind_no_escape() -> None:
    hidden = samples.pdf(script="x").replace(b"/JavaScript", b"/Java#53cript")
    assert "program" in refused(hidden, "a.pdf")


def test_s30_a_part_of_a_pdf_hides_behind_no_packing() -> None:
    packed = zlib.compress(b"1 0 << /S /JavaScript >>" + b" " * 40_000_000, 9)
    shell = b"%%PDF-1.7\n5 0 obj\n<< /Type /ObjStm /Filter /FlateDecode %s/Length %d >>\nstream\n%s\nendstream"
    end = b"\nendobj\nstartxref\n0\n%%EOF\n"
    assert "program" in refused(shell % (b"", len(packed), packed) + end, "a.pdf")
    for extra in (b"/DecodeParms << /Predictor 12 >> ", b"/F (elsewhere obj) "):
        assert refused(shell % (extra, len(packed), packed) + end, "a.pdf")
    other = shell.replace(b"/FlateDecode", b"/ASCIIHexDecode")
    assert "cannot be looked at" in refused(other % (b"", 4, b"41>") + end, "a.pdf")


def test_s30_a_picture_that_would_fill_the_memory_is_not_unpacked() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    for width, height in ((MOST_PIXELS + 1, 1), (100_000, 100_000)):
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        bomb = (
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00")) + chunk(b"IEND", b"")
        )
        assert "25 million" in refused(bomb, "a.png")


ODD = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAABQAAAAUAQMAAAC3R49OAAAAA1BMVEUAAACnej3aAAAAWmVYSWZNTQAqAAAACAADAQAAAgAAABUAAAAyARIAAwAA"
    "AAEABgAAiCUABAAAAAEAAABIAAAAt3h4eHh4eHh4jnh4eAB4eHh4eHh4AAAAAQABAAIAAAACTgAAAAAAAABnqmsrAAAADElEQVR4nGNgoC4AAABQ"
    "AAHzMPcqAAAAAElFTkSuQmCC"
)
"""A picture whose notes about itself the decoder reads and cannot write again."""


def test_s30_a_picture_with_odd_notes_is_damaged_and_nothing_breaks(
    app: Flask, person: Callable[[str], Person], signed_in: Clients
) -> None:
    assert "damaged" in refused(ODD, "a.png")
    key = logged(person("officer").viewer)
    browser = signed_in("officer")
    data = {
        "csrf_token": token_of(browser.get(f"/activities/{key}").get_data(as_text=True)),
        "file": (io.BytesIO(ODD), "a.png"),
    }
    answer = browser.post(f"/activities/{key}/attachments", data=data, content_type="multipart/form-data")
    assert "The picture is damaged" in check_page(answer, 422)


class Endless(io.RawIOBase):
    """A body of ten gigabytes that is made as it is read."""

    def __init__(self, head: bytes) -> None:
        self.head, self.given = head, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = (self.head if self.given == 0 else b"") + b"x" * len(buffer)
        buffer[:] = block[: len(buffer)]
        self.given += len(buffer)
        return len(buffer)


TEN_GIGABYTES = 10 * 1024**3


@pytest.mark.parametrize("announced", [True, False])
def test_s30_ten_gigabytes_are_cut_off_early_and_leave_nothing_on_disk(
    app: Flask, signed_in: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, announced: bool
) -> None:
    browser = signed_in("officer")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "spool"))
    (tmp_path / "spool").mkdir()
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    body = Endless(head)
    length = {"CONTENT_LENGTH": str(TEN_GIGABYTES)} if announced else {"wsgi.input_terminated": True}
    answer = browser.post(
        "/activities/00000000-0000-4000-8000-000000000000/attachments",
        environ_overrides={"wsgi.input": body, "CONTENT_TYPE": "multipart/form-data; boundary=b", **length},
    )
    check_page(answer, 413)
    assert body.given < 100 * 1024 * 1024
    assert not list((tmp_path / "spool").iterdir())
