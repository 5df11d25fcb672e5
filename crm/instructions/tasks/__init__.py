"""The pages and the JSON door of one task: what a mission reads of its instruction, and tells."""
