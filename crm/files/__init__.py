"""Floor 1: files kept with their fingerprint, in the database and so in the same transaction and backup."""
