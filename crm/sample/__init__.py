"""Floor 8: the sample campaign, and taking it away again."""
