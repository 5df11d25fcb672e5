"""Floor 0: database, clock, access, jobs, errors, forms, lists and the web edge. Knows no domain."""
