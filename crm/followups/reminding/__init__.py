"""Who is reminded of what when: the wishes of each reader, the planner, the digest, the mail and its buttons."""
