"""Floor 7: what somebody, or their party, keeps on top of the timeline of a State."""
