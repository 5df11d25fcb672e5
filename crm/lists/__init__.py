"""Floor 7: lists as people use them: saved views, files, changes of many rows, the way from one row to the next."""
