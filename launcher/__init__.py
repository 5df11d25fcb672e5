"""Set-up and start of the house: what `run.py` does, one subject per file.

Standard library only, because it runs before the project's own environment exists. Nothing of the
application is imported here; the tests import this package for their own servers.
"""
