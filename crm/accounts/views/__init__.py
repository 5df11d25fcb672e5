"""Pages about one's own account and, for those who keep them, about others."""

from __future__ import annotations

from crm.accounts.views import directory, own
from crm.accounts.views.door import pages

__all__ = ["directory", "own", "pages"]
