"""What the columns of a spreadsheet may say: of any activity, and what its kind asks beyond that."""

from __future__ import annotations

from collections.abc import Mapping

from crm.activities.types import every_detail
from crm.imports.rules.columns import COMMON, Target, headings_of

DETAILS = {key: one for key, one in every_detail().items() if one.headings}
"""Questions of some kinds that a column may answer, by key."""

TARGETS = (*COMMON, *(Target(key, one.label, one.headings) for key, one in DETAILS.items()))
LABELS: Mapping[str, str] = {one.key: one.label for one in TARGETS}
HEADINGS = headings_of(TARGETS)
