"""The first look at a spreadsheet, before anything is kept of it: no transaction waits for it."""

from __future__ import annotations

from flask import current_app

import config
from crm.core.errors import RuleViolation
from crm.imports import reading, storing
from crm.imports.bounds import TableUnreadable
from crm.imports.reading import Looked
from crm.imports.storing import SentSheet

_UNPACKED = 16
"""How many times its packed size a workbook may be."""


def limits() -> config.Settings:
    """The settings of this installation, which say how large a spreadsheet may be."""
    found: config.Settings = current_app.extensions["settings"]
    return found


def at(file: SentSheet) -> Looked:
    """Look at a file. Raises RuleViolation for what cannot be read."""
    with storing.on_disk(file.source) as (path, _size, _sha256):
        try:
            return reading.look(path, file.kind, most_unpacked=limits().import_most_bytes * _UNPACKED)
        except TableUnreadable as unreadable:
            raise RuleViolation("file", str(unreadable)) from None
