"""What a kind of activity declares, and the table of all kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from crm.activities.details import Detail
from crm.core.errors import RuleViolation


@dataclass(frozen=True)
class Asks:
    """That what goes out asks the State for an answer: always, or where `detail` was answered by one of `answers`.

    `wait`: under which word its waiting is counted.
    """

    wait: str
    detail: str = ""
    answers: frozenset[str] = frozenset()

    def of(self, extras: Mapping[str, object]) -> bool:
        """Whether an approach with these answers asks for one."""
        return not self.detail or extras.get(self.detail) in self.answers


@dataclass(frozen=True)
class ActivityType:
    """A kind of activity.

    `order` places it in menus. The labels say, in the words of that kind, whom one met, what came back
    and what the kind is for. `words`: what people write in a table for this kind beside its label, in English, French
    and Spanish, folded, with bars between them. `instructed`: it may begin with an instruction from a capital.
    `several_states`: one such activity may concern several States. `details`: what it asks beyond the common fields.
    `asks`: that a State owes an answer to it, None where that is said of each by itself.
    `replied`: whether the answers to these say that the State replied, once there is a report.
    """

    key: str
    label: str
    icon: str
    order: int
    purpose: str
    words: str
    whom_label: str
    reply_label: str
    instructed: bool = False
    several_states: bool = False
    whom_required: bool = True
    details: tuple[Detail, ...] = ()
    asks: Asks | None = None
    replied: Callable[[Mapping[str, Any]], bool] = lambda answers: True


def _found() -> Mapping[str, ActivityType]:
    """Every `TYPE` in this package by key; two with one key or one word, or one key for two
    questions, stop the start.
    """
    package = __name__.rpartition(".")[0]
    types: dict[str, ActivityType] = {}
    asked: dict[str, Detail] = {}
    meant: dict[str, str] = {}
    for module in iter_modules(import_module(package).__path__):
        if module.name == "registry":
            continue
        declared: ActivityType = import_module(f"{package}.{module.name}").TYPE
        if declared.key in types:
            raise RuntimeError(f"two kinds of activity are called {declared.key}")
        types[declared.key] = declared
        for detail in declared.details:
            if asked.setdefault(detail.key, detail) != detail:
                raise RuntimeError(f"two different questions are called {detail.key}")
        for word in declared.words.split("|"):
            if meant.setdefault(word, declared.key) != declared.key:
                raise RuntimeError(f"“{word}” would mean both {meant[word]} and {declared.key}")
    return MappingProxyType(dict(sorted(types.items(), key=lambda item: item[1].order)))


class _Types(Mapping[str, ActivityType]):
    """The table, filled at the first look: the files of the package import this module themselves."""

    _table: Mapping[str, ActivityType] | None = None

    def _all(self) -> Mapping[str, ActivityType]:
        if self._table is None:
            self._table = _found()
        return self._table

    def __getitem__(self, key: str) -> ActivityType:
        return self._all()[key]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


ACTIVITY_TYPES: Mapping[str, ActivityType] = _Types()


def activity_type(key: str) -> ActivityType:
    """The kind of that key; raises RuleViolation when there is none."""
    try:
        return ACTIVITY_TYPES[key]
    except KeyError:
        raise RuleViolation("kind", "There is no such kind of activity.") from None


def every_detail() -> dict[str, Detail]:
    """Whatever any kind asks beyond the common fields, by key, in the order of the kinds."""
    return {detail.key: detail for kind in ACTIVITY_TYPES.values() for detail in kind.details}
