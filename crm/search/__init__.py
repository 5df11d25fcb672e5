"""Floor 7: one box that finds what was written, as far as whoever asks may read it.

`rules/` says what a word is, what was asked, what comes first and what is shown of it; `gathering.py` what of each
record can be found; `keeping.py` keeps that in step with the records; `finding.py` asks. `crm/core/fulltext.py` hides
which database answers.
"""
