"""Whose records somebody reaches: missions and accreditations, restricted States, emergencies.

The tables lie with the accounts, because a viewer is made of them.
"""
