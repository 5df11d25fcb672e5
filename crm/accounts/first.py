"""How the first account comes to be, in words for whoever has none yet."""

from __future__ import annotations

HOW_TO_OPEN = (
    ".venv/bin/flask --app wsgi accounts open --email you@example.org"
    ' --name "Your Name" --party "Your Ministry" --role administrator'
)
"""The command for the first account, to be filled in; it asks for the password."""
