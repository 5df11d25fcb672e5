"""Days as people write them, read in one way wherever they are written. Pure."""
