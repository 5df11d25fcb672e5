"""Floor 5: what happened: démarches, talks, visits, letters, questionnaires."""
