"""Verbs, one file for each subject."""
