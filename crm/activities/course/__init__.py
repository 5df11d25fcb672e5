"""How an approach goes on: planned, instructed, delivered, reported, closed; and how it is set right."""
