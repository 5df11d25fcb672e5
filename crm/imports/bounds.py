"""How much of a spreadsheet is read, whatever it says of itself."""

from __future__ import annotations

from crm.imports.rules.unread import Unread

MOST_AT_ONCE = 4 * 1024 * 1024
"""Signs of one line, or of what stands before the first one."""

MOST_IN_CELL = 32_767
"""Signs of one cell, as the programs have it."""

MOST_TEXT = 512 * 1024 * 1024
"""Signs in the cells of a whole table: a text that stands in many cells of a workbook is written in it once, and kept
with each of its lines.
"""

WHILE_SOMEBODY_WAITS = 4 * 1024 * 1024
"""So much of a file is looked through within a request, however few of its lines say something."""

HELD_AT_ONCE = 4 * 1024 * 1024
"""Signs of the lines that are held together; fewer lines are, where they are long."""


_FOR_A_LINE = 64
"""A line takes its time however short it is: it counts for so many signs at least."""

TOO_LONG = "A line of this table is longer than can be read. Save the table anew, or as CSV."


class TableUnreadable(ValueError):
    """The file as a whole cannot be read; the message says what to do."""


class Meter:
    """Counts what is read of a table, and what comes to stand in its cells. `over`: there is more than was to be
    read. `unread`: what it passed by.
    """

    def __init__(self, most: int | None = None) -> None:
        self.unread = Unread()
        self.over, self._most, self._total, self._line, self._text = False, most, 0, 0, 0

    def take(self, amount: int) -> None:
        """So much more was read; raises TableUnreadable where one line has no end."""
        self._total += amount
        self._line += amount
        if self._line > MOST_AT_ONCE:
            raise TableUnreadable(TOO_LONG)

    def fill(self, amount: int) -> None:
        """So many signs come to stand in the cells of this line, from wherever they are read; raises TableUnreadable
        where a line, or the table, holds too many.
        """
        self._text += amount
        if self._text > MOST_TEXT:
            raise TableUnreadable(
                "The table holds more text than can be read here. Split it, and send one part after the other."
            )
        self.take(amount)

    def pass_by(self, *, columns: int = 0, rows: int = 0) -> None:
        """Something is said in a column so far to the right that it is not read, or in so many rows that are not."""
        passed = self.unread
        self.unread = Unread(max(passed.columns, columns), passed.rows + rows)

    def goes_on(self) -> bool:
        """A line is through: whether another is to be read."""
        self._line, self._total = 0, self._total + _FOR_A_LINE
        self.over = self._most is not None and self._total > self._most
        return not self.over
