"""Plain text: UTF-8 that shows what it holds and that no program takes for a page."""

from __future__ import annotations

import re

from crm.files.rules.formulas import table_fetches
from crm.files.rules.kinds import FileRefused

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\s*<(?:!doctype|\?xml|html|head|body|svg|script|iframe|!--)", re.IGNORECASE)


def check_text(content: bytes, *, table: bool = False) -> None:
    """Raise FileRefused unless the bytes are text in UTF-8, and no HTML or SVG under another name; of a table
    also that no cell fetches or starts anything.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused("The file is not UTF-8 text. Save it as text in UTF-8 and try again.") from None
    if _CONTROLS.search(text):
        raise FileRefused("The file holds control characters: it is not plain text.")
    if _MARKUP.match(text):
        raise FileRefused("The file is a web page or a drawing with a program in it. Add it as PDF instead.")
    if table and table_fetches(text):
        raise FileRefused(
            "A cell of the file is a formula that fetches something from elsewhere or starts another program. "
            "Replace it by its value."
        )
