"""A list that is known by heart: its lines stand in memory in their order, and turning a page asks nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crm.core.lists import COUNTED, Neighbours, Page, same_page


@dataclass(frozen=True)
class ByHeart:
    """Lines in their order, every one with a key of its own. Its cursor is the key of the line before a page; where
    that line is gone, the list begins anew.
    """

    lines: Sequence[Any]
    key_of: Callable[[Any], str]

    def page(self, *, cursor: str | None, size: int) -> Page:
        """The lines that follow the one of the cursor."""
        keys = [self.key_of(one) for one in self.lines]
        start = keys.index(cursor) + 1 if cursor in keys else 0
        page = Page(items=self.lines[start : start + size])
        if start + size < len(keys):
            page.next_cursor = keys[start + size - 1]
            page.next_url = same_page(after=page.next_cursor)
        if start:
            page.prev_url = same_page(after=keys[start - size - 1] if start > size else None)
        page.count_label = f"{len(page.items)} shown" + (", more follow" if page.next_cursor else "")
        return page

    def count(self) -> int:
        """How many lines there are."""
        return min(len(self.lines), COUNTED + 1)

    def every_line(self, told: Callable[[Any], None] | None) -> Iterator[Any]:
        """All of it; its lines are nobody's."""
        for line in self.lines:
            if told:
                told(None)
            yield line

    def first_keys(self, most: int) -> list[str]:
        """The keys of the first lines."""
        return [self.key_of(one) for one in self.lines[:most]]

    def beside(self, key: Any, *, cursor: str | None) -> Neighbours | None:
        """The lines before and after one, and the page that it was opened from."""
        keys = [self.key_of(one) for one in self.lines]
        if key not in keys:
            return None
        at = keys.index(key)
        return Neighbours(
            keys[at - 1] if at else None,
            keys[at + 1] if at + 1 < len(keys) else None,
            cursor if cursor in keys[:at] else None,
        )
