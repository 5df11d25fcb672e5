"""Documents and pictures kept with an activity."""
