"""The letter's languages: one file each, found by walking this package.

A module here declares `WORDING`, an instance of `crm.letters.language.Wording`. A module without one, or two
languages under one code, stop the start.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import MappingProxyType

from crm.letters.language import Wording


@cache
def languages() -> MappingProxyType[str, Wording]:
    """Every language a letter can be written in, by its code, in alphabetical order of the codes."""
    found: dict[str, Wording] = {}
    for module in pkgutil.iter_modules(__path__):
        wording = getattr(import_module(f"{__name__}.{module.name}"), "WORDING", None)
        if not isinstance(wording, Wording):
            raise TypeError(f"{__name__}.{module.name} declares no WORDING")
        if wording.code in found:
            raise ValueError(f"two letter languages claim the code {wording.code!r}")
        found[wording.code] = wording
    return MappingProxyType(dict(sorted(found.items())))


def wording(code: str) -> Wording:
    """The language of this code; raises KeyError for a language letters are not written in."""
    return languages()[code]
