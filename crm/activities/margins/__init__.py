"""Short talks in the margins of a meeting: many at once, under one header, and one undo for the lot."""
