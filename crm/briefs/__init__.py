"""Floor 7: one page about a State for whoever meets it next. Reads only."""
