"""Floor 6: who owes what to whom by when, and the reminders."""
