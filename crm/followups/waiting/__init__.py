"""What waits for an answer of a State: letters, questionnaires, démarches and promises, and how old each has become."""
