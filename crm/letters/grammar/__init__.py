"""How languages join names into sentences: articles, prepositions, dates, numbers."""
