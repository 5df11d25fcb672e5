"""Floor 4: Meetings of States Parties, presidencies and the coordinator, each in office between dates."""
