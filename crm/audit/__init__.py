"""Floor 1: who did what, when; written in the transaction of the change itself."""
