"""The audit: what is written down, in which order, and that nobody can change it unseen."""
