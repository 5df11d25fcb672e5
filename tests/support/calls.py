"""What a function of ours comes to, read from its code: for laws that follow a view down to what it does.

Things are told by what they are, not by how they are called: `doors.run` is that function under whatever name a module
has imported it, and no other `run` is.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

BESIDE = {"CACHE", "EXTENDED_ARG", "PUSH_NULL"}
"""Steps that say nothing of their own."""


def above_the_kernel(function: FunctionType) -> bool:
    """Whether a function is ours and does something of the domain: what the kernel does, it does for everybody."""
    module = function.__module__ or ""
    return module.startswith("crm.") and not module.startswith("crm.core.")


@cache
def named_by(function: FunctionType) -> tuple[Any, ...]:
    """What a function names, as `verb` or as `module.verb`, what stands inside of it included; read once, since every
    view is followed down from anew.
    """
    return tuple(_named(function.__code__, function.__globals__))


def reached(start: Any, within: Callable[[FunctionType], bool] = above_the_kernel) -> set[FunctionType]:
    """The functions that a function may come to, however far down, itself included: those `within` alone, and what
    those name.
    """
    met: set[FunctionType] = set()
    waiting = [start]
    while waiting:
        plain = inspect.unwrap(waiting.pop())
        if isinstance(plain, FunctionType) and plain not in met and within(plain):
            met.add(plain)
            waiting += [one for one in named_by(plain) if callable(one)]
    return met


def _named(code: CodeType, of: dict[str, Any]) -> Iterator[Any]:
    steps = [one for one in dis.get_instructions(code) if one.opname not in BESIDE]
    for place, step in enumerate(steps):
        if step.opname == "LOAD_GLOBAL" and step.argval in of:
            yield from _along(of[step.argval], steps[place + 1 :])
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _named(one, of)


def _along(found: Any, steps: list[dis.Instruction]) -> Iterator[Any]:
    """A thing that is named and, where it is a module, what is named of it."""
    yield found
    for step in steps:
        if type(found) is not ModuleType or step.opname not in ("LOAD_ATTR", "LOAD_METHOD"):
            return
        found = getattr(found, str(step.argval), None)
        yield found
