"""Floor 7: the first page. Reads only."""
