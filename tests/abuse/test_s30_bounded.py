"""S30: whatever comes from outside takes no more time than its size."""

from __future__ import annotations

import pytest

from tests.support.bounded import within_seconds

PIECES = ["<a ", "<!--", "</p", "<a =", '<a ="', "<a ='", "<?", "<![a", "&#", "<", "</script", "<script></script", "</"]


def test_s30_a_page_is_walked_once() -> None:
    """So many signs that open what is never closed."""
    script = f"""
from crm.capture.rules.pages import without_markup
for piece in {PIECES!r}:
    for end in ("", '">'):
        without_markup(piece * (300_000 // len(piece)) + end)
"""
    assert within_seconds(120, script)


_GROUP = "b'Content-Type: multipart/mixed; boundary=b\\n\\n'"
_DEEP = "b'Content-Type: multipart/mixed; boundary=b%d\\n\\n--b%d\\n' % (n, n) for n in range(300)"
_PAGE = "(b'--b\\nContent-Type: text/html\\n\\n' + b'<a =' * 20_000 + b'\\n')"
MAILS = {
    "hidden": "b'Content-Type: text/html\\n\\n' + b'<svg>' * 100_000 + b'</p>' * 100_000",
    "charset": "b'Content-Type: text/plain; charset=punycode\\n\\n' + b'a' * 2_000_000 + b'-' + b'b' * 2_000_000",
    "facts": "b'Content-Type: text/plain' + b';a=b' * 1_000_000 + b'\\n\\nx'",
    "quotation": "b'Content-Type: text/plain; a=\"' + b';' * 1_000_000 + b'\\n\\nx'",
    "sender": "b'From: ' + b'=?utf-8?q?a?= ' * 300_000 + b'\\n\\nx'",
    "depth": f"b'X: x\\n' + b''.join({_DEEP}) + b'\\n' * 3_000_000",
    "width": f"{_GROUP} + b'--b\\n\\nx\\n' * 1_000_000",
    "pages": f"{_GROUP} + {_PAGE} * 100",
}


@pytest.mark.parametrize("raw", MAILS.values(), ids=MAILS)
def test_s30_a_mail_is_read_in_the_time_of_its_length(raw: str) -> None:
    raw = f"b'From: a@example.org\\nSubject: x\\n' + {raw}"
    assert within_seconds(
        60, f"from crm.capture.rules.message import head_alone, read; raw = {raw}; read(raw); head_alone(raw)"
    )
    take = "from crm.files.rules.mails import files_in; from crm.files.rules.kinds import FileRefused"
    assert within_seconds(60, f"{take}\nraw = {raw}\ntry: files_in(raw)\nexcept FileRefused: pass")


@pytest.mark.parametrize(
    "rows",
    [
        """'<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>'""",
        """'<row r="1048576"><c r="ZZZ1048576"><v>1</v></c></row>'""",
        "'<row/>' * 500_000",
        """'<row r="3">' + '<c/>' * 900_000 + '</row>'""",
        "'<row>' + '<c/>' * 3_000_000 + '</row>'",
    ],
    ids=["far row", "far column", "blank rows", "blank cells", "endless row"],
)
def test_s30_a_workbook_is_read_in_the_time_of_what_is_in_it(rows: str) -> None:
    script = f"""
from pathlib import Path
from tempfile import NamedTemporaryFile
from tests.imports.workbooks import workbook
from crm.imports import reading
from crm.imports.bounds import TableUnreadable
with NamedTemporaryFile() as kept:
    path = Path(kept.name)
    path.write_bytes(workbook('<row r="1"><c r="A1"><v>1</v></c></row>' + {rows}))
    try:
        looked = reading.look(path, "xlsx", most_unpacked=1 << 30)
        assert [number for number, _ in looked.first["A"]][:1] == [1]
        assert len(list(reading.lines(path, looked.how))) in (1, 2)
    except TableUnreadable as unreadable:
        assert "no program has so many" in str(unreadable) or "longer than can be read" in str(unreadable)
"""
    assert within_seconds(60, script)


def test_s30_one_line_of_a_text_that_has_no_end_is_refused() -> None:
    script = """
from pathlib import Path
from tempfile import NamedTemporaryFile
from crm.imports import reading
from crm.imports.bounds import TableUnreadable
with NamedTemporaryFile() as kept:
    path = Path(kept.name)
    for text in ("x" * 30_000_000, '"a\\n",' * 3_000_000):
        path.write_text(text)
        try:
            list(reading.lines(path, reading.How("csv", "utf-8", ",")))
        except TableUnreadable as unreadable:
            assert "longer than can be read" in str(unreadable)
        else:
            raise AssertionError
"""
    assert within_seconds(30, script)
