"""Floor 4: where a State stands: obstacles and the approaches that answer them."""
