"""Many rows of a list changed at once, each by the verb that changes one, with a way back."""
