"""How long a State may stay silent: the cadences of a party, what they raise, and how far each silence is."""
