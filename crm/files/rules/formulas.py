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

ADDRESSING = "INDIRECT"
"""The function that takes an address written as a text, which may lie in another workbook."""

RISKY = re.compile(
    rb"(?i)"
    + "|".join(map(re.escape, (*FUNCTIONS, ADDRESSING))).encode()
    + rb"|\||\[(?![.$@\[#])|(?:'|&apos;)\s*#|&#|<!"
)
"""What stands, in whatever writing, in a part of which a formula may fetch or start something."""

_TOKEN = re.compile(r"[\w.]+|\s+|.", re.DOTALL)
_DECLARED_MARK = re.compile(r'"?sep=(.)"?\s*(?:\r?\n|$)', re.IGNORECASE)


def fetches(formula: str) -> bool:
    """Whether a formula asks for something outside its own workbook; an address that is clicked is no such thing."""
    return _Reading(formula).leaves_the_workbook()


def table_fetches(text: str) -> bool:
    """Whether a cell of a table in plain text is a formula that does; whatever parts the cells."""
    if not RISKY.search(text.encode("utf-8", "surrogatepass")):
        return False
    declared = _DECLARED_MARK.match(text.lstrip("\ufeff"))
    for mark in dict.fromkeys((",", ";", "\t", *(declared.groups() if declared else ()))):
        try:
            cells = [cell for row in csv.reader(text.splitlines(), delimiter=mark) for cell in row]
        except (csv.Error, ValueError, TypeError):
            cells = text.splitlines()
        if any(one.lstrip(' "')[:1] in ("=", "+", "-", "@") and fetches(one) for one in cells):
            return True
    return False


class _Reading:
    """One walk through a formula, in which no character is looked at more than twice, however it is built.

    `word`: the name that was just read; `book`: a name in brackets was just read that may be another workbook's;
    `bar`: a bar was just read, behind which a program is told its topic.
    """

    def __init__(self, formula: str) -> None:
        self.text = formula
        self.at = 0
        self.word = ""
        self.book = self.bar = self.addresses = self.elsewhere = False
        self.brackets: list[tuple[int, bool]] = []
        self.unclosed: set[str] = set()

    def leaves_the_workbook(self) -> bool:
        """Read to the end, or to the first thing that leads out."""
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign in "\"'" and sign not in self.unclosed:
                if self._quoted(sign):
                    return True
            elif self._leads_out():
                return True
        return self.addresses and self.elsewhere

    def _quoted(self, sign: str) -> bool:
        """A text, or a name between apostrophes; one that is never closed is a sign like any other."""
        words, end = self._closed(sign)
        if words is None:
            self.unclosed.add(sign)
            return sign == "'" and self.bar
        bar, self.word, self.book, self.bar = self.bar, "", False, False
        self.at = end
        if sign == '"':
            self.elsewhere = self.elsewhere or any(one in words for one in "[#|/\\")
            return False
        following = self.text[end : end + 20].lstrip()[:1]
        return bar or following == "#" or (following == "!" and ("|" in words or _names_a_book(words)))

    def _closed(self, sign: str) -> tuple[str | None, int]:
        """What stands up to the closing sign, which is doubled where it is meant; and where the rest begins."""
        close = self.text.find(sign, self.at + 1)
        while close >= 0 and self.text.startswith(sign, close + 1):
            close = self.text.find(sign, close + 2)
        return (None, 0) if close < 0 else (self.text[self.at + 1 : close], close + 1)

    def _leads_out(self) -> bool:
        """The next sign, name or space; whether it completes something that leads out of the workbook."""
        found = _TOKEN.match(self.text, self.at)
        token = found[0] if found else self.text[self.at]
        start, self.at = self.at, self.at + len(token)
        if token.isspace():
            return False
        if token[0].isalnum() or token[0] in "_.":
            self.word = token
            return False
        word, book, bar = self.word, self.book, self.bar
        self.word, self.book, self.bar = "", False, False
        if token == "(":
            self.addresses = self.addresses or _is_called(word, (ADDRESSING,))
            return _is_called(word, FUNCTIONS)
        if token == "!":
            return book or (bar and bool(word))
        if token == "|":
            self.bar = True
        elif token == "[":
            self.brackets.append((self.at, bool(word) or self.text[start - 1 : start] in ("[", "]")))
        elif token == "]" and self.brackets:
            begun, of_a_table = self.brackets.pop()
            self.book = not of_a_table and start - begun <= 400 and self.text[begun:start].strip() not in ("", "0")
        return False


def _names_a_book(words: str) -> bool:
    """Whether a quoted name of a sheet begins with the number or name of another workbook in brackets."""
    begin = words.find("[")
    end = words.find("]", begin + 1)
    return begin >= 0 and words[begin + 1 : end].strip() not in ("", "0") if end > begin else False


def _is_called(word: str, functions: tuple[str, ...]) -> bool:
    """Whether a name is that of a function, whatever stands before its last parts."""
    upper = word.upper()
    return any(upper.endswith(one) and not upper[: -len(one)][-1:].isalnum() for one in functions)
