"""Floor 9: the worker and its jobs: thin bodies around one service call, ids in."""
