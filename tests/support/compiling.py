"""Hundreds of addresses are compiled for every application that a test makes, each time to the same functions.

Werkzeug writes and compiles two functions for each rule. They reach converters through the rule that they are
bound to and depend on nothing but its text and defaults: one compilation serves the whole run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_compile: Callable[..., Any] = Rule._compile_builder
_known: dict[tuple[str, str, str, str, bool], Callable[..., tuple[str, str]]] = {}


def _remembered(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    key = (self.rule, str(self.subdomain), repr(self._trace), repr(self.defaults), append_unknown)
    if key not in _known:
        _known[key] = _compile(self, append_unknown)
    return _known[key]


def compile_once() -> None:
    """From here on."""
    Rule._compile_builder = _remembered  # type: ignore[method-assign]
