"""What somebody has begun to write and not yet saved. A draft is for its writer alone."""
