"""Verbs: load the reference data; bring in a list of acts, commit it, undo it."""

from crm.states.service.importing import commit_import, preview_import, undo_import
from crm.states.service.loading import load_reference

__all__ = ["commit_import", "load_reference", "preview_import", "undo_import"]
