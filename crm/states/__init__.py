"""Floor 2: States, their names and regions, and the acts that decide their status under the treaty."""
