"""Floor 7: is the house alive and ready. Reads only."""
