"""One file for each kind of activity; they are found by walking this package."""

from __future__ import annotations

from crm.activities.types.registry import ACTIVITY_TYPES, ActivityType, activity_type, every_detail

__all__ = ["ACTIVITY_TYPES", "ActivityType", "activity_type", "every_detail"]
