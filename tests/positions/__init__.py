"""Obstacles and approaches."""
