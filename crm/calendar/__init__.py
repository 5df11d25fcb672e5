"""Floor 7: what is due, in the calendar program of the person who owes it."""
