"""Letters as editable DOCX: our own parts, filled in and zipped. The same letter gives the same bytes.

Every text is escaped by the template engine, so it stays text. Each paragraph carries a bookmark named
after its subject (`ltr_offer`): bookmarks survive a round trip through word processors, content controls
do not. The reference and language stand in the document's properties.
"""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from crm.letters.content import LetterContent

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "letters" / "docx"
# Readers expect the list of content types first.
PARTS = (
    "[Content_Types].xml",
    "_rels/.rels",
    "docProps/app.xml",
    "docProps/core.xml",
    "word/_rels/document.xml.rels",
    "word/document.xml",
    "word/footer1.xml",
    "word/footer2.xml",
    "word/settings.xml",
    "word/styles.xml",
)
_MOMENT = (1980, 1, 1, 0, 0, 0)


@cache
def _templates() -> tuple[tuple[str, Template], ...]:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return tuple((name, environment.get_template(name)) for name in PARTS)


def render_docx(content: LetterContent) -> bytes:
    """The letter as an Office Open XML document."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, template in _templates():
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, template.render(letter=content).encode())
    return stream.getvalue()
