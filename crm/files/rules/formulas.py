"""What a formula of a workbook, or of a table in plain text, would fetch or start.

Source of the names: ISO/IEC 29500-1, 18.17 (formulas), [MS-XLSX] 2.2.2 (future functions), [MS-XLS] 2.2.2.1 (dynamic
data exchange); OASIS OpenDocument 1.3 part 4 (external references).
"""

from __future__ import annotations

import csv
import re

FUNCTIONS = (
    "WEBSERVICE", "IMAGE", "RTD", "STOCKHISTORY", "DDE", "CALL", "EXEC", "REGISTER", "REGISTER.ID", "SQL.REQUEST",
    "ODBC.OPEN", "INITIATE",
)  # fmt: skip
"""Functions that ask a machine elsewhere, or another program, as soon as the workbook is reckoned."""

_TEXT = re.compile(r'"(?:[^"]|"")*"')
_CALLED = re.compile(rf"(?i)(?<![^\W_])(?:{'|'.join(map(re.escape, FUNCTIONS))})\s*\(")
_ANOTHER_PROGRAM = re.compile(r"[A-Za-z][\w.]*\s*\|\s*(?:'[^']*'|[\w.]+)\s*!")
_ANOTHER_WORKBOOK = re.compile(
    r"(?<![\w.\[\]])\[(?!0?\])[^\[\]'\"]{1,200}\][\w .]{0,200}!"
    r"|'[^'\[]{0,400}\[(?!0?\])[^\[\]']{1,200}\][^']{0,200}'\s*!"
    r"|'(?:[a-zA-Z][a-zA-Z0-9+.-]*:|[/\\]|\.\.[/\\])[^']{0,400}'\s*#"
)
"""Another workbook, by its number or its name, as each of both families of programs writes it."""

RISKY = re.compile(
    rb"(?i)" + "|".join(map(re.escape, FUNCTIONS)).encode() + rb"|\||\[(?![.$@\[#])|(?:'|&apos;)\s*#|&#|<!"
)
"""What stands, in whatever writing, in a part of which a formula may fetch or start something."""


def fetches(formula: str) -> bool:
    """Whether a formula asks for something outside its own workbook; an address that is clicked is no such thing."""
    plain = _TEXT.sub('""', formula)
    return any(one.search(plain) for one in (_CALLED, _ANOTHER_PROGRAM, _ANOTHER_WORKBOOK))


def table_fetches(text: str) -> bool:
    """Whether a cell of a table in plain text is a formula that does; whatever parts the cells."""
    if not RISKY.search(text.encode("utf-8", "surrogatepass")):
        return False
    for mark in (",", ";", "\t"):
        try:
            cells = [cell for row in csv.reader(text.splitlines(), delimiter=mark) for cell in row]
        except csv.Error:
            cells = text.splitlines()
        if any(one.lstrip(' "')[:1] in ("=", "+", "-", "@") and fetches(one) for one in cells):
            return True
    return False
