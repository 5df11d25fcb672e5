"""Pages about one's own account and, for those who keep them, about others."""

from __future__ import annotations

from crm.accounts.views import by_link, directory, going_on, inviting, own, single_sign_on
from crm.accounts.views.door import pages

__all__ = ["by_link", "directory", "going_on", "inviting", "own", "pages", "single_sign_on"]
