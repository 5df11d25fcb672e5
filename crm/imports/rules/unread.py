"""What of a table is not read, and how that is said."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Unread:
    """What of a table stays behind: `columns`, how many there are where they are more than are read, else 0; `rows`
    that stand out of order.
    """

    columns: int = 0
    rows: int = 0

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return asdict(self)

    def in_words(self, read: int) -> list[str]:
        """A sentence for each, where the first `read` columns are read."""
        found = []
        if self.columns:
            found.append(
                f"This table has {self.columns:,} columns, of which the first {read} were read. What stands further to "
                "the right is not among these lines."
            )
        if self.rows:
            many = self.rows != 1
            found.append(
                f"{f'{self.rows:,} rows of this sheet stand' if many else 'One row of this sheet stands'} out of order "
                f"in the file, and {'were' if many else 'was'} not read. Save the workbook anew and send it again."
            )
        return found
