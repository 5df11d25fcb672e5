"""What a word is, what was asked, what comes first and what is shown of it: on values alone."""
