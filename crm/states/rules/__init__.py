"""Pure rules of a treaty: what the acts of a State mean on a day. No database, no clock."""

from crm.core.text import fold
from crm.states.rules.consistency import Contradiction, contradictions
from crm.states.rules.differences import (
    Change,
    ChangeKind,
    Differences,
    GivenAct,
    caution,
    differences,
    from_record,
    to_record,
)
from crm.states.rules.names import DatedName, NameKind, name_on, parse_former_names, turned
from crm.states.rules.notes import note_in_words
from crm.states.rules.regions import REGION_LABELS, REGION_ORDER, Scheme
from crm.states.rules.status import (
    CONSENTS,
    Act,
    ActKind,
    Basis,
    Standing,
    Status,
    article7_due,
    effective_day,
    entry_into_force,
    standing_on,
    status_on,
    withdrawal_effect,
)
from crm.states.rules.treaty import DayRefused, NotableDay, Treaty, check_day, parse_day, treaty_from

__all__ = [
    "CONSENTS",
    "REGION_LABELS",
    "REGION_ORDER",
    "Act",
    "ActKind",
    "Basis",
    "Change",
    "ChangeKind",
    "Contradiction",
    "DatedName",
    "DayRefused",
    "Differences",
    "GivenAct",
    "NameKind",
    "NotableDay",
    "Scheme",
    "Standing",
    "Status",
    "Treaty",
    "article7_due",
    "caution",
    "check_day",
    "contradictions",
    "differences",
    "effective_day",
    "entry_into_force",
    "fold",
    "from_record",
    "name_on",
    "note_in_words",
    "parse_day",
    "parse_former_names",
    "standing_on",
    "status_on",
    "to_record",
    "treaty_from",
    "turned",
    "withdrawal_effect",
]
