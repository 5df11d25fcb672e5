"""Floor 4: offices, who holds them, and since when."""
