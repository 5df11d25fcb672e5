"""What a backup or a restore may refuse, in the words of the operator."""

from __future__ import annotations


class Refused(Exception):
    """Base of them; the text is a sentence for whoever typed the command."""


class CannotOpen(Refused):
    """The file is no backup, is damaged, or is sealed with something else; the text says which."""


class InUse(Refused):
    """Something of the installation still runs."""
