"""How an import goes: its phases, and what its lines become."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class Phase(StrEnum):
    """How far an import has come."""

    COLUMNS = "columns"
    READING = "reading"
    PREVIEW = "preview"
    TAKING = "taking"
    STOPPED = "stopped"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    REFUSED = "refused"


PHASE_LABELS = {
    Phase.COLUMNS: "Columns to be looked at",
    Phase.READING: "Being read",
    Phase.PREVIEW: "Ready to be taken over",
    Phase.TAKING: "Being taken over",
    Phase.STOPPED: "Stopped",
    Phase.DONE: "Taken over",
    Phase.UNDOING: "Being undone",
    Phase.UNDONE: "Undone",
    Phase.REFUSED: "Cannot be read",
}

AT_WORK = frozenset({Phase.READING, Phase.TAKING, Phase.UNDOING})
"""Phases in which a worker has something to do."""

BEFORE = frozenset({Phase.COLUMNS, Phase.PREVIEW, Phase.REFUSED})
"""Phases in which nothing has been taken over yet, and all can be begun anew or thrown away."""

GONE_ON = "This import has gone on meanwhile. Look at it again."


class Fate(StrEnum):
    """What becomes of a line: it may be taken over, has a problem, is there already, or is no record."""

    READY = "ready"
    PROBLEM = "problem"
    DUPLICATE = "duplicate"
    LEFT_OUT = "left_out"
    TAKEN = "taken"
    FAILED = "failed"
    UNDONE = "undone"


FATE_LABELS = {
    Fate.READY: "Ready",
    Fate.PROBLEM: "To be put right",
    Fate.DUPLICATE: "There already",
    Fate.LEFT_OUT: "No record",
    Fate.TAKEN: "Taken over",
    Fate.FAILED: "Could not be taken over",
    Fate.UNDONE: "Taken back",
}

SENT_BACK = (Fate.PROBLEM, Fate.FAILED)
"""What comes back as a file to be put right."""

KEPT_FOR = timedelta(days=30)
"""So long the lines of a spreadsheet and the file itself are kept."""

LEASE = timedelta(minutes=5)
"""So long a worker may be silent before another takes its place."""
