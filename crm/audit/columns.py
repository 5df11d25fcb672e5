"""The columns of the audit."""

from __future__ import annotations

from crm.audit.queries import AuditLine
from crm.core.display import at
from crm.core.listing import Column


def _about(line: AuditLine) -> str:
    """What the record is called, or why it is not told."""
    return line.about or (line.record if line.open else "a record that is not open to you")


def _facts(line: AuditLine) -> str:
    return "; ".join(f"{name}: {value}" for name, value in line.in_words())


def _changes(line: AuditLine) -> str:
    return "; ".join(f"{one[0]}: {one[1]} → {one[2]}" if len(one) == 3 else one[0] for one in line.changes_in_words())


COLUMNS = (
    Column("what", "What", lambda line: line.label, always=True),
    Column("about", "About", _about),
    Column("who", "Who", lambda line: line.who),
    Column("when", "When", lambda line: at(line.at), moment=lambda line: line.at),
    Column("facts", "Particulars", _facts),
    Column("changes", "Changes", _changes),
    Column("place", "Place in the chain", lambda line: line.place, shown=False),
    Column("moment", "Moment (UTC)", lambda line: line.at.isoformat(), shown=False),
    Column("event", "Event", lambda line: line.event, shown=False),
    Column("kind", "Kind of record", lambda line: line.subject_kind, shown=False),
    Column("record", "Key of the record", lambda line: line.subject_id if line.readable else "", shown=False),
)
