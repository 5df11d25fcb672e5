"""Floor 3: parties, users, roles and what each role may do."""
